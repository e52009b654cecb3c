"""A scenario with its measures and without them, computed and compared: the normal way to look at a measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flood_sim import runner
from flood_sim.errors import ResultError, ScenarioError
from flood_sim.results.comparison import Comparison
from flood_sim.results.dataset import Result, open_result
from flood_sim.scenario import Scenario

WITHOUT, WITH = "without", "with"


def compare(
    scenario: Scenario, folder: str | Path, *, run: Callable[..., Result] = runner.run, **options: Any
) -> Comparison:
    """Compute `folder`/without and `folder`/with, and write difference.tif, buildings.csv and comparison.json beside them.

    A result that is there already and answers the same question is taken as it
    is: another measure costs one run. `options` go to `run`. ScenarioError for a
    scenario without measures.
    """
    scenario = Scenario.checked(scenario)
    if not scenario.measures:
        raise ScenarioError(
            "has no measures, so there is nothing to compare", where="measures",
            hint="Add a measure, or compute it alone with `flood-sim run`",
        )  # fmt: skip
    folder = Path(folder)
    bare = scenario.model_copy(update={"measures": ()})
    results = [_result(s, folder / name, run, options) for name, s in ((WITHOUT, bare), (WITH, scenario))]
    comparison = Comparison(*results)
    comparison.write(folder)
    return comparison


def _result(scenario: Scenario, place: Path, run: Callable[..., Result], options: dict[str, Any]) -> Result:
    if place.exists():
        try:
            found = open_result(place)
        except ResultError:  # incomplete or foreign: `run` says what becomes of it
            return run(scenario, place, **options)
        if found.manifest["content_id"] == runner.content_id(scenario):
            return found
        options = {**options, "overwrite": True}
    return run(scenario, place, **options)
