"""RIS: entries, and the Records that they become."""

from publisher.readers.ris.entries import read, recognises

__all__ = ["read", "recognises"]
