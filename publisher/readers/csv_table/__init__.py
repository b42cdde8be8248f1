"""Tables: columns, rows and layout, and the Records that rows become."""

from publisher.readers.csv_table.table import content, read, recognises

__all__ = ["content", "read", "recognises"]
