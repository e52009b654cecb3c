"""The contract with the user: one frozen description of what to compute.

A Scenario reads and writes JSON and YAML, refuses unknown keys and carries the
unit of every number in its name. File fields hold paths (command line,
notebook) or ids of registered files (API). `content_id` identifies the answer:
equal ids mean equal results.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from flood_sim.errors import ScenarioError

FORMAT_VERSION = 1
MOST_OUTPUTS = {"every_min": 10_000, "series_every_s": 1_000_000}
"""Times in a result; more than that is a slip of the pen that fills the disk."""

Point = tuple[float, float]
Line = Annotated[tuple[Point, ...], Field(min_length=2)]
Ring = Annotated[tuple[Point, ...], Field(min_length=3)]
InputFile = Annotated[str, Field(min_length=1, json_schema_extra={"input_file": True})]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class Frozen(BaseModel):
    """Immutable, refuses unknown keys and values that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# --- terrain ---------------------------------------------------------------


class Buildings(Frozen):
    """Footprints and how they act.

    blocked: no water inside, rain on the roof goes evenly to the open cells
    around that footprint. raised: the ground is lifted by `raise_m` and rain
    runs off it like off any other ground.
    """

    file: InputFile
    mode: Literal["blocked", "raised"] = "blocked"
    raise_m: float = Field(8.0, gt=0, le=100)


class Terrain(Frozen):
    """The ground: a DEM, an optional coarser cell size, and buildings.

    `crs` is needed for ESRI ASCII only. `holes` says what happens to cells
    without a height that are enclosed by terrain: interpolated (fill), taken
    out of the computation (mask) or an error (refuse). Cells without a height
    that reach the edge of the raster are always outside the model.
    """

    dem: InputFile
    crs: str | None = None
    cell_m: float | None = Field(None, gt=0, description="coarser cell size, a whole multiple of the DEM's")
    holes: Literal["fill", "mask", "refuse"] = "fill"
    buildings: Buildings | None = None


# --- storm -----------------------------------------------------------------


class NoRain(Frozen):
    kind: Literal["none"] = "none"


class BlockRain(Frozen):
    """Constant intensity: depth spread evenly over the duration."""

    kind: Literal["block"] = "block"
    depth_mm: float = Field(gt=0, le=2000)
    duration_min: float = Field(gt=0, le=10080)


class TableRain(Frozen):
    """Any hyetograph: n+1 edges of n intervals and the depth that falls in each."""

    kind: Literal["table"] = "table"
    edges_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)
    depths_mm: tuple[Annotated[float, Field(ge=0, le=2000)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> TableRain:
        if len(self.edges_min) != len(self.depths_mm) + 1:
            raise ValueError(
                f"edges_min has {len(self.edges_min)} values and depths_mm {len(self.depths_mm)}; "
                "n intervals need n+1 edges"
            )
        if any(b <= a for a, b in zip(self.edges_min, self.edges_min[1:], strict=False)):
            raise ValueError("edges_min must increase")
        return self


class EulerII(Frozen):
    """Modellregen Euler Typ II (DWA-A 118) in 5-minute steps.

    From a depth-duration `curve` (pairs of duration_min and depth_mm), or from
    the sum `depth_mm` alone, which scales the shipped curve
    (`flood_sim.rain.curves.SHIPPED`) and is labelled so.
    """

    kind: Literal["euler_ii"] = "euler_ii"
    duration_min: float = Field(gt=0, le=10080, multiple_of=5)
    depth_mm: float | None = Field(None, gt=0, le=2000)
    curve: tuple[tuple[float, float], ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> EulerII:
        if (self.depth_mm is None) == (self.curve is None):
            raise ValueError("give either depth_mm (scales the shipped curve) or curve, not both and not neither")
        if self.curve is not None:
            d = [c[0] for c in self.curve]
            h = [c[1] for c in self.curve]
            if any(b <= a for a, b in zip(d, d[1:], strict=False)) or d[0] <= 0:
                raise ValueError("curve: durations must be positive and increase")
            if any(b < a for a, b in zip(h, h[1:], strict=False)) or h[0] <= 0:
                raise ValueError("curve: depths must be positive and must not decrease")
            if d[-1] < self.duration_min:
                raise ValueError(f"curve ends at {d[-1]:g} min, before duration_min = {self.duration_min:g}")
        return self


Storm = Annotated[NoRain | BlockRain | TableRain | EulerII, Field(discriminator="kind")]


# --- surface ---------------------------------------------------------------


class ConstantRoughness(Frozen):
    kind: Literal["constant"] = "constant"
    n: float = Field(0.03, ge=0, le=1, description="Manning's n in s/m^(1/3)")


class RasterRoughness(Frozen):
    """Manning's n from a raster on the terrain's CRS."""

    kind: Literal["raster"] = "raster"
    file: InputFile


class LandCoverRoughness(Frozen):
    """Manning's n from a land-cover raster through the shipped table of classes."""

    kind: Literal["land_cover"] = "land_cover"
    file: InputFile


Roughness = Annotated[ConstantRoughness | RasterRoughness | LandCoverRoughness, Field(discriminator="kind")]


class Surface(Frozen):
    roughness: Roughness = ConstantRoughness()


# --- initial water ---------------------------------------------------------


class Dry(Frozen):
    kind: Literal["dry"] = "dry"


class InitialLevel(Frozen):
    """Everything below this height stands under water."""

    kind: Literal["level"] = "level"
    level_m: float


class InitialDepth(Frozen):
    kind: Literal["depth"] = "depth"
    file: InputFile


Initial = Annotated[Dry | InitialLevel | InitialDepth, Field(discriminator="kind")]


# --- boundaries ------------------------------------------------------------


class Where(Frozen):
    """A part of the model border: one side, or what a line or polygon touches."""

    edge: Literal["north", "east", "south", "west", "all"] | None = None
    line: Line | None = None
    polygon: Ring | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Where:
        if sum(x is not None for x in (self.edge, self.line, self.polygon)) != 1:
            raise ValueError("give exactly one of edge, line, polygon")
        return self


class Wall(Frozen):
    kind: Literal["wall"] = "wall"
    where: Where


class FreeOutflow(Frozen):
    """Normal flow out of the model; without `energy_slope` the local bed slope, at least 0.5 %."""

    kind: Literal["free"] = "free"
    where: Where
    energy_slope: float | None = Field(None, gt=0, le=1)


class FixedLevel(Frozen):
    kind: Literal["level"] = "level"
    where: Where
    level_m: float


class _Series(Frozen):
    times_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)

    def _check(self, values: tuple[float, ...], name: str) -> None:
        if len(values) != len(self.times_min):
            raise ValueError(f"times_min has {len(self.times_min)} values, {name} has {len(values)}")
        if any(b <= a for a, b in zip(self.times_min, self.times_min[1:], strict=False)):
            raise ValueError("times_min must increase")


class LevelSeries(_Series):
    """Water level over time, linear between the given times, constant outside them."""

    kind: Literal["level_series"] = "level_series"
    where: Where
    levels_m: tuple[float, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> LevelSeries:
        self._check(self.levels_m, "levels_m")
        return self


class Inflow(_Series):
    """Discharge over time, linear between the given times, zero outside them.

    Along a border (edge, or a line that lies on it) it enters as flow; over a
    polygon, or a line inside the model, it enters evenly as volume.
    """

    kind: Literal["inflow"] = "inflow"
    where: Where
    times_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)
    discharge_m3s: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _fits(self) -> Inflow:
        self._check(self.discharge_m3s, "discharge_m3s")
        return self


Boundary = Annotated[Wall | FreeOutflow | FixedLevel | LevelSeries | Inflow, Field(discriminator="kind")]


# --- what to record, how to compute ---------------------------------------


class Gauge(Frozen):
    """A point; the series of the cell that contains it is recorded."""

    id: Identifier
    x: float
    y: float


class Section(Frozen):
    """A line; discharge is positive from its left to its right hand, looking along it."""

    id: Identifier
    line: Line


class Outputs(Frozen):
    every_min: float = Field(5.0, gt=0)
    series_every_s: float = Field(60.0, gt=0)
    threshold_cm: float = Field(10.0, gt=0, le=1000, description="depth for arrival time and duration")


class Numerics(Frozen):
    """How to compute. `threads` and `device` do not change the answer."""

    duration_min: float = Field(gt=0, le=43200)
    courant: float = Field(0.6, gt=0, le=0.6)
    max_step_s: float = Field(5.0, gt=0, le=60)
    threads: int | None = Field(None, ge=1, le=1024)
    device: Literal["cpu"] = "cpu"


class Scenario(Frozen):
    """One frozen description: terrain, storm, surface, initial water, boundaries, numerics."""

    format_version: Literal[1] = FORMAT_VERSION
    title: str = Field("", max_length=200)
    crs: str | None = Field(None, description="CRS of all coordinates below; must be the terrain's")
    terrain: Terrain
    storm: Storm = NoRain()
    surface: Surface = Surface()
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
        for name, items in (("gauges", self.gauges), ("sections", self.sections)):
            ids = [i.id for i in items]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{name}: id used twice: {', '.join(twice)}")
        return self

    # -- reading and writing --

    @classmethod
    def parse(cls, data: Any, where: str = "scenario") -> Scenario:
        """Validate plain data; one ScenarioError names every fault with its place."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ScenarioError(_explain(error), where=where) from None

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Read YAML or JSON; relative file names are taken from the scenario's own folder."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a UTF-8 text file"
            raise ScenarioError(f"cannot be read: {reason}", where=str(path)) from None
        try:
            data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
        except (json.JSONDecodeError, yaml.YAMLError) as error:
            raise ScenarioError(
                f"not valid {path.suffix or 'YAML'}: {' '.join(str(error).split())}", where=str(path)
            ) from None
        if not isinstance(data, dict):
            raise ScenarioError("holds no scenario (a table of keys is expected)", where=str(path))
        base = path.resolve().parent
        return cls.parse(data, str(path)).with_files(lambda name: str(base / name))

    def to_json(self) -> str:
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    def to_yaml(self) -> str:
        data = self.model_dump(mode="json", exclude_none=True)
        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)

    # -- files and identity --

    def files(self) -> dict[str, str]:
        """Every input file with the place where the scenario names it."""
        return {place: node[key] for place, node, key in _file_fields(self.model_dump(mode="json"), type(self))}

    def with_files(self, rename: Callable[[str], str]) -> Scenario:
        """The same scenario with every file name replaced by `rename(name)`."""
        data = self.model_dump(mode="json")
        for _, node, key in _file_fields(data, type(self)):
            node[key] = rename(node[key])
        return type(self).model_validate(data)

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


def storm_end_min(storm: NoRain | BlockRain | TableRain | EulerII) -> float:
    """When the rain stops, in minutes after the start of the run."""
    match storm:
        case NoRain():
            return 0.0
        case TableRain():
            return storm.edges_min[-1]
        case _:
            return storm.duration_min


def _file_fields(data: dict, model: type[BaseModel], place: str = ""):
    """Yield (place, dict that holds it, key) for every field marked `input_file`."""
    for name, field in model.model_fields.items():
        value = data.get(name)
        here = f"{place}{name}"
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("input_file") and value is not None:
            yield here, data, name
        elif isinstance(value, dict):
            child = _model_of(field.annotation, value)
            if child is not None:
                yield from _file_fields(value, child, f"{here}.")


def _model_of(annotation: Any, value: dict) -> type[BaseModel] | None:
    """The model among the alternatives of an annotation that wrote `value`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [m for m in (_model_of(a, value) for a in getattr(annotation, "__args__", ())) if m is not None]
    for model in found:
        kind = model.model_fields.get("kind")
        if kind is None or kind.default == value.get("kind"):
            return model
    return None


def _explain(error: ValidationError) -> str:
    lines = []
    for e in error.errors(include_url=False):
        place = ".".join(str(p) for p in e["loc"]) or "scenario"
        message = e["msg"].removeprefix("Value error, ")
        if e["type"] == "extra_forbidden":
            message = "unknown key"
        value = e.get("input")
        shown = f" (got {value!r})" if isinstance(value, str | int | float) and e["type"] != "extra_forbidden" else ""
        lines.append(f"{place}: {message}{shown}")
    return "; ".join(lines)
