"""What stands around a map: title, scale, legend, and what the map does not show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from flood_sim.results.dataset import Result
from flood_sim.results.legend import legend
from flood_sim.variables import NOT_SHOWN_DE, NOT_SHOWN_EN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Language = Literal["de", "en"]
WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "kind": "Starkregen-Simulation (Vorprüfung)",
        "what": "Wassertiefe, Maximalwerte",
        "invented": "Erfundene Stadt",
        "building": "Gebäude",
        "below": "unter 10 cm: nicht gezeichnet",
        "not_shown": NOT_SHOWN_DE,
        "facts": "Zellen {cell} m · {minutes} min gerechnet · {crs} · flood_sim {version} · Kennung {content}",
    },
    "en": {
        "kind": "Heavy-rain simulation (preliminary check)",
        "what": "maximum water depth",
        "invented": "Invented town",
        "building": "buildings",
        "below": "below 10 cm: not drawn",
        "not_shown": NOT_SHOWN_EN,
        "facts": "cells of {cell} m · {minutes} min computed · {crs} · flood_sim {version} · id {content}",
    },
}
INK, QUIET, WALL, WALL_EDGE, SHORE, STAMP = "#1f2a33", "#5d6871", "#9b8f83", "#5f564d", "#2a5fb0", "#9a3b26"
WIDTH_IN, TALLEST_IN, TOP_IN, BOTTOM_IN, SIDE_IN = 11.0, 11.0, 0.86, 1.08, 0.3


def draw_scale(axes: Axes, width: float) -> None:
    """For a map `width` m wide: a bar of 1, 2 or 5 times a power of ten, a quarter of the map at most, and north."""
    from matplotlib.patches import FancyBboxPatch, Rectangle

    power = 10.0 ** math.floor(math.log10(width / 4))
    length = next(k * power for k in (5, 2, 1) if k * power <= width / 4)
    unit = width / WIDTH_IN  # metres of ground per inch of figure, nearly
    (west, _), (south, _) = axes.get_xlim(), axes.get_ylim()
    x, y = west + 0.28 * unit, south + 0.36 * unit
    box = (x - 0.14 * unit, y - 0.22 * unit)
    axes.add_patch(
        FancyBboxPatch(box, length + 0.62 * unit, 0.5 * unit, boxstyle=f"round,pad=0,rounding_size={0.06 * unit}",
                       facecolor="white", alpha=0.85, edgecolor="none", zorder=5)
    )  # fmt: skip
    for k in range(4):
        colour = INK if k % 2 == 0 else "white"
        axes.add_patch(Rectangle((x + k * length / 4, y - 0.1 * unit), length / 4, 0.07 * unit, facecolor=colour,
                                 edgecolor=INK, linewidth=0.6, zorder=6))  # fmt: skip
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x, y + 0.05 * unit, "0", fontsize=7.5, color=INK, zorder=6)
    axes.text(x + length, y + 0.05 * unit, label, fontsize=7.5, color=INK, ha="right", zorder=6)
    axes.annotate(
        "N", (x + length + 0.25 * unit, y + 0.2 * unit), (x + length + 0.25 * unit, y - 0.12 * unit), fontsize=8,
        ha="center", va="center", color=INK, zorder=6, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.0},
    )  # fmt: skip


def write_head(figure: Figure, result: Result, words: dict[str, str], title: str | None, full: float) -> None:
    manifest = result.manifest
    left, right = SIDE_IN / WIDTH_IN, 1 - SIDE_IN / WIDTH_IN
    head = title or (manifest.get("terrain") or {}).get("name") or manifest.get("title") or ""
    storm = (manifest.get("storm") or {}).get("label" if words is WORDS["de"] else "label_en") or ""
    below = " · ".join(part for part in (words["what"], storm) if part)
    figure.text(left, 1 - 0.40 / full, head, fontsize=17, fontweight="bold", color=INK)
    figure.text(left, 1 - 0.68 / full, below, fontsize=10.5, color=INK)
    figure.text(right, 1 - 0.68 / full, words["kind"], fontsize=9, color=QUIET, ha="right")
    if manifest.get("synthetic"):
        figure.text(
            right, 1 - 0.38 / full, words["invented"], fontsize=10, color="white", ha="right", fontweight="bold",
            bbox={"boxstyle": "round,pad=0.35", "facecolor": STAMP, "edgecolor": "none"},
        )  # fmt: skip


def facts_of(result: Result, words: dict[str, str]) -> str:
    manifest = result.manifest
    grid, numerics = manifest["grid"], manifest["scenario"]["numerics"]
    return words["facts"].format(
        cell=f"{grid['cell_m']:g}", minutes=f"{numerics['duration_min']:g}", version=manifest.get("version", "?"),
        crs=f"EPSG:{grid['epsg']}" if grid.get("epsg") else result.grid.crs.name, content=manifest["content_id"],
    )  # fmt: skip


def draw_legend(band: Axes, words: dict[str, str], language: Language, facts: str) -> None:
    """Swatches with class labels in one row, then what is not drawn and not shown. Units: inches."""
    from matplotlib.patches import Rectangle

    width = WIDTH_IN - 2 * SIDE_IN
    band.set(xlim=(0, width), ylim=(0, BOTTOM_IN))
    band.axis("off")
    classes = [(c.colour, c.label_de if language == "de" else c.label_en, SHORE) for c in legend("max_depth")]
    entries = [*classes, (WALL, words["building"], WALL_EDGE)]
    step = width / len(entries)
    for k, (colour, label, edge) in enumerate(entries):
        band.add_patch(Rectangle((k * step, 0.70), 0.34, 0.2, facecolor=colour, edgecolor=edge, linewidth=0.7))
        band.text(k * step + 0.42, 0.80, label, fontsize=8.8, va="center", color=INK)
    band.text(0, 0.44, words["not_shown"], fontsize=8.8, color=INK, va="center", fontweight="bold")
    band.text(0, 0.20, facts, fontsize=7.5, color=QUIET, va="center")
    band.text(width, 0.44, words["below"], fontsize=8.2, color=QUIET, va="center", ha="right")
