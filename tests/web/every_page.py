"""A page of every kind that the samples have, for those who look at all of them."""

QUERY = "/sparql?format=html&query="
PAGES = [
    "/",
    "/search?q=probation",
    "/search?q=probaton",
    "/search?title=zzzz",
    "/search?size=5",
    "/browse",
    "/browse/keywords",
    "/browse/years",
    "/doc/resource/123404",
    "/doc/resource/123404/source",
    "/doc/resource/123404/validation",
    "/doc/agent/great-britain",
    "/doc/concept/probation",
    "/doc/place/united-kingdom",
    "/doc/series/prison-studies-working-paper",
    "/dataset",
    "/sparql",
    "/sparql/examples",
    "/sparql/examples/words",
    f"{QUERY}SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%2030",
    f"{QUERY}DESCRIBE%20%3Chttps%3A%2F%2Flib.example%2Fid%2Fresource%2F123404%3E",
    "/ontology",
    "/shapes",
    "/validation",
    "/validation/quarantine",
    "/changes",
    "/dump/",
]
BROKEN = ["/nothing", f"{QUERY}SELECT%20%7B", "/doc/resource/none"]  # answered by an error
