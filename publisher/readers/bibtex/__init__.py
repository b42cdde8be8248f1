"""BibTeX: entries, the names and the LaTeX in them, and the Records that they become."""

from publisher.readers.bibtex.entries import read, recognises

__all__ = ["read", "recognises"]
