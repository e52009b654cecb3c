"""One frozen description of what to compute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from flood_sim.errors import ScenarioError
from flood_sim.scenario import text
from flood_sim.scenario.boundary import Boundary, FreeOutflow, Where
from flood_sim.scenario.fields import file_fields
from flood_sim.scenario.initial import Dry, Initial
from flood_sim.scenario.measures import Measures
from flood_sim.scenario.numerics import Gauge, Numerics, Outputs, Section
from flood_sim.scenario.parts import Frozen
from flood_sim.scenario.storm import NoRain, Storm, storm_end_min
from flood_sim.scenario.surface import NoSewer, Surface
from flood_sim.scenario.terrain import Terrain

FORMAT_VERSION: Literal[1] = 1
MOST_OUTPUTS = {"every_min": 10_000, "series_every_s": 1_000_000}
"""Times in a result; more than that is a slip of the pen that fills the disk."""


class Scenario(Frozen):
    """One frozen description: terrain, storm, surface, measures, initial water, boundaries, numerics."""

    format_version: Literal[1] = FORMAT_VERSION
    title: str = Field("", max_length=200)
    crs: str | None = Field(default=None, description="CRS of all coordinates below; must be the terrain's")
    terrain: Terrain
    storm: Storm = NoRain()
    surface: Surface = Surface()
    measures: Measures = Field(default=(), max_length=1000)
    initial: Initial = Dry()
    boundaries: tuple[Boundary, ...] = (FreeOutflow(where=Where(edge="all")),)
    gauges: tuple[Gauge, ...] = ()
    sections: tuple[Section, ...] = ()
    outputs: Outputs = Outputs()
    numerics: Numerics

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        end = storm_end_min(self.storm)
        if end > self.numerics.duration_min + 1e-9:
            raise ValueError(
                f"the storm lasts {end:g} min, longer than the run: "
                f"numerics.duration_min = {self.numerics.duration_min:g}; lengthen the run or shorten the storm"
            )
        for name, step_s in (
            ("every_min", self.outputs.every_min * 60),
            ("series_every_s", self.outputs.series_every_s),
        ):
            count = self.numerics.duration_min * 60 / step_s
            if count > MOST_OUTPUTS[name]:
                raise ValueError(
                    f"outputs.{name} asks for {count:.0f} times; at most {MOST_OUTPUTS[name]} are written: take a longer step"
                )
        self._one_credit_for_roofs()
        for name, items in (("gauges", self.gauges), ("sections", self.sections), ("measures", self.measures)):
            ids = [i.id for i in items]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{name}: id used twice: {', '.join(twice)}")
        return self

    def _one_credit_for_roofs(self) -> None:
        """Roofs that drain into the sewer, and a sewer that also takes rain: the same capacity counted twice."""
        buildings, sewer = self.terrain.buildings, self.surface.sewer
        if buildings is not None and buildings.roof == "sewer" and not isinstance(sewer, NoSewer):
            raise ValueError(
                f"terrain.buildings.roof = sewer together with surface.sewer of kind {sewer.kind} counts the sewer twice; choose one"
            )

    # -- reading and writing --

    @classmethod
    def parse(cls, data: Any, where: str = "scenario") -> Scenario:
        """Validate plain data; one ScenarioError names every fault with its place."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ScenarioError(text.explain(error, data, cls), where=where) from None

    @classmethod
    def checked(cls, scenario: Any) -> Scenario:
        """The scenario, if it is one: pydantic's `model_copy` takes any value. ScenarioError else."""
        if not isinstance(scenario, cls):
            raise ScenarioError(
                "a Scenario is needed", where="scenario", value=type(scenario).__name__,
                hint="Scenario.load(path) reads one from a file, Scenario.parse(data) makes one from plain data",
            )  # fmt: skip
        return cls.parse(scenario.model_dump(mode="json", warnings=False))

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Read YAML or JSON; relative file names are taken from the scenario's own folder."""
        path = Path(path)
        data = text.read(path)
        base = path.resolve().parent
        return cls.parse(data, str(path)).with_files(lambda name: str(base / name))

    def to_json(self) -> str:
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    def to_yaml(self) -> str:
        return text.to_yaml(self.model_dump(mode="json", exclude_none=True))

    # -- files and identity --

    def files(self) -> dict[str, str]:
        """Every input file with the place where the scenario names it."""
        return {place: node[key] for place, node, key in file_fields(self.model_dump(mode="json"), type(self))}

    def with_files(self, rename: Callable[[str], str]) -> Scenario:
        """The same scenario with every file name replaced by `rename(name)`; ScenarioError if it was changed to a wrong one."""
        data = self.model_dump(mode="json")
        for _, node, key in file_fields(data, type(self)):
            node[key] = rename(node[key])
        return self.parse(data)

    def content_id(self, checksum: Callable[[str], str], engine: str) -> str:
        """64 bits in hex over everything that changes the answer.

        `checksum(name)` gives the SHA-256 of an input file, `engine` names the
        version of the code that computes. Title, threads and device are left out.
        """
        data = self.with_files(checksum).model_dump(mode="json")
        data.pop("title")
        data["numerics"].pop("threads")
        data["numerics"].pop("device")
        canonical = json.dumps({"engine": engine, "scenario": data}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]
