"""What the linter says of a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import shapely
from pyproj import CRS

from flood_sim import geojson
from flood_sim.scenario.measures import Measure

Severity = Literal["note", "warning", "error"]


@dataclass(frozen=True)
class Remark:
    """One fact about a measure that its author should know.

    `code` is stable. An "error" makes the measure impossible or senseless, a
    "warning" lets it be computed as it is, a "note" answers a question. x, y:
    where, in the CRS of the terrain; `geometry` what to draw there, such as the
    gap beside a wall; `figures` the numbers in the sentences, with their units
    in their names.
    """

    measure_id: str
    code: str
    severity: Severity
    text_de: str
    text_en: str
    xy: tuple[float, float] | None = None
    geometry: shapely.Geometry | None = None
    figures: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the geometry."""
        x, y = self.xy or (None, None)
        return {
            "measure": self.measure_id, "code": self.code, "severity": self.severity, "text_de": self.text_de,
            "text_en": self.text_en, "x": x, "y": y, "figures": self.figures,
        }  # fmt: skip


def remark(
    measure: Measure, code: str, severity: Severity, text_de: str, text_en: str, *, at: shapely.Geometry | None = None,
    **figures: float,
) -> Remark:  # fmt: skip
    """A remark at a geometry, whose middle is its place."""
    place = None if at is None or at.is_empty else _middle(at)
    xy = None if place is None else (round(float(place.x), 2), round(float(place.y), 2))
    return Remark(measure.id, code, severity, text_de, text_en, xy, at, {k: round(float(v), 4) for k, v in figures.items()})  # fmt: skip


def _middle(shape: shapely.Geometry) -> shapely.Point:
    """A point on the shape: half way along a line."""
    return shape.interpolate(0.5, normalized=True) if shape.geom_type == "LineString" else shape.point_on_surface()


def drawn_remarks(remarks: Sequence[Remark], crs: CRS) -> dict[str, Any]:
    """The remarks that have a geometry, as FeatureCollection in longitude and latitude."""
    placed = [r for r in remarks if r.geometry is not None]
    return geojson.collection([r.geometry for r in placed], [r.as_dict() for r in placed], crs)
