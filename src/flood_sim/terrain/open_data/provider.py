"""What a state (or a country) has to say of its open data, so that it can be fetched.

A provider is one class: it names itself, its CRS, its tiles and its layers of
features. Everything else (downloading, resuming, checking, mosaicking, paging,
the manifest) is the same for all and knows no state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.web import Web

Role = Literal["buildings", "land_use"]


@dataclass(frozen=True)
class Licence:
    """Terms under which data may be used; `text` as the provider words it, `seen` where that was read."""

    id: str
    title: str
    url: str
    text: str
    seen: str


@dataclass(frozen=True)
class Source:
    """A data set: who publishes it, where, and under which licence. `attribution` is what to print beside a map."""

    key: str
    title: str
    publisher: str
    url: str
    licence: Licence
    attribution: str


@dataclass(frozen=True)
class Tile:
    """One file of the terrain: its south-west corner (m), year and address.

    `name` is the file's name, year included, and the name in the cache. `bytes`
    and `dated` are what the index says of the file, None where it says nothing.
    """

    name: str
    west: float
    south: float
    url: str
    year: int | None = None
    bytes: int | None = None
    dated: str | None = None


@dataclass(frozen=True)
class Index:
    """All tiles that there are, the address that told so, and what else it told (title, date, licence ...)."""

    tiles: tuple[Tile, ...]
    url: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """A layer of an OGC API - Features service: `url` is that of the collection, without /items."""

    role: Role
    url: str
    source: str
    crs_uri: str
    page: int = 1000


class Provider(ABC):
    """One state's open data. See docs/open-data.md for a complete example.

    key: name on the command line and of its folder in the cache. crs: of tiles
    and features, projected, in metres. cell_m, tile_m: edges of a cell and of a
    tile; tiles lie on whole multiples of tile_m. typical_tile_bytes: for the
    estimate, where the index tells no sizes. most_tile_bytes: no tile is larger.
    sources: every data set that may be fetched, with its licence. terrain_source:
    key of that of the tiles. collections: layers of buildings and land use.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    crs: ClassVar[str]
    height_system: ClassVar[str]
    terrain_source: ClassVar[str]
    sources: tuple[Source, ...]
    collections: tuple[Collection, ...] = ()
    cell_m: float = 1.0
    tile_m: float = 1000.0
    typical_tile_bytes: int = 4_000_000
    most_tile_bytes: int = 64 << 20

    @abstractmethod
    def index(self, web: Web, bbox: Bbox) -> Index:
        """The tiles that there are, at least those that meet `bbox`. FetchError where the server does not tell."""

    def place_name(self, west: float, south: float) -> str:
        """How the square at this south-west corner is called where there is no tile of it."""
        return f"E {west:.0f} N {south:.0f}"

    def source(self, key: str) -> Source:
        return next(s for s in self.sources if s.key == key)
