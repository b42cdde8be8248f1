"""A site of generated records, for benchmarks that serve one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def publish(site: Path, count: int) -> None:
    """Publishes generated records in the folder `site`, unless they are there from an earlier run."""
    from publisher import pipeline
    from publisher.settings import Settings

    if not (site / "catalog.sqlite").is_file():
        pages = site.parent / f"{site.name}-pages"
        generator = Path(__file__).with_name("generate.py")
        subprocess.run([sys.executable, generator, str(count), "--out", pages], check=True, stderr=subprocess.DEVNULL)
        pipeline.load(Settings(DATA_DIR=site), [pages])
        shutil.rmtree(pages)
