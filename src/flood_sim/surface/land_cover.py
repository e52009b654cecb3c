"""Roughness from land cover: a code per cell, one table from code to Manning's n."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import yaml

from flood_sim.errors import TerrainError

NO_CLASS = 0
"""Code of a cell without land cover (nodata of the raster)."""

OUTSIDE_N = 0.03
"""Placeholder outside the model, where nothing flows: finite, so that no kernel meets a NaN."""


@dataclass(frozen=True)
class LandCoverClass:
    """One class: code in the raster, labels, Manning's n [s/m^(1/3)] and where n comes from."""

    code: int
    key: str
    label_de: str
    label_en: str
    n: float
    mark: str


@cache
def load_table() -> dict[int, LandCoverClass]:
    """The shipped table (land_cover.yaml) by code."""
    text = files("flood_sim.surface").joinpath("land_cover.yaml").read_text(encoding="utf-8")
    return {c["code"]: LandCoverClass(**c) for c in yaml.safe_load(text)["classes"]}


def manning_from_classes(
    classes: np.ndarray, *, outside: np.ndarray | None = None, where: str = "land cover"
) -> np.ndarray:
    """Manning's n [s/m^(1/3)] of each cell, float64, the shape of `classes`; as `classes_of`."""
    index, n = classes_of(classes, outside=outside, where=where)
    return n[index]


def classes_of(
    classes: np.ndarray, *, outside: np.ndarray | None = None, where: str = "land cover"
) -> tuple[np.ndarray, np.ndarray]:
    """For each cell the place of its class in a list (uint8), and the list: Manning's n [s/m^(1/3)], float64.

    `classes` holds codes, integer or float; NaN counts as code 0 (no class).
    `outside` is True where no value is needed: there n is `OUTSIDE_N` whatever
    the code. TerrainError names every code that the table does not hold.
    """
    table = load_table()
    needed = np.ones(classes.shape, bool) if outside is None else ~outside
    index = np.zeros(classes.shape, np.uint8)
    for place, code in enumerate(table, start=1):
        index[needed & (classes == code)] = place
    unknown = needed & (index == 0)
    if unknown.any():
        codes = classes[unknown].astype(np.float64)
        raise TerrainError(
            _unknown(np.where(np.isfinite(codes), codes, NO_CLASS)),
            where=where,
            allowed=", ".join(f"{c.code} {c.key}" for c in table.values()),
            hint="Recode the raster, or give Manning's n as a raster (roughness kind: raster)",
        )
    return index, np.array([OUTSIDE_N, *(entry.n for entry in table.values())])


def _unknown(codes: np.ndarray) -> str:
    values, counts = np.unique(codes, return_counts=True)
    named = [f"{_name(v)} on {c} cell{'s' if c > 1 else ''}" for v, c in zip(values[:5], counts[:5], strict=True)]
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return f"no class for code {', '.join(named)}{more}"


def _name(code: float) -> str:
    return f"{code:g} (no data)" if code == NO_CLASS else f"{code:g}"
