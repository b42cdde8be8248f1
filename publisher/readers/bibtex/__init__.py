"""BibTeX: entries, the names and the LaTeX in them, and the Records that they become."""

from publisher.readers.bibtex.entries import content, read, recognises

__all__ = ["content", "read", "recognises"]
