"""Where the water came from and where it went, m3."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

SUPPLIED = ("initial_m3", "rain_m3", "roof_m3", "inflow_m3", "manholes_m3")
"""Lines on which water comes in; on all others it went."""


@dataclass
class Ledger:
    """Volumes since the start; every entry >= 0. `stored` is what stands on the ground now.

    What came: SUPPLIED; rain fell on ground under no roof, roof on roofs. Where it went: stored, over the border (outflow), into
    the ground (wetting: initial loss; infiltration), into the sewer (flat,
    capacity, inlets, roofs), into a river of unlimited capacity, onto green roofs, into storages.
    """

    initial_m3: float = 0.0
    rain_m3: float = 0.0
    roof_m3: float = 0.0
    inflow_m3: float = 0.0
    manholes_m3: float = 0.0
    outflow_m3: float = 0.0
    wetting_m3: float = 0.0
    infiltration_m3: float = 0.0
    sewer_flat_m3: float = 0.0
    sewer_capacity_m3: float = 0.0
    sewer_inlets_m3: float = 0.0
    sewer_roofs_m3: float = 0.0
    river_m3: float = 0.0
    green_roofs_m3: float = 0.0
    storages_m3: float = 0.0
    in_culverts_m3: float = 0.0
    stored_m3: float = 0.0

    @property
    def supplied_m3(self) -> float:
        return sum(getattr(self, name) for name in SUPPLIED)

    @property
    def residual_m3(self) -> float:
        """Water that appeared (> 0) or vanished (< 0) unexplained."""
        return sum(getattr(self, f.name) for f in fields(self) if f.name not in SUPPLIED) - self.supplied_m3

    @property
    def relative_error(self) -> float:
        """|residual| / supplied; 0 while nothing has been supplied."""
        supplied = self.supplied_m3
        return abs(self.residual_m3) / supplied if supplied > 0 else abs(self.residual_m3)

    def as_dict(self) -> dict[str, float]:
        return {**asdict(self), "relative_error": self.relative_error}
