"""What the process beside the service says of a drawing before anything is computed: its extent, its measures."""

from __future__ import annotations

from typing import Any

from flood_sim.build.area import cut_to_area
from flood_sim.errors import ScenarioError
from flood_sim.measures.inflow import contributing_m2
from flood_sim.measures.linter import check
from flood_sim.measures.reading import read_site
from flood_sim.measures.remark import drawn_remarks
from flood_sim.measures.words import LABELS
from flood_sim.rain.storms import hyetograph
from flood_sim.scenario import FieldRain, GaugeRain, Scenario
from flood_sim.scenario.measures import Basin, Storage
from flood_sim.terrain.dem import read_dem
from flood_sim_api.services.asked import Asked
from flood_sim_api.services.sketch import drainage


def extent(asked: Asked) -> dict[str, Any]:
    """What a run with `terrain.area` would compute; ScenarioError without one."""
    scenario = asked.described()
    terrain = scenario.terrain
    if terrain.area is None:
        raise ScenarioError("is missing: without it all of the terrain is computed", where="terrain.area")
    dem = read_dem(terrain.dem, crs=terrain.crs, holes=terrain.holes, cell_m=terrain.cell_m)
    told = cut_to_area(scenario, dem).told
    assert told is not None  # there is an area
    return {**told, "area": terrain.area.model_dump(mode="json")}


def remarks(asked: Asked, drainages: str) -> dict[str, Any]:
    """What the linter says of the measures of a scenario, and the figures of each."""
    scenario = asked.described()
    site = read_site(scenario)
    storm_mm = _storm_mm(scenario)
    holds = any(isinstance(m, Basin | Storage) for m in scenario.measures)
    flow = contributing_m2(site, lambda land: drainage(land, drainages)) if holds and storm_mm else None
    found = check(scenario.measures, site, flow=flow, storm_mm=storm_mm)
    figures: dict[str, dict[str, float]] = {m.id: {} for m in scenario.measures}
    for remark in found:
        figures.setdefault(remark.measure_id, {}).update(remark.figures)
    return {
        "possible": not any(r.severity == "error" for r in found),
        "remarks": [r.as_dict() for r in found],
        "features": drawn_remarks(found, site.grid.crs),
        "measures": [
            {
                "id": m.id,
                "kind": m.kind,
                "title": m.title,
                "label_de": LABELS[m.kind][0],
                "label_en": LABELS[m.kind][1],
                "figures": figures[m.id],
            }
            for m in scenario.measures
        ],
        "storm_mm": storm_mm,
    }


def _storm_mm(scenario: Scenario) -> float | None:
    """The sum of a storm that is the same everywhere; None for a measured one, or without a storm."""
    if isinstance(scenario.storm, FieldRain | GaugeRain):
        return None
    return 1000.0 * hyetograph(scenario.storm).total_m or None
