"""Make the picture of the README: the demo storm on the invented town, with cells of 2 m.

    .venv/bin/python tools/picture.py [--result DIR]

Takes about five minutes of processor time; with --result a finished run is drawn.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pyogrio
import shapely
from matplotlib.colors import to_hex
from PIL import Image, ImageColor

from flood_sim import Scenario, open_result, run
from flood_sim.results.dataset import Result
from flood_sim.results.legend import legend
from flood_sim.results.plot import paper, plot_depth
from flood_sim.results.plot_frame import INK, QUIET, STAMP, WALL
from flood_sim.terrain.shipped import town_folder, town_scenario

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "musterstadt.png"
SHORT = {
    "Grundschule Schulstraße": "Grundschule", "Unterführung Siefenstraße": "Unterführung", "Bahnhof": "Bahnhof",
    "Feuerwache": "Feuerwache", "Krankenhaus": "Krankenhaus",
}  # fmt: skip
RAMP = 110
"""Shades of the ground kept in the picture's palette."""


def compute() -> Result:
    data = Scenario.load(town_scenario()).model_dump(mode="json")
    data["terrain"]["cell_m"] = 2
    return run(Scenario.parse(data))


def places() -> dict[str, tuple[float, float]]:
    meta, _, wkb, columns = pyogrio.raw.read(town_folder() / "musterstadt_places.gpkg", layer="places")
    names = columns[list(meta["fields"]).index("name")]
    points = dict(zip(names, shapely.from_wkb(wkb), strict=True))
    return {short: (points[name].x, points[name].y) for name, short in SHORT.items()}


def with_few_colours(picture: Image.Image) -> Image.Image:
    """At most 256: those of legend and text as they are, a ramp of the paper, and what else occurs most."""
    kept = [*(c.colour for c in legend("max_depth")), WALL, STAMP, INK, QUIET, "#ffffff"]
    ramp = [to_hex(c) for c in paper()(np.linspace(0, 1, RAMP))]
    chosen = picture.quantize(256 - RAMP - len(kept), dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(channel for colour in kept + ramp for channel in ImageColor.getrgb(colour)), *chosen])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--result", type=Path, metavar="DIR")
    asked = parser.parse_args()
    result = open_result(asked.result) if asked.result else compute()
    figure = plot_depth(result, marks=places())
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(TARGET, dpi=140)
    with Image.open(TARGET) as picture:
        small = with_few_colours(picture.convert("RGB"))
    small.save(TARGET, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
