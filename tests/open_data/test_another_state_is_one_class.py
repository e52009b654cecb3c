"""A state with another layout needs one class: names, CRS, licence and how its list of tiles is read.

The invented one below (also in docs/open-data.md) lists tiles of 2 km as JSON, in
zone 33, as ESRI ASCII grids, and has no service of features. Truth: the formula
of the tiles at the centres of the cells, as for NRW.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data import Bbox, Index, Licence, Provider, Source, Tile, Web, fetch

# docs: begin
CC0 = Licence(
    "cc0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "No rights reserved.", "invented"
)


class Elsewhere(Provider):
    """Tiles of 2 km with cells of 20 m, listed as [[east_km, north_km, year], ...]."""

    key, name = "elsewhere", "Anderswo (erfunden)"
    crs, height_system = "EPSG:25833", "invented"
    cell_m, tile_m = 20.0, 2000.0
    terrain_source = "dgm20"

    def __init__(self, url: str) -> None:
        self.url = url
        self.sources = (Source("dgm20", "DGM20", "Amt von Anderswo", url, CC0, "Amt von Anderswo, DGM20, CC0"),)

    def index(self, web: Web, bbox: Bbox) -> Index:
        listed = web.json(f"{self.url}/list.json", most_bytes=1 << 20).data
        return Index(tuple(self.tile(*entry) for entry in listed), f"{self.url}/list.json")

    def tile(self, east_km: int, north_km: int, year: int) -> Tile:
        name = f"dgm20_{east_km}-{north_km}_{year}.asc"
        return Tile(name, east_km * 1000.0, north_km * 1000.0, f"{self.url}/{name}", year)


# docs: end


def ground(x, y):
    return np.float32(40) + ((np.asarray(x) - 380_000) / 20 + (np.asarray(y) - 5_800_000) / 7).astype(np.float32)


def ascii_tile(east_km, north_km):
    centres = (np.arange(100) + 0.5) * 20
    z = ground(*np.meshgrid(east_km * 1000 + centres, (north_km + 2) * 1000 - centres))
    head = f"ncols 100\nnrows 100\nxllcorner {east_km}000\nyllcorner {north_km}000\ncellsize 20\nnodata_value -9999\n"
    return (head + "\n".join(" ".join(repr(float(v)) for v in row) for row in z)).encode()


@pytest.fixture
def elsewhere(server):
    tiles = {(380, 5800): 2019, (382, 5800): 2020}
    server.extra = {f"/dgm20_{e}-{n}_{y}.asc": ascii_tile(e, n) for (e, n), y in tiles.items()}
    server.extra["/list.json"] = ("[" + ",".join(f"[{e},{n},{y}]" for (e, n), y in tiles.items()) + "]").encode()
    return Elsewhere(server.url)


def test_its_terrain_is_fetched_and_joined(elsewhere, tmp_path, read):
    fetched = fetch(elsewhere, (381_500, 5_800_100, 382_500, 5_801_100), tmp_path / "city", cache=tmp_path / "cache")
    z, place, crs, _ = read(fetched.dem)
    cols, rows = np.meshgrid(np.arange(50) + 0.5, np.arange(50) + 0.5)
    assert crs.to_epsg() == 25833 and (place.c, place.f, place.a) == (381_500, 5_801_100, 20)
    assert np.array_equal(z.data, ground(place.c + 20 * cols, place.f - 20 * rows)) and not z.mask.any()
    assert fetched.buildings is None and fetched.manifest["years"] == {"2019": 1, "2020": 1}
    assert fetched.manifest["sources"][0]["licence"]["id"] == "cc0-1.0"
    assert (tmp_path / "cache" / "open_data" / "elsewhere" / "dgm20" / "dgm20_380-5800_2019.asc").is_file()


def test_its_gaps_have_a_name(elsewhere, tmp_path):
    with pytest.raises(FetchError, match="no terrain for 1 square of the area: E 384000 N 5800000"):
        fetch(elsewhere, (383_000, 5_800_100, 384_500, 5_801_100), tmp_path / "x", cache=tmp_path / "c", strict=True)


def test_the_documentation_shows_this_class(root):
    def marked(text, begin, end):
        return re.search(f"{begin}\n(.*?){end}", text, re.DOTALL)[1].strip()

    here = marked(Path(__file__).read_text(encoding="utf-8"), "# docs: begin", "# docs: end")
    page = (root / "docs" / "open-data.md").read_text(encoding="utf-8")
    shown = [marked(block, "python", "```") for block in re.findall(r"```python\n.*?```", page, re.DOTALL)]
    assert here in shown
