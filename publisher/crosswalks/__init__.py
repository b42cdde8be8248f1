"""Crosswalks: what a resource's description says, in the formats of other libraries; one module a format.

Each `write(version)` gives one XML element with its namespaces, UTF-8, without a declaration: it is a document by
itself and fits into an answer of OAI-PMH.
"""
