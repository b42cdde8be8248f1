"""What the endpoint says of itself (SPARQL 1.1 Service Description), its limits in our own terms included."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from publisher.addresses import DATASET, Addresses
from publisher.namespaces import RDF, RDFS, XSD, Vocabulary
from publisher.query.limits import Limits
from publisher.query.matches import MATCHES

SD = Vocabulary("sd")
VOID = Vocabulary("void")
# https://www.w3.org/ns/formats/
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPHS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
# What Oxigraph has beyond SPARQL 1.1 under names of its own: functions on geometries (OGC GeoSPARQL 1.1, 8 and 9)
_GEOMETRY = "http://www.opengis.net/def/function/geosparql/"
_FUNCTIONS = """
area asGeoJSON centroid convexHull coordinateDimension difference dimension distance ehContains ehCoveredBy ehCovers
ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope getSRID intersection isEmpty isSimple length perimeter rcc8dc
rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses sfDisjoint sfEquals sfIntersects
sfOverlaps sfTouches sfWithin spatialDimension symDifference union
"""
FUNCTIONS = tuple(_GEOMETRY + name for name in _FUNCTIONS.split())
_NO_ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"


def describe(limits: Limits, addresses: Addresses, *, embedded: bool = True) -> list[Triple]:
    """The description, about `/sparql#service`. Of a store that is not `embedded` we know neither the functions nor the
    default graph."""
    terms = f"{addresses.ontology}#"
    service = NamedNode(f"{addresses.sparql}#service")
    dataset, graph = BlankNode("dataset"), BlankNode("default-graph")
    features = [SD.UnionDefaultGraph] if embedded else []
    features += [SD.BasicFederatedQuery] if limits.service_targets else []
    triples = [
        Triple(service, NamedNode(RDF.type), NamedNode(SD.Service)),
        Triple(service, NamedNode(SD.endpoint), NamedNode(addresses.sparql)),
        Triple(service, NamedNode(SD.supportedLanguage), NamedNode(SD.SPARQL10Query)),
        Triple(service, NamedNode(SD.supportedLanguage), NamedNode(SD.SPARQL11Query)),
        Triple(service, NamedNode(SD.propertyFeature), NamedNode(terms + MATCHES)),
        Triple(NamedNode(terms + MATCHES), NamedNode(RDF.type), NamedNode(SD.Feature)),
        Triple(service, NamedNode(SD.defaultEntailmentRegime), NamedNode(_NO_ENTAILMENT)),
        Triple(service, NamedNode(RDFS.seeAlso), NamedNode(addresses.document(*DATASET))),
        Triple(service, NamedNode(SD.defaultDataset), dataset),
        Triple(dataset, NamedNode(RDF.type), NamedNode(SD.Dataset)),
        Triple(dataset, NamedNode(RDF.type), NamedNode(VOID.Dataset)),
        Triple(dataset, NamedNode(VOID.sparqlEndpoint), NamedNode(addresses.sparql)),
        Triple(dataset, NamedNode(RDFS.seeAlso), NamedNode(addresses.document(*DATASET))),
        Triple(dataset, NamedNode(RDFS.seeAlso), NamedNode(addresses.iri("/.well-known/void"))),
        Triple(dataset, NamedNode(SD.defaultGraph), graph),
        Triple(graph, NamedNode(RDF.type), NamedNode(SD.Graph)),
    ]
    triples += [Triple(service, NamedNode(SD.feature), NamedNode(feature)) for feature in features]
    triples += [
        Triple(service, NamedNode(SD.resultFormat), NamedNode(_FORMATS + name)) for name in (*_RESULTS, *_GRAPHS)
    ]
    for function in FUNCTIONS if embedded else ():
        triples.append(Triple(service, NamedNode(SD.extensionFunction), NamedNode(function)))
        triples.append(Triple(NamedNode(function), NamedNode(RDF.type), NamedNode(SD.Function)))
    for name, (_, number) in told(limits).items():
        datatype = XSD.integer if isinstance(number, int) else XSD.decimal
        value = Literal(f"{number:g}" if isinstance(number, float) else str(number), datatype=NamedNode(datatype))
        triples.append(Triple(service, NamedNode(terms + name), value))
    for target in limits.service_targets:
        triples.append(Triple(service, NamedNode(f"{terms}serviceTarget"), NamedNode(target)))
    return triples


def told(limits: Limits) -> dict[str, tuple[str, float | int]]:
    """The limits that clients are told: name among our terms -> short name for the header, and the number."""
    return {
        "queryTimeout": ("timeout", limits.timeout),
        "maxRows": ("rows", limits.max_rows),
        "maxBytes": ("bytes", limits.max_bytes),
        "maxMemory": ("memory", limits.memory),
        "maxQueryLength": ("length", limits.max_length),
        "maxNesting": ("depth", limits.max_depth),
        "maxMatches": ("matches", limits.max_matches),
        "concurrentQueries": ("concurrent", limits.workers),
        "waitingQueries": ("waiting", limits.queue),
    }
