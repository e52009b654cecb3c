"""The invented town comes with a scenario for each preset of rain: the very storm, its label, and a run that is long enough."""

import pytest
from tools.town_scenarios import written

from flood_sim.rain.presets import PRESETS
from flood_sim.rain.storms import hyetograph
from flood_sim.scenario import Scenario, storm_end_min
from flood_sim.terrain.shipped import town_folder


def test_the_shipped_files_are_what_the_presets_make():
    stale = [path.name for path, words in written().items() if path.read_text(encoding="utf-8") != words]
    assert stale == [], "python -m tools.town_scenarios"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.key)
def test_each_storm_is_that_of_its_preset(preset):
    scenario = Scenario.load(town_folder() / f"musterstadt_{preset.key}.yaml")
    assert (
        scenario.storm
        == Scenario.parse(
            {"terrain": {"dem": "d"}, "storm": preset.storm, "numerics": {"duration_min": preset.duration_min}}
        ).storm
    )
    assert scenario.numerics.duration_min == storm_end_min(scenario.storm) + 60
    assert preset.published in hyetograph(scenario.storm).label
    assert scenario.surface.infiltration.kind == "horton" and scenario.surface.initial_loss.kind == "land_cover"
