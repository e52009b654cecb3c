"""A scenario on its way to the process beside the service: plain values, ids turned into paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flood_sim import registry
from flood_sim.compiled import engine_version
from flood_sim.scenario import Scenario
from flood_sim_api.services.folder import DataFolder


@dataclass(frozen=True)
class Asked:
    """`scenario` names files by path. `key` is its content id: equal keys, equal answers."""

    key: str
    scenario: dict[str, Any]

    def described(self) -> Scenario:
        """The scenario itself."""
        return Scenario.model_validate(self.scenario)


def asked(folder: DataFolder, scenario: Scenario, threads: int) -> Asked:
    """A scenario over HTTP, its ids checked; errors as for a run."""
    files = registry.check_ids(folder.path, scenario)
    sums = {meta.id: meta.sha256 for meta in files.values()}
    paths = {meta.id: str(registry.resolve(folder.path, meta.id)) for meta in files.values()}
    if scenario.numerics.threads is None:
        numerics = scenario.numerics.model_copy(update={"threads": threads})
        scenario = scenario.model_copy(update={"numerics": numerics})
    key = scenario.content_id(sums.__getitem__, engine_version())
    return Asked(key, scenario.with_files(paths.__getitem__).model_dump(mode="json", exclude_none=True))
