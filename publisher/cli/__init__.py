"""The commands: each reads its arguments, makes one call into the core, and shows the answer; a module for each kind.

Exit status: 0 fine, 1 some records were refused (or a comparison failed), 2 wrong use or settings.
"""

from publisher.cli import authorities, operation, queries, records
from publisher.cli.program import main

__all__ = ["authorities", "main", "operation", "queries", "records"]
