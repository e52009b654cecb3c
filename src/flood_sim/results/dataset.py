"""Open a result: the folder is checked first, the data are read when they are used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr
from pyproj import CRS
from zarr.storage import LocalStore

from flood_sim.errors import ResultError
from flood_sim.results.manifest import MANIFEST_NAME, read_manifest
from flood_sim.results.series import Series
from flood_sim.results.store import lost_shards
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES, cog_files

ZARR = "result.zarr"
GAUGES = "gauges.csv"
SECTIONS = "sections.csv"
SCENARIO = "scenario.json"


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """What a run found: dataset, maps, series and manifest. Made by `open_result` or `run`.

    `owner` is whoever removes a temporary folder when nobody refers to it any more.
    """

    path: Path
    manifest: dict[str, Any]
    owner: object = None

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The CF dataset, read lazily: m and m/s, NaN where there is no value, CRS in `crs`.

        The day in its time axis is fictitious.
        """
        return _open_zarr(self.path / ZARR, self.owner)

    @cached_property
    def grid(self) -> Grid:
        """Where the cells lie."""
        g = self.manifest["grid"]
        return Grid(g["west"], g["north"], g["cell_m"], g["rows"], g["cols"], CRS.from_wkt(g["crs_wkt"]))

    @cached_property
    def gauges(self) -> Series:
        """Series of the gauges."""
        return Series.read_csv(self.path / GAUGES)

    @cached_property
    def sections(self) -> Series:
        """Discharge through the sections."""
        return Series.read_csv(self.path / SECTIONS)

    def cog(self, key: str) -> Path:
        """The GeoTIFF of a variable; ResultError names those that have one."""
        variable = VARIABLES.get(key)
        if variable is None or variable.file is None:
            keys = ", ".join(v.key for v in cog_files().values())
            raise ResultError("there is no map of this variable", where=str(self.path), value=key, allowed=keys)
        return self.path / variable.file

    def at(self, x: float, y: float) -> xr.Dataset:
        """All variables at the cell that contains the point (coordinates of the terrain's CRS)."""
        cell = self.grid.index(x, y)
        if cell is None:
            west, south, east, north = self.grid.bounds
            raise ResultError(
                "the point lies outside the terrain",
                value=f"x {x:g}, y {y:g}",
                allowed=f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}",
            )
        return self.dataset.isel(y=cell[0], x=cell[1])

    def __repr__(self) -> str:
        grid, title = self.manifest["grid"], self.manifest.get("title") or "untitled"
        deepest = (self.manifest.get("extremes") or {}).get("max_depth_m")
        depth = f", max depth {deepest:.2f} m" if isinstance(deepest, int | float) else ""
        storm = (self.manifest.get("storm") or {}).get("label")
        return (
            f"<Result {title!r}: {storm or 'no storm'}; {grid['rows']} x {grid['cols']} cells of "
            f"{grid['cell_m']:g} m{depth}; {self.path}>"
        )


def open_result(path: str | Path) -> Result:
    """Check that a folder is a complete result of this program and open it.

    ResultError says in one line what is wrong with a foreign, incomplete,
    damaged or newer folder.
    """
    path = Path(path)
    manifest = read_manifest(path)
    needed = (MANIFEST_NAME, ZARR, SCENARIO, GAUGES, SECTIONS, *cog_files())
    missing = [name for name in needed if not (path / name).exists()]
    if missing:
        raise ResultError(f"is incomplete: {', '.join(missing)} missing", where=str(path))
    result = Result(path, manifest)
    _check_dataset(result)
    return result


def _check_dataset(result: Result) -> None:
    place = str(result.path / ZARR)
    try:
        dataset, lost = result.dataset, lost_shards(result.path / ZARR)
        shape = result.grid.shape
    except Exception as error:  # a foreign or damaged store makes zarr, xarray and pyproj fail in any way
        reason = " ".join(str(error).split())
        raise ResultError(f"cannot be read: {reason[:200] or type(error).__name__}", where=place) from None
    missing = sorted(VARIABLES.keys() - dataset.variables.keys())
    if missing:
        raise ResultError(f"is incomplete: {', '.join(missing)} missing", where=place)
    if lost:
        files = ", ".join(f"{n} of {key}" for key, n in sorted(lost.items()))
        raise ResultError(f"is incomplete: files missing or empty ({files})", where=place)
    if dataset["max_depth"].shape != shape:
        found = " x ".join(map(str, dataset["max_depth"].shape))
        raise ResultError("does not fit the grid of the manifest", where=place, value=found, allowed=str(shape))


class _Store(LocalStore):
    """The files of a dataset. Arrays that are not read yet hold it, so its `owner` stays as long as they do."""

    owner: object = None


def _open_zarr(path: Path, owner: object) -> xr.Dataset:
    store = _Store(path, read_only=True)
    store.owner = owner
    return xr.open_zarr(store, chunks=None, consolidated=True, decode_coords="all", decode_timedelta=False)
