"""MARC 21, in its exchange format and as XML: fields, and the rules by which they become a Record."""
