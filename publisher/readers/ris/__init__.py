"""RIS: entries, and the Records that they become."""

from publisher.readers.ris.entries import content, read, recognises

__all__ = ["content", "read", "recognises"]
