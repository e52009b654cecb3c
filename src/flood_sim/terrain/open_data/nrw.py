"""North Rhine-Westphalia: DGM1 tiles of Geobasis NRW, buildings and land use from its ALKIS service.

Formats as seen in public code that uses them (index.json, names of tiles, the
collections and their attributes); never called from where this was written.
"""

from __future__ import annotations

import re
from typing import Any

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data.address import checked_base
from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.provider import Collection, Index, Licence, Provider, Role, Source, Tile
from flood_sim.terrain.open_data.web import Web

TILES = "https://www.opengeodata.nrw.de"
ALKIS = "https://ogc-api.nrw.de"
DGM1_PATH = "/produkte/geobasis/hm/dgm1_tiff/dgm1_tiff/"
ALKIS_PATH = "/lika/v1"
CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/25832"
PUBLISHER = "Bezirksregierung Köln, Geobasis NRW"
DGM1_TITLE = "Digitales Geländemodell DGM1 (1 m)"
ALKIS_TITLE = "ALKIS, Liegenschaftskataster vereinfacht: Gebäude/Bauwerke und tatsächliche Nutzung"
MOST_INDEX_BYTES = 64 << 20
_NAME = re.compile(r"dgm1_32_(\d{3})_(\d{4})_1_nw_(\d{4})\.tif")
_DATASET_FACTS = ("name", "title", "description", "timestamp", "date", "licence", "license")

ZERO = Licence(
    id="dl-de/zero-2-0",
    title="Datenlizenz Deutschland – Zero – Version 2.0",
    url="https://www.govdata.de/dl-de/zero-2-0",
    text=(
        "Es gelten die durch den IT-Planungsrat im Datenportal für Deutschland (GovData) veröffentlichten einheitlichen "
        "Lizenzbedingungen „Datenlizenz Deutschland – Zero“ (https://www.govdata.de/dl-de/zero-2-0). "
        "Jede Nutzung ist ohne Einschränkungen oder Bedingungen zulässig."
    ),
    seen="wording of Geobasis NRW in the capabilities of its map services, read in public copies; check it at the source",
)


class NRW(Provider):
    """DGM1 (1 m, DHHN2016) and ALKIS of North Rhine-Westphalia in EPSG:25832.

    base_url: a mirror that keeps the paths of both hosts; else the state's own
    two hosts. cell_m: what the tiles must have.
    """

    key = "nrw"
    name = "Nordrhein-Westfalen"
    crs = "EPSG:25832"
    height_system = "DHHN2016 (m ü. NHN)"
    terrain_source = "dgm1"
    typical_tile_bytes = 2_200_000
    """78.8 GB in 35,860 tiles, as a public download script reports of the state's index; not measured here."""

    page = 1000
    """Features a page."""

    def __init__(self, base_url: str | None = None, *, cell_m: float = 1.0) -> None:
        self.cell_m = cell_m
        base = None if base_url is None else checked_base(base_url)
        self.tiles_url = (base or TILES) + DGM1_PATH
        self.alkis_url = (base or ALKIS) + ALKIS_PATH
        self.sources = (
            Source("dgm1", DGM1_TITLE, PUBLISHER, self.tiles_url, ZERO, "Geobasis NRW, DGM1, dl-de/zero-2-0"),
            Source("alkis", ALKIS_TITLE, PUBLISHER, self.alkis_url, ZERO, "Geobasis NRW, ALKIS, dl-de/zero-2-0"),
        )
        layers: tuple[tuple[Role, str], ...] = (("buildings", "gebaeude_bauwerk"), ("land_use", "nutzung"))
        self.collections = tuple(
            Collection(role, f"{self.alkis_url}/collections/{name}", "alkis", CRS_URI, self.page)
            for role, name in layers
        )

    def index(self, web: Web, bbox: Bbox) -> Index:
        url = self.tiles_url + "index.json"
        data = web.json(url, MOST_INDEX_BYTES).data
        found = data.get("datasets") if isinstance(data, dict) else None
        sets: list[dict[str, Any]] = [s for s in found if isinstance(s, dict)] if isinstance(found, list) else []
        tiles = [t for s in sets for entry in _list(s.get("files")) if (t := self._tile(entry)) is not None]
        if not tiles:
            raise FetchError(
                "the index of the tiles has another layout than datasets[].files[].name, or names no DGM1 tile", where=url,
                allowed="names like dgm1_32_373_5678_1_nw_2023.tif", hint="Was the format changed? Please report it",
            )  # fmt: skip
        facts = {k: v for k in _DATASET_FACTS if isinstance(v := sets[0].get(k), str | int | float)}
        return Index(tuple(tiles), url, facts)

    def place_name(self, west: float, south: float) -> str:
        return f"dgm1_32_{west / 1000:.0f}_{south / 1000:.0f}"

    def _tile(self, entry: Any) -> Tile | None:
        """One entry of the index; None for what is no tile (a ZIP of metadata, an index sheet)."""
        name = entry.get("name") if isinstance(entry, dict) else None
        match = _NAME.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            return None
        east, north, year = (int(g) for g in match.groups())
        size, dated = str(entry.get("size", "")), entry.get("timestamp")
        return Tile(
            name=match.group(), west=east * 1000.0, south=north * 1000.0, url=self.tiles_url + match.group(), year=year,
            bytes=int(size) if re.fullmatch(r"\d{1,12}", size) else None, dated=str(dated)[:40] if dated else None,
        )  # fmt: skip


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
