"""Attributes of features by column, kept as they came, and written with them as a GeoPackage."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from flood_sim.errors import StorageError

_RESERVED = {"fid", "geom", "id"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Table:
    """Rows of attributes that need not have the same names; a value met before is not stored again."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.columns: dict[str, list[Any]] = {}
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, key: str, row: dict[str, Any]) -> None:
        """Append one row."""
        number = len(self.ids)
        self.ids.append(key)
        for name, value in row.items():
            column = self.columns.setdefault(name, [])
            column.extend([None] * (number - len(column)))
            column.append(self._texts.setdefault(value, value) if isinstance(value, str) else value)

    def arrays(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Per column, under a name that a GeoPackage takes: values and where there are none (bool).

        Numbers stay numbers; a column of several kinds, and lists and objects, become text (JSON).
        """
        taken, found = set(_RESERVED), {}
        for name, column in self.columns.items():
            own = name
            while own.lower() in taken:
                own += "_"
            taken.add(own.lower())
            found[own] = _array([*column, *[None] * (len(self.ids) - len(column))])
        return found

    def dates(self) -> dict[str, tuple[str, str]]:
        """First and last day of every column that holds dates (written as 2021-05-31...)."""
        found = {}
        for name, column in self.columns.items():
            days = {v[:10] for v in column if v is not None and isinstance(v, str)}
            if days and all(_DATE.fullmatch(d) for d in days) and all(v is None or isinstance(v, str) for v in column):
                found[name] = (min(days), max(days))
        return found


def write_layer(path: Path, layer: str, shapes: Sequence[shapely.Geometry], table: Table, crs: str) -> None:
    """A GeoPackage of one layer: id, then the attributes. StorageError where it cannot be written."""
    columns = table.arrays()
    ids = np.array(table.ids, dtype=object)
    single = all(shapely.get_type_id(s) == shapely.GeometryType.POLYGON for s in shapes)
    try:
        pyogrio.raw.write(
            path, shapely.to_wkb(np.array(shapes, dtype=object)), [ids, *(v for v, _ in columns.values())], ["id", *columns],
            field_mask=[np.zeros(len(ids), bool), *(m for _, m in columns.values())], layer=layer, driver="GPKG", crs=crs,
            geometry_type="Polygon" if single else "MultiPolygon", promote_to_multi=not single,
        )  # fmt: skip
    except DataSourceError as error:
        raise StorageError(f"the layer cannot be written: {error}", where=str(path)) from None


def _array(values: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    empty = np.array([v is None for v in values], dtype=bool)
    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool}:
        return np.array([bool(v) for v in values]), empty
    if kinds == {int} and all(v is None or abs(v) < 2**62 for v in values):
        return np.array([v or 0 for v in values], dtype=np.int64), empty
    if kinds and kinds <= {int, float}:
        return np.array([np.nan if v is None else float(v) for v in values]), empty
    text = [None if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    return np.array(text, dtype=object), empty
