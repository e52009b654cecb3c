"""What a fetch would do: which tiles, which of them are here already, how much has to come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.cache import Kept, TileCache
from flood_sim.terrain.open_data.provider import Index, Provider, Tile
from flood_sim.terrain.open_data.web import Web

MOST_TILES = 500
"""A whole city (Wuppertal with its surroundings: 396 squares); more is asked for on purpose only."""


@dataclass(frozen=True)
class Progress:
    """Where a fetch stands: `done` of `total` (None: not known) in `unit`, in this phase."""

    phase: str
    done: float
    total: float | None
    unit: str


@dataclass(frozen=True)
class Plan:
    """What a fetch will do.

    tiles: those that make up the area, from north to south. kept: the ones that
    lie in the cache and are good, by name. missing: names of squares of which
    there is no tile. bytes: still to be downloaded, as the index says or
    estimated; buildings and land use come on top. notes: what the user should know.
    """

    provider: Provider
    bbox: Bbox
    index: Index
    tiles: tuple[Tile, ...]
    kept: dict[str, Kept]
    missing: tuple[str, ...]
    bytes: int
    notes: tuple[str, ...]

    @property
    def to_fetch(self) -> list[Tile]:
        return [t for t in self.tiles if t.name not in self.kept]

    @property
    def cells(self) -> int:
        """Cells of the DEM."""
        cell, b = self.provider.cell_m, self.bbox
        return math.ceil((b.east - b.west) / cell) * math.ceil((b.north - b.south) / cell)

    @property
    def years(self) -> dict[str, int]:
        """How many tiles are of which year."""
        return dict(sorted(Counter(str(t.year) for t in self.tiles).items()))

    def summary(self) -> str:
        """One line before it starts."""
        number = f"{len(self.tiles)} tiles" if len(self.tiles) != 1 else "1 tile"
        years = ", ".join(f"{y}: {n}" for y, n in self.years.items() if y != "None")
        return (
            f"{number} of {self.provider.name}{f' (year {years})' if years else ''}, {len(self.kept)} of them in the cache; "
            f"about {self.bytes / 1e6:,.0f} MB of terrain to download; the DEM will have {self.cells / 1e6:,.2f} million cells"
        )


def plan(
    provider: Provider, bbox: Bbox, cache: TileCache, web: Web, *, max_tiles: int = MOST_TILES, strict: bool = False,
    told: Callable[[Progress], None] = lambda _: None,
) -> Plan:  # fmt: skip
    """Read the index and look into the cache; FetchError where the area is too large, outside, or (`strict`) not covered."""
    width, height = (bbox.east - bbox.west) / provider.tile_m, (bbox.north - bbox.south) / provider.tile_m
    if width * height > max_tiles or len(squares := bbox.squares(provider.tile_m)) > max_tiles:
        raise FetchError(
            f"the area is too large: {bbox.east - bbox.west:,.0f} m x {bbox.north - bbox.south:,.0f} m "
            f"need about {math.ceil(width) * math.ceil(height):,} tiles", where="bbox", allowed=f"{max_tiles:,} tiles",
            hint="Take a part of it, or raise the limit (--max-tiles)",
        )  # fmt: skip
    told(Progress("index", 0, None, "tiles"))
    index = provider.index(web, bbox)
    newest = _newest(index)
    notes: list[str] = []
    tiles = tuple(newest[s] for s in squares if s in newest)
    missing = tuple(provider.place_name(*s) for s in squares if s not in newest)
    if not tiles:
        raise FetchError(
            f"there is no tile of {provider.name} in this area",
            where="bbox",
            value=str(bbox),
            allowed=_extent(index, provider),
        )
    if missing:
        notes.append(no_tiles(missing))
        if strict:
            raise FetchError(
                notes[-1], where="bbox", hint="Take an area inside, or leave --strict away: they become no data"
            )
    kept: dict[str, Kept] = {}
    held = cache.held()
    for number, tile in enumerate(tiles):
        told(Progress("cache", number, len(tiles), "tiles"))
        good, why = cache.look_up(tile)
        others = [n for n in held.get((tile.west, tile.south), ()) if n != tile.name]
        if good is not None:
            kept[tile.name] = good
        elif why is not None:
            notes.append(why)
        elif others:
            notes.append(f"{tile.name}: new in the index, the cache held {', '.join(others)}; the new one is fetched")
    coming = sum(t.bytes or provider.typical_tile_bytes for t in tiles if t.name not in kept)
    return Plan(provider, bbox, index, tiles, kept, missing, coming, tuple(notes))


def no_tiles(names: tuple[str, ...] | list[str]) -> str:
    """A sentence that lists the squares without terrain."""
    number = f"{len(names)} squares" if len(names) != 1 else "1 square"
    return f"no terrain for {number} of the area: {', '.join(names)}"


def cache_folder(cache: Path, provider: Provider) -> Path:
    return cache / "open_data" / provider.key / provider.terrain_source


def _newest(index: Index) -> dict[tuple[float, float], Tile]:
    """One tile per square: of several years the newest."""
    found: dict[tuple[float, float], Tile] = {}
    for tile in index.tiles:
        square = tile.west, tile.south
        before = found.get(square)
        if before is None or (before.year or 0, before.name) < (tile.year or 0, tile.name):
            found[square] = tile
    return found


def _extent(index: Index, provider: Provider) -> str:
    west, south = min(t.west for t in index.tiles), min(t.south for t in index.tiles)
    east, north = (
        max(t.west for t in index.tiles) + provider.tile_m,
        max(t.south for t in index.tiles) + provider.tile_m,
    )
    return f"inside E {west:.0f} to {east:.0f}, N {south:.0f} to {north:.0f} ({provider.crs})"
