"""A DEM on the examination table: every finding at once, nothing raised."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from flood_sim.terrain.findings import Finding, Findings, Refusal
from flood_sim.terrain.holes import Holes
from flood_sim.terrain.inspection import inspect

__all__ = ["DemReport", "Finding", "check_dem"]


@dataclass(frozen=True)
class DemReport:
    """What `check_dem` found.

    `facts` (as far as they could be learnt): driver, rows, cols, dtype, crs,
    epsg, cell_m, cells, bounds (west, south, east, north), height_min_m,
    height_max_m, relief_m, nodata_share, holes, hole_cells, memory_gib,
    memory_available_gib, run_cost (seconds, minutes, hours, days) of run_cost_of.
    """

    path: str
    findings: tuple[Finding, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether `read_dem` would accept the file."""
        return not any(f.severity == "error" for f in self.findings)


def check_dem(
    path: str | os.PathLike[str], *, crs: str | None = None, holes: Holes = "fill", cell_m: float | None = None
) -> DemReport:
    """Look at a DEM as `read_dem` would, but collect all findings instead of raising the first."""
    findings = Findings(collect=True)
    facts: dict[str, Any] = {}
    try:
        inspect(path, crs=crs, holes=holes, cell_m=cell_m, findings=findings, facts=facts)
    except Refusal as refusal:
        findings.items.append(refusal.finding)
    return DemReport(str(path), tuple(findings.items), facts)
