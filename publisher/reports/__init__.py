"""What the validation says, as the catalog keeps it: a report on each record of which something is to be said.

`report` is append-only but for `until`, the first release that does not hold a row any more: so every release has its
reports and its quarantine. A row with `refused` is a record in quarantine, which is never published by being there; the
older version of it that is published stands, with its own row. `finding` says which open rows break a rule, and
`measurement` how many did in each release; its rows without a rule count each record once, by its gravest finding.
"""

from __future__ import annotations

from publisher.reports.graphs import changed, graph, graphs, replaced
from publisher.reports.keeper import Keeper, pack_findings
from publisher.reports.kept import Kept, Measurement, breaking, measurements, of_record, quarantine
from publisher.reports.unread import Place, Unread, count_unread, unread

__all__ = [
    "Keeper",
    "Kept",
    "Measurement",
    "Place",
    "Unread",
    "breaking",
    "changed",
    "count_unread",
    "graph",
    "graphs",
    "measurements",
    "of_record",
    "pack_findings",
    "quarantine",
    "replaced",
    "unread",
]
