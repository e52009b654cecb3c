"""What one choice of a scenario switches off in another, and choices that would count one thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel

from flood_sim.errors import ScenarioError
from flood_sim.scenario import CurveNumber, NoInitialLoss, NoSewer, RunOff, Scenario, Surface
from flood_sim.terrain.buildings import Footprints

LOSSES = {"infiltration": "infiltration", "initial_loss": "initial loss", "sewer": "sewer"}
RUN_OFF = "the storm is a run-off value (Abflusswert) from which losses are already taken"


def without_losses(scenario: Scenario, notes: list[str]) -> Scenario:
    """The scenario as it is computed: with a run-off value no loss of its surface acts, inlets included."""
    if not isinstance(scenario.storm, RunOff):
        return scenario
    parts: dict[str, BaseModel] = {name: getattr(scenario.surface, name) for name in LOSSES}
    off = [LOSSES[name] for name, part in parts.items() if getattr(part, "kind", "none") != "none"]
    if not off:
        return scenario
    notes.append(f"{RUN_OFF}: {', '.join(off)} switched off")
    surface = scenario.surface.model_copy(update={name: Surface.model_fields[name].default for name in LOSSES})
    return scenario.model_copy(update={"surface": surface})


def plain_roofs(scenario: Scenario, footprints: Footprints, notes: list[str]) -> Footprints:
    """With a run-off value all roofs shed to the ground around: what they give the sewer or hold is taken off already."""
    changed = sum(a.roof != "ground" for a in footprints.acting)
    if not isinstance(scenario.storm, RunOff) or not changed:
        return footprints
    notes.append(f"{RUN_OFF}: {changed} roofs that drain into the sewer or hold rain shed to the ground around")
    return replace(footprints, acting=tuple(replace(a, roof="ground") for a in footprints.acting))


def refuse_two_credits(scenario: Scenario, footprints: Footprints) -> None:
    """Roofs that single buildings of the file give to the sewer, beside a sewer that takes rain: one capacity counted twice."""
    sewer, buildings = scenario.surface.sewer, scenario.terrain.buildings
    if isinstance(sewer, NoSewer) or buildings is None:
        return
    ids = [name for name, a in zip(footprints.ids, footprints.acting, strict=True) if a.roof == "sewer"]
    if ids:
        raise ScenarioError(
            f"roofs drain into the sewer (column roof), and with surface.sewer of kind {sewer.kind} it counts twice",
            where=buildings.file, value=_some(ids), allowed="one of both",
            hint="Empty the column roof of these buildings, or set surface.sewer to kind none",
        )  # fmt: skip


def said_of_curve_number(surface: Surface) -> list[str]:
    """What whoever reads the result must know where a curve number was used."""
    if not isinstance(surface.infiltration, CurveNumber):
        return []
    notes = ["curve number (24-h-Verfahren): made for the rain of a day, used here for this storm"]
    if surface.infiltration.initial_abstraction_ratio > 0 and not isinstance(surface.initial_loss, NoInitialLoss):
        notes.append(
            "the initial abstraction of the curve number and surface.initial_loss both act: wetting is taken twice; "
            "initial_loss of kind none avoids it"
        )
    return notes


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
