"""Full-text search: one tantivy index a release, with a field for each field of the search form."""

from __future__ import annotations

from publisher.search.fields import FACETS, FIELDS, values
from publisher.search.index import MOST, Hits, Index
from publisher.search.question import Question
from publisher.search.writer import IndexWriter

__all__ = ["FACETS", "FIELDS", "MOST", "Hits", "Index", "IndexWriter", "Question", "values"]
