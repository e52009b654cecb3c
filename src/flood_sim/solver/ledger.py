"""Where the water came from and where it went, m3."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Ledger:
    """Volumes since the start; every entry >= 0. `stored` is what stands on the ground now."""

    initial_m3: float = 0.0
    rain_m3: float = 0.0
    roof_m3: float = 0.0
    inflow_m3: float = 0.0
    outflow_m3: float = 0.0
    infiltration_m3: float = 0.0
    drained_m3: float = 0.0
    stored_m3: float = 0.0

    @property
    def supplied_m3(self) -> float:
        return self.initial_m3 + self.rain_m3 + self.roof_m3 + self.inflow_m3

    @property
    def residual_m3(self) -> float:
        """Water that appeared (> 0) or vanished (< 0) unexplained."""
        return self.stored_m3 + self.outflow_m3 + self.infiltration_m3 + self.drained_m3 - self.supplied_m3

    @property
    def relative_error(self) -> float:
        """|residual| / (initial + rain + inflow); 0 while nothing has been supplied."""
        supplied = self.supplied_m3
        return abs(self.residual_m3) / supplied if supplied > 0 else abs(self.residual_m3)

    def as_dict(self) -> dict[str, float]:
        return {**asdict(self), "relative_error": self.relative_error}
