"""What the tests of the crosswalks share: the records of the samples in each format, and the schemas of others."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from lxml import etree

from publisher.catalog import Catalog
from publisher.mapping import Mapping
from publisher.settings import Settings
from publisher.view import Version, of_entry

SCHEMAS = ROOT.parent / "shared" / "data" / "schemas"


class _Local(etree.Resolver):
    """Finds what a schema includes beside it, and fetches nothing."""

    def __init__(self, *folders: Path) -> None:
        super().__init__()
        self.folders = folders

    def resolve(self, url: str, public_id: str, context: Any) -> Any:
        name = url.rpartition("/")[2]
        found = next((folder / name for folder in self.folders if (folder / name).is_file()), None)
        return None if found is None else self.resolve_filename(str(found), context)


@cache
def schema(path: Path, *folders: Path) -> Any:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Local(path.parent, *folders))
    return etree.XMLSchema(etree.parse(path, parser))


def oai_dc_schema() -> Any:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas are not here")
    return schema(SCHEMAS / "oai_dc.xsd")


def mods_schema() -> Any:
    """MODS 3.4 as eulxml brings it; what is newer is not used."""
    try:
        files = importlib.metadata.distribution("eulxml")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("eulxml, which has the schema of MODS, is not installed")
    if not (SCHEMAS / "xml.xsd").is_file():
        pytest.skip("the schema of xml:lang, which that of MODS takes in, is not here")
    folder = Path(str(files.locate_file("eulxml/schema_data")))
    return schema(folder / "mods-3-4.xsd", SCHEMAS)


def versions(settings: Settings) -> list[Version]:
    """The resources that are published."""
    catalog, mapping = Catalog(settings.DATA_DIR), Mapping(settings)
    return [of_entry(mapping, catalog, entry) for entry in catalog.entries("resource")]


def written(settings: Settings, write: Callable[[Version], bytes]) -> dict[str, Any]:
    """The resources in a format, by key."""
    return {version.key: etree.fromstring(write(version)) for version in versions(settings)}
