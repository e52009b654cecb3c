"""Everything read and placed, ready to be computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from flood_sim import placing
from flood_sim.backends.cuda.device import choose, has_driver, simulated
from flood_sim.build.area import cut_to_area
from flood_sim.build.border import boundaries
from flood_sim.build.cover import ground_law, manning
from flood_sim.build.initial import initial_depth
from flood_sim.build.place import compact, place
from flood_sim.build.rain import rain
from flood_sim.build.site import lay_out
from flood_sim.build.structure_laws import structure_laws
from flood_sim.build.switches import without_losses
from flood_sim.measures.geojson import features
from flood_sim.rain.storms import Hyetograph
from flood_sim.scenario import Culvert, Dry, Scenario
from flood_sim.solver.border import NORMAL, Faces
from flood_sim.solver.checks import refuse_laws
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain import memory
from flood_sim.terrain.dem import Dem, read_dem
from flood_sim.terrain.footprint_file import Shapes


@dataclass(frozen=True)
class Build:
    """A scenario with everything read and placed, ready to be computed.

    dem: what was read; its heights are now the ground of the domain. gauges: row and column of each gauge. sections: faces of each section.
    area: what the manifest says of the part of the terrain that is computed, None where it is all of it.
    culverts: those of the scenario after its measures. measures: as GeoJSON in EPSG:4326, for every map of the result. notes: what was repaired or assumed, in plain
    words. device: "cpu" or "cuda".
    """

    scenario: Scenario
    dem: Dem
    domain: Domain
    storm: Hyetograph
    footprints: Shapes | None
    gauges: tuple[tuple[int, int], ...]
    sections: tuple[Faces, ...]
    area: dict[str, Any] | None
    culverts: tuple[Culvert, ...]
    measures: dict[str, Any]
    notes: tuple[str, ...]
    device: str

    def simulation(self) -> Simulation:
        numerics = self.scenario.numerics
        return Simulation(
            self.domain, courant=numerics.courant, max_step=numerics.max_step_s, threads=numerics.threads, device=self.device,
            threshold=self.scenario.outputs.threshold_cm / 100, sections=self.sections,
        )  # fmt: skip


def build(scenario: Scenario) -> Build:
    """Read the inputs, check that they fit together, place everything on the grid, and choose the device."""
    asked = Scenario.checked(scenario)
    terrain = asked.terrain
    dem = read_dem(
        terrain.dem, crs=terrain.crs, holes=terrain.holes, cell_m=terrain.cell_m, beside=_bytes_beside(asked)
    )
    placing.check_crs(asked.crs, dem.grid)
    extent = cut_to_area(asked, dem)
    dem = extent.dem
    grid, notes = dem.grid, [*dem.notes, *extent.notes]
    scenario = without_losses(extent.scenario, notes)
    outside = np.isnan(dem.height)
    ground = dem.height  # changed in place: of a whole city there is no room for a second one
    ground[outside] = 0.0
    laid = lay_out(scenario, grid, ground, outside, notes)
    active = laid.active
    storm, falls = rain(scenario, grid, active, notes)
    parts, owner, inflows = boundaries(scenario, grid, ground, active, outside, notes, extent.levels)
    inflows += _open(extent.entering, active, notes)
    depth = initial_depth(scenario, grid, ground, active)
    losses = ground_law(scenario, laid, grid, notes)
    structures = structure_laws(scenario, laid, grid, notes)
    domain = Domain(
        ground=compact(ground),
        active=active,
        outside=outside,
        cell=grid.cell,
        manning=manning(scenario, laid, grid),
        rain_weight=laid.rain_weight,
        bare=laid.bare,
        depth=None if depth is None else depth.astype(np.float32),  # as the state will hold it
        rain=falls,
        parts=tuple(parts),
        owner=owner,
        inflows=tuple(inflows),
        laws=tuple(law for law in (losses, *structures) if law is not None),
        place=lambda row, col: place(grid, row, col),
    )
    if storm.total_m == 0 and domain.depth is None and not inflows and all(p.kind == NORMAL for p in parts):
        notes.append("no rain, no inflow and no water at the start: the run stays dry")
    gauges = tuple(placing.cell_of(g.x, g.y, grid, active, f"gauge {g.id}") for g in scenario.gauges)
    sections = tuple(placing.line_faces(s.line, grid, active, f"section {s.id}") for s in scenario.sections)
    device, word = _device(scenario, domain)
    notes += [word] if word is not None else []
    dem = replace(dem, height=domain.ground)
    polygons = dict(zip(laid.site.building_ids, laid.site.building_polygons, strict=True))
    drawn = features(scenario.measures, grid.crs, polygons)
    culverts = tuple(laid.site.culverts)
    return Build(
        asked,
        dem,
        domain,
        storm,
        laid.footprints,
        gauges,
        sections,
        extent.told,
        culverts,
        drawn,
        tuple(notes),
        device,
    )


def _open(entering: tuple[AreaInflow, ...], active: np.ndarray, notes: list[str]) -> list[AreaInflow]:
    """Inflows at the edge whose cell is open ground; a note for each that a building or a measure closes."""
    found = []
    for inflow in entering:
        if active[inflow.rows, inflow.cols].all():
            found.append(inflow)
        else:
            notes.append(f"{inflow.name}: its cell is closed, its water is missing")
    return found


def _device(scenario: Scenario, domain: Domain) -> tuple[str, str | None]:
    """The device, and a word where a card was there and is not used; DeviceError if one is asked for that lacks a law."""
    asked = scenario.numerics.device
    if asked == "cuda":
        refuse_laws(domain.laws)
    elif asked == "auto" and domain.laws:
        names = ", ".join(law.name for law in domain.laws)
        here = has_driver() and not simulated()
        return (
            "cpu",
            f"computed on the CPU, although a CUDA card is here: it cannot compute {names} yet" if here else None,
        )
    return choose(asked, domain.active.size)


def _bytes_beside(scenario: Scenario) -> int:
    """Bytes a cell that the arrays of this scenario take beside those that every run has."""
    buildings, surface = scenario.terrain.buildings, scenario.surface
    roofs = memory.ROOFS if buildings is not None and buildings.mode == "blocked" else 0
    water = 0 if isinstance(scenario.initial, Dry) else memory.WATER
    rough = {"constant": 0, "raster": memory.ROUGHNESS, "land_cover": memory.LAND_COVER + memory.ZONE}
    kept = (surface.initial_loss.kind != "none") + (surface.infiltration.kind not in ("none", "constant"))
    kept += surface.sewer.kind == "flat" or surface.infiltration.kind == "curve_number"  # the rain of each cell
    zone = memory.ZONE if surface.infiltration.kind != "none" or surface.sewer.kind in ("flat", "capacity") else 0
    return roofs + water + rough[surface.roughness.kind] + zone + kept * memory.LOSS
