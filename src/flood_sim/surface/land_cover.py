"""What each land cover does to water: one table from class to roughness, infiltration and initial loss.

The shipped table is `land_cover.yaml`; a city edits a copy of it. Codes of
other legends (ESA WorldCover) are translated by `mappings.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import yaml
from pydantic import Field, model_validator

from flood_sim.errors import ScenarioError, TerrainError
from flood_sim.scenario.parts import Frozen

NO_CLASS = 0
"""Code of a cell without land cover (nodata of the raster)."""

OUTSIDE_N = 0.03
"""Placeholder outside the model, where nothing flows: finite, so that no kernel meets a NaN."""

LARGEST_TABLE = 1 << 20
GROUPS = ("n", "sealed", "initial_loss", "constant", "horton", "green_ampt", "cn")
"""What a mark is given for."""
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=1000)]


class LandCoverClass(Frozen):
    """One class, as `land_cover.yaml` explains; n in s/m^(1/3). What is left out is 0: nothing seeps in."""

    code: int = Field(ge=1, le=254)
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label_de: str
    label_en: str
    n: float = Field(gt=0, le=1)
    n_shallow: float = Field(gt=0, le=1)
    sealed: Share
    initial_loss_mm: float = Field(ge=0, le=50)
    constant_mm_h: Rate = 0.0
    horton: tuple[Rate, Rate, Annotated[float, Field(gt=0, le=100)]] = (0.0, 0.0, 1.0)
    green_ampt: tuple[Rate, Annotated[float, Field(ge=0, le=2000)], Annotated[float, Field(ge=0, le=0.6)]] = (
        0.0,
        0.0,
        0.0,
    )
    cn: float = Field(default=100.0, ge=30, le=100)
    sewered: Share | None = None
    marks: dict[Literal["n", "sealed", "initial_loss", "constant", "horton", "green_ampt", "cn"], str] = {}

    @property
    def to_sewer(self) -> float:
        """Share of the ground that a sewer of sealed ground drains: the sealed one, where nothing else is said."""
        return self.sealed if self.sewered is None else self.sewered

    @model_validator(mode="after")
    def _possible(self) -> LandCoverClass:
        if self.n_shallow < self.n:
            raise ValueError(
                f"{self.key}: n_shallow = {self.n_shallow:g} is below n = {self.n:g}; thin water is slowed at least as much"
            )
        if self.horton[0] < self.horton[1]:
            raise ValueError(f"{self.key}: horton: f0 = {self.horton[0]:g} is below fc = {self.horton[1]:g}")
        return self


class LandCoverTable(Frozen):
    """Classes by code, and what their marks mean."""

    format_version: Literal[2]
    marks: dict[str, str]
    defaults: dict[str, str]
    classes: tuple[LandCoverClass, ...] = Field(min_length=1, max_length=254)

    @model_validator(mode="after")
    def _consistent(self) -> LandCoverTable:
        for name in ("code", "key"):
            values = [getattr(c, name) for c in self.classes]
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"{name} used twice: {', '.join(map(str, twice))}")
        unknown = {m for c in self.classes for m in c.marks.values()} | set(self.defaults.values())
        if unknown - set(self.marks):
            raise ValueError(f"marks that nothing explains: {', '.join(sorted(unknown - set(self.marks)))}")
        missing = set(GROUPS) - set(self.defaults)
        if missing:
            raise ValueError(f"defaults: no mark for {', '.join(sorted(missing))}")
        return self

    @property
    def codes(self) -> dict[str, int]:
        """Code of each key."""
        return {c.key: c.code for c in self.classes}

    def mark(self, key: str, group: str) -> str:
        """Where a number of a class comes from, in words."""
        entry = next(c for c in self.classes if c.key == key)
        own = {str(name): mark for name, mark in entry.marks.items()}
        return self.marks[own.get(group, self.defaults[group])]


@cache
def load_table() -> LandCoverTable:
    """The shipped table."""
    return _parsed(_shipped("land_cover.yaml"), "land_cover.yaml")


def read_table(path: str | Path) -> LandCoverTable:
    """An edited copy; ScenarioError names every fault with its place."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_TABLE:
            raise ScenarioError(
                "is too large for a land-cover table", where=path.name, value=f"{path.stat().st_size:,} bytes",
                allowed=f"at most {LARGEST_TABLE:,}", hint="Edit a copy of src/flood_sim/surface/land_cover.yaml",
            )  # fmt: skip
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # a date that is none is a ValueError
        raise ScenarioError(
            f"is no readable land-cover table: {' '.join(str(error).split())[:160]}", where=path.name,
            hint="Edit a copy of src/flood_sim/surface/land_cover.yaml",
        ) from None  # fmt: skip
    return _parsed(data, path.name)


def translation(scheme: str, table: LandCoverTable) -> Mapping[int, int]:
    """Code of the table for each code of a legend; ScenarioError for a class that the table lacks."""
    if scheme == "flood_sim":
        return {c.code: c.code for c in table.classes}
    return {int(code): table_code(key, table, scheme) for code, key in mappings()[scheme].items()}


def table_code(key: str, table: LandCoverTable, scheme: str) -> int:
    """Code of a class that a mapping names."""
    if key not in table.codes:
        raise ScenarioError(
            f"the mapping from {scheme} needs a class that the table does not have", where="surface.land_cover.table",
            value=key, allowed=", ".join(table.codes), hint="Keep the keys of the shipped table",
        )  # fmt: skip
    return table.codes[key]


@cache
def mappings() -> dict[str, Any]:
    """The shipped mappings: worldcover {code: key}, alkis {nutzart: key}, osm [[tag, value, key], …]."""
    return _shipped("mappings.yaml")


def class_codes(
    values: np.ndarray, table: LandCoverTable, *, scheme: str = "flood_sim", outside: np.ndarray | None = None,
    where: str = "land cover",
) -> np.ndarray:  # fmt: skip
    """Code of the class of each cell, uint8, the shape of `values`; `NO_CLASS` where `outside`.

    `values` holds codes of the legend `scheme`, integer or float; NaN counts as
    no class. TerrainError names every code that has no entry.
    """
    found = translation(scheme, table)
    needed = np.ones(values.shape, bool) if outside is None else ~outside
    codes = np.full(values.shape, NO_CLASS, np.uint8)
    for theirs, ours in found.items():
        codes[needed & (values == theirs)] = ours
    unknown = needed & (codes == NO_CLASS)
    if unknown.any():
        odd = values[unknown].astype(np.float64)
        keys = {c.code: c.key for c in table.classes}
        raise TerrainError(
            _unknown(np.where(np.isfinite(odd), odd, NO_CLASS)),
            where=where,
            allowed=", ".join(f"{theirs} {keys[ours]}" for theirs, ours in found.items()),
            hint="Recode the raster, add the class to a copy of the table, or give Manning's n as a raster (roughness kind: raster)",
        )
    return codes


def _shipped(name: str) -> Any:
    return yaml.safe_load(files("flood_sim.surface").joinpath(name).read_text(encoding="utf-8"))


def _parsed(data: Any, where: str) -> LandCoverTable:
    if not isinstance(data, dict):
        raise ScenarioError("holds no land-cover table", where=where, hint="Edit a copy of land_cover.yaml")
    try:
        return LandCoverTable(**data)
    except ScenarioError as error:
        raise ScenarioError(error.what, where=where) from None
    except TypeError:
        raise ScenarioError("holds a key that is no text", where=where) from None


def _unknown(codes: np.ndarray) -> str:
    values, counts = np.unique(codes, return_counts=True)
    named = [f"{_name(v)} on {c} cell{'s' if c > 1 else ''}" for v, c in zip(values[:5], counts[:5], strict=True)]
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return f"no class for code {', '.join(named)}{more}"


def _name(code: float) -> str:
    return f"{code:g} (no data)" if code == NO_CLASS else f"{code:g}"
