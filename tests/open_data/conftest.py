"""A local HTTP server that speaks the documented formats of Geobasis NRW, and misbehaves when told to.

The truth is a formula: the height at the centre of every cell is `height(x, y)`,
so that a shift of half a cell shows in every cell.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import rasterio

from flood_sim.terrain.open_data import NRW, Patience, fetch

TILES = "/produkte/geobasis/hm/dgm1_tiff/dgm1_tiff/"
ALKIS = "/lika/v1/collections/"
EPSG_25832 = "http://www.opengis.net/def/crs/EPSG/0/25832"
QUICK = Patience(connect_s=2, read_s=2, tries=3, backoff_s=0.01, longest_wait_s=5)
HTML = b"<!DOCTYPE html><html><body>Wartungsarbeiten</body></html>"


def height(x, y):
    """Any smooth ground with a slope that differs from cell to cell; float32, as the tiles are."""
    x, y = np.asarray(x) - 372_000, np.asarray(y) - 5_678_000
    return (150 + 0.031 * x + 0.017 * y + 3 * np.sin(x / 37) * np.cos(y / 53)).astype(np.float32)


def tile_name(east, north, year):
    return f"dgm1_32_{east}_{north}_1_nw_{year}.tif"


def tile_bytes(east, north, *, cell=10.0, crs="EPSG:25832", shift=0.0, empty=None, add=0.0):
    """A tile of 1 km as GeoTIFF. shift: of the lattice (m); empty: slices without a height; add: to every height."""
    size = round(1000 / cell)
    west, top = east * 1000 + shift, (north + 1) * 1000 + shift
    centres = (np.arange(size) + 0.5) * cell
    z = height(*np.meshgrid(west + centres, top - centres)) + np.float32(add)
    if empty is not None:
        z[empty] = -9999
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", height=size, width=size, count=1, dtype="float32", nodata=-9999, crs=crs,
            transform=rasterio.Affine(cell, 0, west, 0, -cell, top), compress="DEFLATE", predictor=3,
        ) as file:  # fmt: skip
            file.write(z, 1)
        return bytes(memory.getbuffer())


def square(west, south, size=8.0):
    """A house, or any square, as GeoJSON geometry."""
    ring = ((0, 0), (size, 0), (size, size), (0, size), (0, 0))
    return {"type": "Polygon", "coordinates": [[[west + x, south + y] for x, y in ring]]}


def feature(key, geometry, **properties):
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def meets(feature, west, south, east, north):
    """Whether a feature's extent meets the box; one without a geometry is always given."""
    points = np.array(list(corners((feature["geometry"] or {}).get("coordinates", []))) or [(west, south)])
    low, high = points.min(axis=0), points.max(axis=0)
    return low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south


def corners(coordinates):
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[:2]
    elif not isinstance(coordinates, str):
        for part in coordinates:
            yield from corners(part)


@dataclass
class Asked:
    """One request: its path, its Range, and how many bytes of a body it was answered with."""

    path: str
    range: str | None
    sent: int = 0


@dataclass
class State:
    """What the server holds, how it misbehaves, and what it was asked.

    tiles: name -> bytes. faults: path -> list of faults, one per request (the last one stays when it is "always ...").
    sizes: says the index of a tile. pages: collection -> features; change_page: edits a page before it is sent.
    """

    tiles: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int | str] = field(default_factory=dict)
    index: object = None
    faults: dict[str, list[str]] = field(default_factory=dict)
    features: dict[str, list[dict]] = field(default_factory=lambda: {"gebaeude_bauwerk": [], "nutzung": []})
    change_page: object = None
    content_crs: str | None = EPSG_25832
    extra: dict[str, bytes] = field(default_factory=dict)
    by_bbox: bool = True
    ranges: bool = True
    etag: str = "v1"
    dwell_s: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def count(self, part):
        return sum(part in a.path for a in self.asked)

    def add(self, east, north, year=2022, **how):
        name = tile_name(east, north, year)
        self.tiles[name] = tile_bytes(east, north, **how)
        return name

    def fault(self, name, *faults):
        """Faults of a tile, the index ("index.json") or a collection, one per request."""
        self.faults[name] = list(faults)

    def index_json(self):
        if self.index is not None:
            return self.index
        files = [
            {"name": n, "size": str(self.sizes.get(n, len(b))), "timestamp": "2024-05-01T10:00:00"}
            for n, b in sorted(self.tiles.items())
        ]
        files.append({"name": "dgm1_meta.zip", "size": "1"})
        return {"datasets": [{"name": "dgm1_tiff", "title": "DGM1", "files": files}]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        state: State = self.server.state
        parts = urlsplit(self.path)
        asked = Asked(self.path, self.headers.get("Range"))
        with state.lock:
            state.asked.append(asked)
            state.busy += 1
            state.busiest = max(state.busiest, state.busy)
        try:
            time.sleep(state.dwell_s)
            key = next((k for k in state.faults if k in parts.path), None)
            fault = None
            if key is not None and state.faults[key]:
                fault = state.faults[key][0]
                if not fault.startswith("always"):
                    state.faults[key].pop(0)
            self.answer(state, parts, asked, (fault or "").removeprefix("always "))
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with state.lock:
                state.busy -= 1

    def answer(self, state, parts, asked, fault):
        word, _, value = fault.partition(" ")
        if word == "slow":
            time.sleep(float(value))
        if word.isdigit():
            return self.send(int(word), b"busy", asked, {"Retry-After": value} if value else {})
        if word == "redirect":
            return self.send(302, b"", asked, {"Location": value})
        if word == "html":
            return self.send(200, HTML, asked, {"Content-Type": "text/html"})
        body, kind = self.body(state, parts)
        if body is None:
            return self.send(404, b"nothing here", asked, {})
        headers = {"Content-Type": kind, "ETag": f'"{state.etag}"'}
        if "/items" in parts.path and state.content_crs:
            headers["Content-Crs"] = f"<{state.content_crs}>"
        start, status = 0, 200
        if state.ranges and asked.range and self.headers.get("If-Range") == f'"{state.etag}"':
            start = int(asked.range.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                return self.send(416, b"", asked, {"Content-Range": f"bytes */{len(body)}"})
            status, headers["Content-Range"] = 206, f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest = body[start:]
        if word == "cut":  # the connection breaks after so many bytes
            return self.send(status, rest, asked, headers, most=int(value))
        if word == "end":  # no length is named, and the end comes too early
            return self.send(status, rest[: int(value)], asked, headers, length=None)
        if word == "length":  # another length than the body has
            return self.send(status, rest, asked, headers, length=len(rest) + int(value))
        if word == "trickle":
            return self.send(status, rest, asked, headers, pause_s=float(value))
        return self.send(status, rest, asked, headers)

    def body(self, state, parts):
        if parts.path in state.extra:
            return state.extra[parts.path], "application/octet-stream"
        if parts.path == TILES + "index.json":
            return json.dumps(state.index_json()).encode(), "application/json"
        if parts.path.startswith(TILES):
            return state.tiles.get(parts.path.removeprefix(TILES)), "image/tiff"
        if parts.path.startswith(ALKIS):
            name, _, items = parts.path.removeprefix(ALKIS).partition("/")
            if name in state.features:
                page = self.page(state, name, parse_qs(parts.query)) if items == "items" else self.about(name)
                return json.dumps(page).encode(), "application/geo+json"
        return None, ""

    def about(self, name):
        link = {
            "rel": "license",
            "title": "Datenlizenz Deutschland Zero",
            "href": "https://www.govdata.de/dl-de/zero-2-0",
        }
        return {"id": name, "links": [link]}

    def page(self, state, name, query):
        limit, offset = int(query["limit"][0]), int(query.get("offset", ["0"])[0])
        west, south, east, north = (float(v) for v in query["bbox"][0].split(","))
        assert query["crs"] == query["bbox-crs"] == [EPSG_25832] and query["f"] == ["json"]
        everything = [f for f in state.features[name] if not state.by_bbox or meets(f, west, south, east, north)]
        some = everything[offset : offset + limit]
        links = []
        if offset + limit < len(everything):
            kept = "&".join(f"{k}={v[0]}" for k, v in query.items() if k != "offset")
            links.append(
                {
                    "rel": "next",
                    "type": "application/geo+json",
                    "href": f"{state.url}{ALKIS}{name}/items?{kept}&offset={offset + limit}",
                }
            )
        page = {
            "type": "FeatureCollection", "features": some, "links": links, "numberMatched": len(everything),
            "numberReturned": len(some), "timeStamp": "2026-11-01T00:00:00Z",
        }  # fmt: skip
        return state.change_page(page, name, offset) if state.change_page else page

    def send(self, status, body, asked, headers, *, length=-1, most=None, pause_s=0.0):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(len(body) if length == -1 else length))
        complete = length == -1 and most is None
        if not complete:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        body = body if most is None else body[:most]
        for at in range(0, len(body), 1 << 14):
            piece = body[at : at + (1 << 14)]
            self.wfile.write(piece)
            self.wfile.flush()
            asked.sent += len(piece)
            time.sleep(pause_s)


@pytest.fixture
def server(monkeypatch):
    """A server with four tiles of 1 km around E 373 N 5679 (cells of 10 m), three houses and two areas of land use."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = State()
    for east in (372, 373):
        for north in (5678, 5679):
            state.add(east, north, 2021 if east == 372 else 2024)
    state.features["gebaeude_bauwerk"] = [
        feature(f"DENW{k}", square(372_900 + 60 * k, 5_678_950 + 30 * k), funktion="Wohnhaus", anzahlgs=k, aktualit=f"2023-0{k + 1}-15")
        for k in range(3)
    ]  # fmt: skip
    state.features["nutzung"] = [
        feature("N1", square(372_800, 5_678_800, 200), nutzart="Wohnbaufläche", aktualit="2022-01-01"),
        feature("N2", square(373_000, 5_678_800, 200), nutzart="Straßenverkehr", aktualit="2022-01-01"),
    ]
    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.state, web.daemon_threads = state, True
    state.url = f"http://127.0.0.1:{web.server_port}"
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    web.shutdown()
    web.server_close()
    thread.join()


BBOX = (372_700, 5_678_700, 373_300, 5_679_300)
"""A square of 600 m x 600 m around the corner where the four tiles meet."""


@pytest.fixture
def get(server, tmp_path):
    """Fetch BBOX (or another) from the server into a folder of the test, quickly impatient."""

    def run(bbox=BBOX, folder="city", *, cell=10.0, patience=QUICK, **how):
        provider = NRW(server.url, cell_m=cell)
        return fetch(provider, bbox, tmp_path / folder, cache=tmp_path / "cache", patience=patience, **how)

    return run


@pytest.fixture
def cached(tmp_path):
    """Name -> bytes of every tile in the cache; asserts that nothing half lies among them."""

    def look():
        folder = tmp_path / "cache" / "open_data" / "nrw" / "dgm1"
        return {p.name: p.read_bytes() for p in sorted(folder.glob("dgm1_*.tif"))} if folder.is_dir() else {}

    return look


@pytest.fixture
def read():
    """Heights of a raster (masked where there is none), its place, CRS and profile."""

    def heights(path):
        with rasterio.open(path) as file:
            return (
                file.read(1, masked=True),
                file.transform,
                file.crs,
                {**file.profile, **file.tags(ns="IMAGE_STRUCTURE"), "overviews": file.overviews(1)},
            )

    return heights


@pytest.fixture
def truth():
    """The formula at the centres of the cells of a raster of that shape and place."""

    def at(shape, transform):
        cols, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
        return height(transform.c + transform.a * cols, transform.f + transform.e * rows)

    return at


@pytest.fixture
def make():
    """The builders of tiles and features, for tests that change what the server holds."""

    class Make:
        tile, name, feature, square, height = map(staticmethod, (tile_bytes, tile_name, feature, square, height))

    return Make
