"""Files of a result for download: an allow-list, and the dataset as one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from flood_sim.errors import NotFound
from flood_sim.variables import cog_files
from flood_sim_api.schemas import FileOut

ZARR, ZARR_ZIP = "result.zarr", "result.zarr.zip"
MEDIA_TYPES = {
    "manifest.json": "application/json",
    "scenario.json": "application/json",
    "footprints.geojson": "application/geo+json",
    "measures.geojson": "application/geo+json",
    "gauges.csv": "text/csv; charset=utf-8",
    "sections.csv": "text/csv; charset=utf-8",
    **dict.fromkeys(cog_files(), "image/tiff; application=geotiff; profile=cloud-optimized"),
    ZARR_ZIP: "application/zip",
}


def listing(folder: Path) -> list[FileOut]:
    """What can be downloaded; the size of the zip is that of its content."""
    found = []
    for name, media_type in MEDIA_TYPES.items():
        if name == ZARR_ZIP and (folder / ZARR).is_dir():
            found.append(FileOut(name=name, bytes=sum(p.stat().st_size for p in _zarr(folder)), media_type=media_type))
        elif (folder / name).is_file():
            found.append(FileOut(name=name, bytes=(folder / name).stat().st_size, media_type=media_type))
    return found


def one(folder: Path, name: str) -> Path:
    """The path of an allowed file; NotFound lists what there is."""
    if name not in MEDIA_TYPES or not (folder / (ZARR if name == ZARR_ZIP else name)).exists():
        allowed = ", ".join(f.name for f in listing(folder))
        raise NotFound("no such file in this result", value=name[:60], allowed=allowed)
    return folder / name


def zipped_zarr(folder: Path) -> Iterator[bytes]:
    """The dataset as an uncompressed zip that Zarr and xarray open directly, made while it is sent."""
    sink = _Sink()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED) as archive:
        for path in _zarr(folder):
            entry = zipfile.ZipInfo.from_file(path, path.relative_to(folder / ZARR).as_posix())
            with archive.open(entry, "w") as target, path.open("rb") as source:
                while block := source.read(1 << 20):
                    target.write(block)
                    yield sink.take()
    yield sink.take()


def _zarr(folder: Path) -> list[Path]:
    return sorted(p for p in (folder / ZARR).rglob("*") if p.is_file())


class _Sink:
    """A place to write to that cannot seek and is emptied as it fills."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        parts, self._parts = b"".join(self._parts), []
        return parts
