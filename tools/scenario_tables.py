"""The tables of docs/scenario.md, made from the pydantic models: a key without a sentence here is an error."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flood_sim.scenario import Scenario

UNITS = (
    ("_m3s", "m³/s"), ("_mm", "mm"), ("_min", "min"), ("_cm", "cm"), ("_m", "m"), ("_s", "s"), ("_slope", "m/m"),
)  # fmt: skip
UNIT_OF = {"n": "s/m^(1/3)", "x": "m", "y": "m", "line": "m", "polygon": "m", "curve": "min, mm"}

WORDS = {
    "Scenario.format_version": "Version of this format.",
    "Scenario.title": "Free text; does not change the answer.",
    "Scenario.crs": "CRS of all coordinates in the scenario, e.g. `EPSG:25832`; must be the terrain's. Checked if given.",
    "Scenario.terrain": "The ground and the buildings on it.",
    "Scenario.storm": "The rain, the same over the whole model.",
    "Scenario.surface": "What covers the ground.",
    "Scenario.initial": "Water at the start.",
    "Scenario.boundaries": "What happens at the border, and inflows. Later entries take border faces from earlier ones; "
    "a border that nothing names is a wall.",
    "Scenario.gauges": "Points whose depth, level and speed are recorded.",
    "Scenario.sections": "Lines through which the discharge is recorded.",
    "Scenario.outputs": "What is recorded and how often.",
    "Scenario.numerics": "How long and how to compute.",
    "Terrain.dem": "GeoTIFF or ESRI ASCII grid in a projected metric CRS.",
    "Terrain.crs": "CRS of an ESRI ASCII grid, which cannot say it.",
    "Terrain.cell_m": "Coarser cells, a whole multiple of the DEM's; heights are averaged.",
    "Terrain.holes": "Cells without a height enclosed by terrain: interpolated, taken out, or an error. "
    "What reaches the edge of the raster is always outside the model.",
    "Terrain.buildings": "Footprints of buildings.",
    "Buildings.file": "Polygons: GeoPackage or GeoJSON, in the terrain's CRS.",
    "Buildings.mode": "`blocked`: no water inside, roof rain goes evenly to the open cells around that footprint. "
    "`raised`: ordinary ground, lifted.",
    "Buildings.raise_m": "How much `raised` lifts the ground.",
    "BlockRain.depth_mm": "Sum of the rain; 1 mm = 1 l/m².",
    "BlockRain.duration_min": "It rains evenly for this long.",
    "TableRain.edges_min": "n+1 increasing edges of n intervals.",
    "TableRain.depths_mm": "What falls in each interval.",
    "EulerII.duration_min": "Duration in steps of 5 min.",
    "EulerII.depth_mm": "Sum; scales the shipped curve and is labelled so. Give this or `curve`.",
    "EulerII.curve": "Depth-duration curve, pairs of minutes and mm. Give this or `depth_mm`.",
    "Surface.roughness": "Manning's n.",
    "ConstantRoughness.n": "The same everywhere.",
    "RasterRoughness.file": "Raster of Manning's n in the terrain's CRS.",
    "LandCoverRoughness.file": "Raster of land-cover classes; n by class stands in `src/flood_sim/surface/land_cover.yaml`.",
    "InitialLevel.level_m": "Everything below this height stands under water.",
    "InitialDepth.file": "Raster of depths in the terrain's CRS, in m.",
    "Wall.where": "Nothing passes.",
    "FreeOutflow.where": "Water leaves at normal flow, nothing enters.",
    "FreeOutflow.energy_slope": "Slope of the energy line; without it the local slope of the bed, at least 0.5 %.",
    "FixedLevel.where": "Exchange with still water outside.",
    "FixedLevel.level_m": "Height of that water, of the same zero as the terrain. Below the lowest ground of its border it is "
    "refused; where the ground is higher, water falls out freely.",
    "LevelSeries.where": "Exchange with still water outside.",
    "LevelSeries.times_min": "Increasing times after the start.",
    "LevelSeries.levels_m": "Height of the water at these times; linear between, constant outside. Refused only if always "
    "below the lowest ground of its border.",
    "Inflow.where": "Along a border it enters as flow; over a polygon, or a line inside the model, evenly as volume. Where "
    "buildings close a part of it, all of it enters through the rest, with a note; where they close it all, it is refused.",
    "Inflow.times_min": "Increasing times after the start.",
    "Inflow.discharge_m3s": "Discharge at these times; linear between, zero outside.",
    "Where.edge": "One side of the model, or all of it.",
    "Where.line": "The border near this line.",
    "Where.polygon": "The border inside this polygon; for an inflow the cells inside.",
    "Gauge.id": "Name in gauges.csv.",
    "Gauge.x": "East coordinate, CRS of the terrain.",
    "Gauge.y": "North coordinate, CRS of the terrain.",
    "Section.id": "Name in sections.csv.",
    "Section.line": "Discharge counts positive from its left to its right hand, looking along it.",
    "Outputs.every_min": "Time between two states of the dataset.",
    "Outputs.series_every_s": "Time between two entries of gauges and sections.",
    "Outputs.threshold_cm": "Depth for arrival time and duration.",
    "Numerics.duration_min": "Simulated time; at least as long as the rain.",
    "Numerics.courant": "Courant number. The scheme's limit in two dimensions is 1/√2; lower is slower.",
    "Numerics.max_step_s": "Longest time step.",
    "Numerics.threads": "Threads; the answer is the same for any number. Without it, all cores.",
    "Numerics.device": "`cuda`: a CUDA card (extra `cuda`), an error where none can be used; `auto`: a card where one can "
    "be used, else the CPU. Changes the answer only within rounding.",
}


def tables() -> str:
    """One section with a table for each model that a scenario can hold, in the order in which they are named."""
    return "\n\n".join(_section(model, place) for model, place in models(Scenario, "").items())


def models(model: type[BaseModel], place: str, seen: dict[type[BaseModel], str] | None = None) -> dict:
    """The model and all below it, each with the place where it is first named."""
    seen = {} if seen is None else seen
    if model not in seen:
        seen[model] = place
        for name, field in model.model_fields.items():
            for child in _children(field.annotation):
                models(child, f"{place}.{name}".strip("."), seen)
    return seen


def _children(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        if not isinstance(inner, FieldInfo):
            yield from _children(inner)


def _section(model: type[BaseModel], place: str) -> str:
    kind = model.model_fields.get("kind")
    title = f"`{place}`" if place else "The whole"
    if kind:
        title += f" of kind `{kind.default}`"
    if place == "boundaries.where":
        title = "`where` of a boundary: exactly one of these"
    rows = [
        f"| `{name}` | {_type(field)} | {_unit(name)} | {_default(field)} | {WORDS[f'{model.__name__}.{name}']} |"
        for name, field in model.model_fields.items()
        if name != "kind"
    ]
    text = f"### {title}\n"
    if "kind" in model.model_fields and not rows:
        return f"{text}\nNo further key."
    head = "| key | what | unit | default | meaning |\n|---|---|---|---|---|"
    return "\n".join((text, head, *rows))


def _unit(name: str) -> str:
    for end, unit in UNITS:
        if name.endswith((end, f"{end}s")):
            return unit
    if name.startswith(("times_", "depths_", "levels_", "edges_")):
        raise KeyError(f"{name}: no unit")
    return UNIT_OF.get(name, "–")


def _type(field: FieldInfo) -> str:
    return _named(field.annotation) + _limits(field.metadata)


def _named(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        parts = [a for a in inner if a is not type(None)]
        if all(isinstance(p, type) and issubclass(p, BaseModel) and "kind" in p.model_fields for p in parts):
            return "one `kind` of " + ", ".join(f"`{p.model_fields['kind'].default}`" for p in parts)
        return " or ".join(_named(p) for p in parts)
    if origin is tuple:
        item = inner[0]
        if len(inner) == 2 and inner[1] is not Ellipsis:
            return "pair"
        return f"list: {_named(item)}" if get_origin(item) is not tuple else "list of pairs"
    if hasattr(annotation, "__metadata__"):  # Annotated
        limits = [m for part in annotation.__metadata__ for m in getattr(part, "metadata", (part,))]
        return _named(annotation.__origin__) + _limits(limits)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table below"
    return {str: "text", float: "number", int: "whole number"}[annotation]


def _limits(metadata: list[Any]) -> str:
    parts = []
    for m in metadata:
        match m:
            case Gt(gt=v):
                parts.append(f"> {v}")
            case Ge(ge=v):
                parts.append(f"≥ {v}")
            case Lt(lt=v):
                parts.append(f"< {v}")
            case Le(le=v):
                parts.append(f"≤ {v}")
            case MultipleOf(multiple_of=v):
                parts.append(f"multiple of {v}")
            case MinLen(min_length=v) if v > 1:
                parts.append(f"at least {v}")
            case MaxLen(max_length=v):
                parts.append(f"at most {v} characters")
            case _ if (pattern := getattr(m, "pattern", None)) is not None:
                parts.append(f"`{pattern}`")
    return " " + ", ".join(parts) if parts else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.default
    if value is None:
        return "–"
    if isinstance(value, BaseModel):
        kind = getattr(value, "kind", None)
        return f"`{kind}`" if kind else "its defaults"
    if isinstance(value, tuple):
        return "free outflow all round" if value else "none"
    return f"`{value}`" if value != "" else "empty"
