"""Syntaxes: Turtle, TriG and JSON-LD written from canonical N-Triples lines, some ten times as fast as by way of RDF
objects, which is what lets every description be kept ready. Tests prove them against rdflib, pyoxigraph and PyLD."""
