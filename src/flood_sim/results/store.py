"""The CF dataset of a run as Zarr: axes, CRS, fields over time and maxima.

Layout: one shard holds one time step of the whole grid (up to 2048 cells a
side), its inner chunks are 256 cells a side, so that a map reads one file and
a series at a point one small chunk per time step.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from flood_sim.results.parts import Part, parts
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES, Variable

EPOCH = "2000-01-01T00:00:00"
"""The day on which every run starts in the time axis. It is fictitious."""

CHUNK = 256
SHARD = 2048
GRID_MAPPING = "crs"
WHOLE: Part = (slice(None), slice(None))


class ZarrStore:
    """Creates the dataset at `path` and takes its fields as they come; steps that lie there already stay."""

    def __init__(self, path: Path, grid: Grid, times_s: Sequence[float]) -> None:
        self.grid = grid
        self.path = path
        self._root = zarr.create_group(path, zarr_format=3)
        self._write_axes(times_s)
        # kept open: to open an array takes as long as to write a small one
        self._steps = {
            key: self._create(variable, (len(times_s), *grid.shape))
            for key, variable in VARIABLES.items()
            if variable.over_time
        }

    def parts(self) -> Iterator[Part]:
        """The parts of a field that are one file each: to be written one by one."""
        return parts(self.grid.shape, SHARD, SHARD)

    def write_step(self, key: str, index: int, packed: np.ndarray, part: Part = WHOLE) -> None:
        """One time step of a packed field, or a part of it: (rows, cols) integers."""
        self._steps[key][index, *part] = packed

    def masked(self, key: str, index: int) -> np.ndarray:
        """Where a step that was written holds no value, (rows, cols)."""
        array = self._steps[key]
        return np.asarray(array[index]) == array.fill_value

    def write_field(self, key: str, values: Iterable[tuple[Part, np.ndarray]]) -> None:
        """A field without time, its parts with their values; float32, NaN where there is no value."""
        array = self._create(VARIABLES[key], self.grid.shape)
        for part, of_part in values:
            array[part] = of_part.astype(np.float32)

    def write_threshold(self, threshold_m: float) -> None:
        """The depth that arrival time and duration refer to, as CF scalar coordinate."""
        attrs = {"long_name": "depth threshold", "standard_name": "flood_water_thickness", "units": "m"}
        self._scalar("threshold", np.float64(threshold_m), attrs)
        for key in ("arrival_time", "duration"):
            if key in self._root:
                self._root[key].attrs["coordinates"] = "threshold"

    def close(self, attrs: dict[str, Any]) -> None:
        """Global attributes, then one file with all metadata so that the dataset opens fast."""
        self._root.attrs.update({k: _attribute(v) for k, v in attrs.items() if v is not None})
        with warnings.catch_warnings():
            # zarr says that consolidated metadata is not yet in the v3 specification; readers without it still work
            warnings.filterwarnings("ignore", message="Consolidated metadata")
            zarr.consolidate_metadata(self.path)

    def _create(self, variable: Variable, shape: tuple[int, ...]) -> zarr.Array:
        chunk = [min(CHUNK, n) for n in self.grid.shape]
        shard = [c * min(SHARD // CHUNK, -(-n // c)) for n, c in zip(self.grid.shape, chunk, strict=True)]
        time = (1,) * (len(shape) - 2)
        packing = variable.packing
        return self._root.create_array(
            variable.key,
            shape=shape,
            dtype=packing.dtype if packing else "float32",
            chunks=(*time, *chunk),
            shards=(*time, *shard),
            fill_value=packing.fill if packing else float("nan"),
            dimension_names=("time", "y", "x")[-len(shape) :],
            attributes=field_attributes(variable),
            config={"write_empty_chunks": True},  # every shard is a file, so a lost one is noticed
        )

    def _write_axes(self, times_s: Sequence[float]) -> None:
        self._axis("time", np.asarray(times_s, float), {
            "standard_name": "time", "long_name": "time after start of run", "axis": "T", "calendar": "proleptic_gregorian",
            "units": f"seconds since {EPOCH}",
            "comment": "The day is fictitious: only the time that passed since the start of the run has a meaning.",
        })  # fmt: skip
        for key, values, axis in (("y", self.grid.y_centres(), "Y"), ("x", self.grid.x_centres(), "X")):
            name = f"{key} coordinate of projection"
            attrs = {"standard_name": f"projection_{key}_coordinate", "long_name": name, "units": "m", "axis": axis}
            self._axis(key, values, attrs)
        wkt = self.grid.crs.to_wkt()
        t = self.grid.transform
        geo = f"{t.c!r} {t.a!r} {t.b!r} {t.f!r} {t.d!r} {t.e!r}"
        cf = self.grid.crs.to_cf() | {"crs_wkt": wkt, "spatial_ref": wkt, "GeoTransform": geo}
        self._scalar(GRID_MAPPING, np.int32(0), cf)

    def _axis(self, name: str, values: np.ndarray, attrs: dict[str, Any]) -> None:
        array = self._root.create_array(
            name, shape=values.shape, dtype="float64", chunks=values.shape, dimension_names=(name,), attributes=attrs,
            fill_value=float("nan"),
        )  # fmt: skip
        array[:] = values

    def _scalar(self, name: str, value: np.generic, attrs: dict[str, Any]) -> None:
        array = self._root.create_array(name, shape=(), dtype=value.dtype, attributes=attrs, dimension_names=())
        array[...] = value


def lost_shards(path: Path) -> dict[str, int]:
    """How many files of each field are gone; Zarr itself would read them as "no value"."""
    root = zarr.open_group(path, mode="r")
    lost = {}
    for key in VARIABLES.keys() & root.keys():
        array = root[key]
        if not isinstance(array, zarr.Array):
            raise TypeError(f"{key} is a folder, not an array")
        shards = array.shards or array.chunks
        expected = math.prod(-(-n // s) for n, s in zip(array.shape, shards, strict=True))
        found = sum(1 for f in (path / key / "c").rglob("*") if f.is_file() and f.stat().st_size > 0)
        if found < expected:
            lost[key] = expected - found
    return lost


def field_attributes(variable: Variable) -> dict[str, Any]:
    """CF attributes of a field from the table of variables; what CF has no name for is left out."""
    attrs: dict[str, Any] = {"long_name": variable.long_name, "units": variable.unit, "grid_mapping": GRID_MAPPING}
    if variable.standard_name:
        attrs["standard_name"] = variable.standard_name
    if variable.cell_methods:
        attrs["cell_methods"] = variable.cell_methods
    if variable.positive:
        attrs["comment"] = f"positive: {variable.positive}"
    if variable.packing:
        attrs |= {"scale_factor": variable.packing.scale, "_FillValue": variable.packing.fill}
    return attrs


def _attribute(value: Any) -> Any:
    """NetCDF knows text and numbers only: tables become JSON text, truth values 0 or 1."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value
