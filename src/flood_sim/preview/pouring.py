"""What the sinks rung computes on: the ground with its walls and ways out, and the water that is poured onto it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.build import Build
from flood_sim.build.area import flow_culverts
from flood_sim.errors import ScenarioError
from flood_sim.preview.losses import rain_and_excess, weight_with_green
from flood_sim.solver.border import DISCHARGE, LEVEL, border_faces
from flood_sim.solver.culverts import Culverts
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.flow import Land, make_land
from flood_sim.terrain.grid import Grid

MOST_MM = 2000.0
KNOWN = (Ground, Culverts, GreenRoofs, SewerRoofs)
"""Laws that the rung counts."""
NAME_DE = {"inlets": "Straßeneinläufe", "storages": "Speicher", "manholes": "Schächte"}


@dataclass(frozen=True)
class Pouring:
    """Land and water. excess: m that run on each cell, (rows, cols) or one value as (1, 1).

    weight: rain of each cell in multiples of the depth, or None for 1 everywhere. rain_mm: mean depth of the storm.
    brought_m3: rain, inflow and water at the start.
    """

    grid: Grid
    land: Land
    excess: np.ndarray
    weight: np.ndarray | None
    rain_mm: float
    brought_m3: float
    notes: tuple[str, ...] = ()
    title: str = ""
    synthetic: bool = False


def pour_on_dem(dem: Dem, rain_mm: float) -> Pouring:
    """The same rain on all of a DEM, nothing taken, all edges open."""
    if not 0.0 < rain_mm <= MOST_MM:
        raise ScenarioError(
            "the depth of the rain is out of range", where="rain_mm", value=f"{rain_mm:g} mm",
            allowed=f"above 0, at most {MOST_MM:g} mm", hint="1 mm = 1 l/m²",
        )  # fmt: skip
    cells = int(np.isfinite(dem.height).sum())
    return Pouring(
        dem.grid, make_land(dem.height, dem.grid.cell), np.full((1, 1), rain_mm / 1e3), None, rain_mm,
        rain_mm / 1e3 * cells * dem.grid.cell**2, dem.notes, dem.name, dem.synthetic,
    )  # fmt: skip


def pour_scenario(build: Build) -> Pouring:
    """The water of a scenario on its ground: buildings, culverts, open borders and rivers as they are there."""
    domain, scenario, grid = build.domain, build.scenario, build.dem.grid
    rain, excess, river = rain_and_excess(domain, build.storm)
    edge, level, brought = _border(domain, scenario.numerics.duration_min * 60)
    if river is not None:
        edge |= river & domain.active
    excess += brought
    if domain.depth is not None:
        excess += domain.depth
        brought = brought + domain.depth
    land = make_land(
        domain.ground,
        grid.cell,
        active=domain.active,
        outside=domain.outside,
        edge=edge,
        edge_level=level,
        culverts=flow_culverts(build.culverts, grid, domain.active),
    )
    volume = float(rain.sum(dtype=float) + brought.sum(dtype=float)) * grid.cell**2
    return Pouring(
        grid, land, excess, weight_with_green(domain), build.storm.total_m * 1e3, volume,
        (*build.notes, *_left_out(domain)), scenario.title or "", build.dem.synthetic,
    )  # fmt: skip


def _left_out(domain: Domain) -> list[str]:
    """One note that names the laws which this rung does not count."""
    names = dict.fromkeys(law.name for law in domain.laws if not isinstance(law, KNOWN))
    if not names:
        return []
    german = ", ".join(NAME_DE.get(name, name) for name in names)
    return [f"nicht in der Abschätzung enthalten: {german}; left out of the estimate: {', '.join(names)}"]


def _border(domain: Domain, duration_s: float) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Cells at an open border, how high water stands outside (m, NaN: not), and what inflows bring (m on each cell)."""
    edge = np.zeros(domain.active.shape, bool)
    level: np.ndarray | None = None
    brought = np.zeros(domain.active.shape)
    if domain.parts:
        faces = border_faces(domain.active, domain.outside)
        for k, part in enumerate(domain.parts):
            cells = faces.cell_row[domain.owner == k] - 1, faces.cell_col[domain.owner == k] - 1
            if not cells[0].size:
                continue
            if part.kind == DISCHARGE:
                assert part.series is not None
                volume = part.series.mean(0.0, duration_s) * duration_s
                np.add.at(brought, cells, volume / cells[0].size / domain.cell**2)
                continue
            edge[cells] = True
            if part.kind == LEVEL:
                level = np.full(domain.active.shape, np.nan) if level is None else level
                highest = part.value if part.series is None else float(part.series.values.max())
                level[cells] = highest
    for inflow in domain.inflows:
        volume = inflow.discharge.mean(0.0, duration_s) * duration_s
        np.add.at(brought, (inflow.rows, inflow.cols), volume / inflow.rows.size / domain.cell**2)
    return edge, level, brought
