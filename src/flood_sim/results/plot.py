"""One map of a result as a figure: hillshade, depth in the classes of the legend, footprints, scale.

For notebooks and reports; matplotlib is imported only when a map is drawn
(`pip install "flood-sim[notebook]"`). Every map names what it does not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import ndimage

from flood_sim.errors import ResultError
from flood_sim.results.dataset import Result
from flood_sim.results.legend import legend
from flood_sim.results.plot_frame import (
    BOTTOM_IN,
    INK,
    QUIET,
    SHORE,
    SIDE_IN,
    TALLEST_IN,
    TOP_IN,
    WALL,
    WALL_EDGE,
    WIDTH_IN,
    WORDS,
    Language,
    draw_legend,
    draw_scale,
    facts_of,
    write_head,
)
from flood_sim.results.vectors import read_geojson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIGHTS = ((315.0, 0.55), (270.0, 0.2), (0.0, 0.25))
"""Azimuth and weight of each light of the hillshade; the north-west leads, as readers of maps expect."""


def plot_depth(
    result: Result,
    *,
    language: Language = "de",
    title: str | None = None,
    marks: Mapping[str, tuple[float, float]] | None = None,
    extent: tuple[float, float, float, float] | None = None,
) -> Figure:
    """The maximum water depth on the shaded ground, with legend, scale and what the map does not show.

    marks: names to write at points (x, y in m, CRS of the terrain). extent:
    west, south, east, north in m of the part to draw. Values are never rounded
    before they are classed; classes below 10 cm are not drawn. Raises
    ResultError where matplotlib is missing, the language unknown or the extent off the terrain.
    """
    if language not in WORDS:
        raise ResultError("there are no maps in this language", value=language, allowed=", ".join(WORDS))
    plt = _pyplot()
    words = WORDS[language]
    west, south, east, north = _extent(result, extent)
    height = (WIDTH_IN - 2 * SIDE_IN) * (north - south) / (east - west)
    height = min(height, TALLEST_IN)
    figure = plt.figure(figsize=(WIDTH_IN, height + TOP_IN + BOTTOM_IN), facecolor="white")
    full = height + TOP_IN + BOTTOM_IN
    share = 1 - 2 * SIDE_IN / WIDTH_IN
    axes = figure.add_axes((SIDE_IN / WIDTH_IN, BOTTOM_IN / full, share, height / full))
    _draw_ground(axes, result)
    _draw_depth(axes, result)
    _draw_footprints(axes, result)
    for name, point in (marks or {}).items():
        _write_mark(axes, name, point)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], aspect="equal", anchor="C")
    for side in axes.spines.values():
        side.set(color=QUIET, linewidth=0.6)
    draw_scale(axes, east - west)
    write_head(figure, result, words, title, full)
    band = figure.add_axes((SIDE_IN / WIDTH_IN, 0.0, share, BOTTOM_IN / full))
    draw_legend(band, words, language, facts_of(result, words))
    return figure


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ResultError(
            "matplotlib is needed to draw a map", hint='Install it with: pip install "flood-sim[notebook]"'
        ) from None
    return plt


def _extent(result: Result, asked: tuple[float, float, float, float] | None) -> tuple[float, float, float, float]:
    west, south, east, north = result.grid.bounds
    if asked is None:
        return west, south, east, north
    part = max(west, asked[0]), max(south, asked[1]), min(east, asked[2]), min(north, asked[3])
    if part[0] >= part[2] or part[1] >= part[3]:
        raise ResultError(
            "the part to draw lies off the terrain", value=asked, allowed=f"within {west, south, east, north}"
        )
    return part


def _image(axes: Axes, result: Result, values: np.ndarray, **style: Any) -> None:
    west, south, east, north = result.grid.bounds
    axes.imshow(values, extent=(west, east, south, north), origin="upper", **style)


def _draw_ground(axes: Axes, result: Result) -> None:
    from matplotlib.colors import LightSource

    filled, outside = _closed(result.dataset["ground"].to_numpy().astype(float))
    light = np.zeros_like(filled)
    for azimuth, weight in LIGHTS:
        source = LightSource(azdeg=azimuth, altdeg=42)
        light += weight * source.hillshade(filled, vert_exag=1.8, dx=result.grid.cell, dy=result.grid.cell)
    # most of the terrain spans the paper; level ground stays level instead of showing its noise
    low, high = np.percentile(light[~outside], (0.1, 99.9))
    middle, half = (low + high) / 2, max(high - low, 0.5) / 2
    style = {"cmap": paper(), "vmin": middle - half, "vmax": middle + half, "interpolation": "bilinear"}
    _image(axes, result, np.ma.masked_where(outside, light), **style)


def paper() -> Any:
    """Colours of the shaded ground, from shadow to light: warm greys, so that every blue is water."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("paper", ["#6b665f", "#bdb7ac", "#ece8e0", "#ffffff"])


def _closed(ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ground with every gap at the height of the nearest cell, and which gaps are the outside.

    Blocked buildings have no computed ground; only gaps that reach the edge of
    the grid are outside the model.
    """
    gaps = ~np.isfinite(ground)
    if not gaps.any():
        return ground, gaps
    nearest = ndimage.distance_transform_edt(gaps, return_distances=False, return_indices=True)
    parts, _ = ndimage.label(gaps)
    rim = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    return ground[tuple(nearest)], np.isin(parts, rim[rim > 0])


def _draw_depth(axes: Axes, result: Result) -> None:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    classes = legend("max_depth")
    depth = result.dataset["max_depth"].to_numpy()
    drawn = np.ma.masked_where(~(depth >= classes[0].lower), depth)
    top = max(float(np.nanmax(depth)), classes[-1].lower) + 1.0
    norm = BoundaryNorm([*(c.lower for c in classes), top], len(classes))
    _image(axes, result, drawn, cmap=ListedColormap([c.colour for c in classes]), norm=norm, interpolation="nearest")
    # the lightest class has little contrast to the paper: a thin shore line holds it
    grid = result.grid
    wet = np.where(depth >= classes[0].lower, 1.0, 0.0)
    if wet.any() and not wet.all():
        axes.contour(grid.x_centres(), grid.y_centres(), wet, levels=[0.5], colors=SHORE, linewidths=0.35, alpha=0.75)


def _draw_footprints(axes: Axes, result: Result) -> None:
    from matplotlib.collections import PolyCollection

    rings = [np.asarray(part.exterior.coords)[:, :2] for part in _polygons(result)]
    axes.add_collection(PolyCollection(rings, facecolors=WALL, edgecolors=WALL_EDGE, linewidths=0.4))


def _polygons(result: Result) -> Sequence[shapely.Polygon]:
    """Footprints of a result in the CRS of its terrain; none where it has no buildings."""
    _, shapes = read_geojson(result.path / "footprints.geojson", result.grid.crs)
    return [part for part in shapely.get_parts(shapes) if isinstance(part, shapely.Polygon)]


def _write_mark(axes: Axes, name: str, point: tuple[float, float]) -> None:
    from matplotlib.patheffects import withStroke

    axes.plot(*point, marker="o", markersize=4.5, markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.1)
    axes.annotate(
        name, point, xytext=(6, 5), textcoords="offset points", fontsize=8.5, color=INK, fontweight="bold",
        path_effects=[withStroke(linewidth=2.4, foreground="white")], annotation_clip=True,
    )  # fmt: skip
