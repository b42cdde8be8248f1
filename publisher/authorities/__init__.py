"""Authorities: what is said of our headings in tables and vocabularies of other libraries, once somebody accepts it."""
