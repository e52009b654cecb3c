"""All laws of structures that a scenario names, in the order in which they act."""

from __future__ import annotations

from flood_sim.build.roofs import green_roofs_law
from flood_sim.build.site import LaidOut
from flood_sim.build.structures import culverts_law, inlets_law, manholes_law, storages_law
from flood_sim.scenario import Scenario
from flood_sim.scenario.surface import Inlets
from flood_sim.solver.laws import Law
from flood_sim.terrain.grid import Grid


def structure_laws(scenario: Scenario, laid: LaidOut, grid: Grid, notes: list[str]) -> list[Law]:
    """Roofs, manholes, inlets, storages and culverts; what was assumed goes to the notes."""
    surface, active = scenario.surface, laid.active
    culverts, said = culverts_law(laid.site.culverts, grid, laid.ground, active)
    laws: list[Law | None] = [laid.sewer_roofs, green_roofs_law(laid.green, grid.cols)]
    if surface.manholes is not None:
        manholes, more = manholes_law(surface.manholes, grid, active)
        laws.append(manholes)
        said += more
    if isinstance(surface.sewer, Inlets):
        inlets, more = inlets_law(surface.sewer, grid, active)
        laws.append(inlets)
        said += more
    notes += said
    return [law for law in (*laws, storages_law(laid.site.storages), culverts) if law is not None]
