"""Depth-duration curves: how much rain falls in which time for one return period.

A design storm of type Euler II needs the whole curve, not one sum. Where the
user gives a sum only, the curve shipped here lends its shape, and every label
says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.scenario.storm import EULER_STEP_MIN

STEP_MIN = EULER_STEP_MIN
"""Step of a model rain of type Euler II in minutes (DWA-A 118)."""


@dataclass(frozen=True)
class DepthDurationCurve:
    """Rain depth h_N [mm] over duration D [min] for one place and return period.

    Both tuples increase; between the values h_N is linear in D, and below the
    first duration linear from nothing.
    """

    name: str
    name_en: str
    durations_min: tuple[float, ...]
    depths_mm: tuple[float, ...]

    @property
    def longest_min(self) -> float:
        return self.durations_min[-1]

    def depths_at(self, minutes: np.ndarray) -> np.ndarray:
        """Depth in mm at each duration; ScenarioError beyond the last one."""
        if len(minutes) and float(np.max(minutes)) > self.longest_min:
            raise ScenarioError(
                "the depth-duration curve does not reach this duration",
                where=f"storm, curve {self.name_en}",
                value=f"{float(np.max(minutes)):g} min",
                allowed=f"up to {self.longest_min:g} min",
                hint="Give your own curve (pairs of duration_min and depth_mm, rain statistics make one) or a rain table",
            )
        return np.interp(minutes, (0.0, *self.durations_min), (0.0, *self.depths_mm))

    def increments_mm(self, duration_min: float) -> np.ndarray:
        """Depth gained in each 5-minute step up to `duration_min`, in curve order."""
        steps = round(duration_min / STEP_MIN)
        return np.diff(self.depths_at(STEP_MIN * np.arange(steps + 1)))


# KOSTRA-DWD-2010R (Deutscher Wetterdienst, GeoNutzV), INDEX_RC 51011 (7.096 E, 51.284 N, Wuppertal), T = 100 a:
# published values up to 120 min and for 1440 min; those between them are interpolated in the double-logarithmic way
# of rain.statistics (at cell 49011, where DWD's values between are known, that is off by less than 0.7 %).
SHIPPED = DepthDurationCurve(
    name="KOSTRA-DWD-2010R Zelle 51011, T 100",
    name_en="KOSTRA-DWD-2010R cell 51011, T 100",
    durations_min=(5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0, 360.0, 540.0, 720.0, 1080.0, 1440.0),
    depths_mm=(19.1, 26.0, 30.7, 34.3, 39.6, 45.1, 49.2, 52.7, 55.3, 59.44, 62.57, 67.26, 72.29, 76.1, 81.8, 86.1),
)  # fmt: skip
