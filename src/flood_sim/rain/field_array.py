"""Rain fields from and to xarray, for notebooks and for data of any origin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS

from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField, Sampling
from flood_sim.terrain.grid import Grid

if TYPE_CHECKING:
    import xarray as xr


def to_dataarray(field: RainField) -> xr.DataArray:
    """Depth in mm, dims (interval, y, x); x, y: centres, m. The rest stands in its attributes."""
    import xarray as xr

    attrs: dict[str, Any] = {
        "long_name": "rain depth in the interval", "units": "mm", "edges_min": [s / 60 for s in field.edges_s],
        "crs": field.grid.crs.to_wkt(), "sampling": field.sampling, "source": field.source, "licence": field.licence,
        "label": field.label, "label_en": field.label_en, "notes": json.dumps(field.notes, ensure_ascii=False),
    }  # fmt: skip
    if field.start is not None:
        attrs["start"] = field.start.isoformat()
    coords = {"interval": np.arange(field.intervals), "y": field.grid.y_centres(), "x": field.grid.x_centres()}
    return xr.DataArray(field.depth_mm, coords, ("interval", "y", "x"), "rain_depth_mm", attrs)


def from_dataarray(
    depths: xr.DataArray, *, edges_min: Sequence[float] | None = None, crs: str | None = None,
    sampling: Sampling | None = None, start: datetime | None = None,
) -> RainField:  # fmt: skip
    """A field from depths in mm, dims (any, y, x), on square cells; ScenarioError where something is missing.

    edges_min: n+1 edges of the n intervals, minutes, from the attribute of that name unless given; crs likewise.
    """
    where, attrs = "rain field (DataArray)", depths.attrs
    if depths.ndim != 3 or depths.dims[1:] != ("y", "x"):
        raise ScenarioError("needs the dimensions (interval, y, x)", where=where, value=depths.dims)
    minutes = attrs.get("edges_min") if edges_min is None else edges_min
    named = crs or attrs.get("crs")
    for name, found in (("edges_min", minutes), ("crs", named)):
        if found is None:
            raise ScenarioError(f"does not say its {name}", where=where, hint=f"Give {name}=...")
    x, y = (np.asarray(depths[name], float) for name in ("x", "y"))
    values = np.asarray(depths, np.float32)
    if y.size > 1 and y[1] > y[0]:  # stored from south to north
        y, values = y[::-1], values[:, ::-1]
    steps = np.concatenate([np.diff(x), -np.diff(y)])
    if not steps.size or not np.allclose(steps, steps[0], rtol=1e-6) or steps[0] <= 0:
        raise ScenarioError("its cells are not square and of one size", where=where, hint="x and y are centres, in m")
    cell = float(steps[0])
    grid = Grid(float(x[0]) - cell / 2, float(y[0]) + cell / 2, cell, y.size, x.size, CRS.from_user_input(named))
    told = attrs.get("start")
    return RainField(
        grid, tuple(round(60.0 * float(m), 6) for m in minutes), values,  # type: ignore[union-attr]
        start=start or (datetime.fromisoformat(told) if told else None),
        sampling=sampling or attrs.get("sampling", "nearest"),
        **{name: str(attrs.get(name, "")) for name in ("source", "licence", "label", "label_en")},
        notes=tuple(json.loads(attrs.get("notes", "[]"))),
    )  # fmt: skip
