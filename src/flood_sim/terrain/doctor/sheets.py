"""Paper for the site visit: one map of all faults with their ranks, and a sheet for each.

matplotlib is imported only when something is drawn (`pip install "flood-sim[notebook]"`).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import ndimage

from flood_sim.errors import TerrainError
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.doctor.fault import LABELS_DE
from flood_sim.terrain.doctor.proposal import CulvertProposal
from flood_sim.terrain.doctor.worklist import STATE_DE, Entry, Worklist

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

A4_PORTRAIT, A4_LANDSCAPE = (8.27, 11.69), (11.69, 8.27)
WATER, PROPOSAL, INK = "#6E99FF", "#C0392B", "#2b2b2b"
HALF_M = 60.0
"""Half the width of the excerpt on a sheet."""
MOST_PIXELS = 1500
_INVENTED = "Erfundene Stadt"
_CAVEAT = "Vorschläge des Programms; vor Ort prüfen. Höhen in m ü. NHN (DHHN2016)."


def draw_map(dem: Dem, worklist: Worklist, path: Path) -> None:
    """All faults on the shaded ground, each with its number, as a picture (PNG or PDF by the name)."""
    figure = _figure(A4_LANDSCAPE)
    axes = figure.add_axes((0.03, 0.08, 0.94, 0.83))
    west, south, east, north = dem.grid.bounds
    _ground(axes, dem, (slice(0, dem.grid.rows), slice(0, dem.grid.cols)))
    for entry in reversed(worklist.entries):
        _entry(axes, entry)
    axes.set(xlim=(west, east), ylim=(south, north))
    _head(figure, dem, f"Prüfliste Gelände: {len(worklist.entries)} Unstimmigkeiten im Gelände")
    figure.text(0.03, 0.035, f"Die Nummern sind die der Prüfliste. {_CAVEAT}", fontsize=8, color=INK)
    _save([figure], path)


def draw_sheets(dem: Dem, entries: Sequence[Entry], path: Path) -> None:
    """One page of a PDF for each entry: excerpt, height along the proposal, what was found, and lines to fill in."""
    if not entries:
        raise TerrainError("the worklist has nothing to print", where=str(path))
    _save((_sheet(dem, entry) for entry in entries), path)


def _sheet(dem: Dem, entry: Entry) -> Figure:
    fault = entry.fault
    figure = _figure(A4_PORTRAIT)
    _head(figure, dem, f"Nr. {entry.number}: {LABELS_DE[fault.kind]}")
    axes = figure.add_axes((0.08, 0.42, 0.84, 0.5), anchor="W")
    grid = dem.grid
    row, col = grid.index(fault.x, fault.y) or (0, 0)
    n = int(np.ceil(HALF_M / grid.cell))
    _ground(axes, dem, (slice(max(row - n, 0), row + n + 1), slice(max(col - n, 0), col + n + 1)))
    _entry(axes, entry)
    axes.set(xlim=(fault.x - HALF_M, fault.x + HALF_M), ylim=(fault.y - HALF_M, fault.y + HALF_M))
    axes.plot([fault.x - HALF_M + 6, fault.x - HALF_M + 26], [fault.y - HALF_M + 6] * 2, color=INK, lw=3)
    axes.text(fault.x - HALF_M + 6, fault.y - HALF_M + 8, "20 m", fontsize=9)
    figure.text(0.08, 0.395, f"Ost {fault.x:.1f}   Nord {fault.y:.1f}   Stand: {STATE_DE[entry.state]}", fontsize=9)
    figure.text(0.08, 0.385, textwrap.fill(fault.sentence_de, 105), fontsize=9, va="top")
    if fault.proposal is not None:
        _profile(figure.add_axes((0.1, 0.175, 0.82, 0.13)), dem, entry)
    blank = "_" * 34
    form = f"vor Ort geprüft am {blank}  von {blank}\n\nübernommen  ☐    verworfen  ☐    andere Maße: {blank}\n\nNotiz: {blank * 2}"
    figure.text(0.08, 0.035, form, fontsize=9, va="bottom", family="DejaVu Sans")
    return figure


def _profile(axes: Axes, dem: Dem, entry: Entry) -> None:
    """Ground along the proposal, 10 m beyond both ends, and its bottom."""
    proposal = entry.fault.proposal
    assert proposal is not None
    start, end = np.array(proposal.line[0]), np.array(proposal.line[1])
    length = float(np.hypot(*(end - start)))
    step = (end - start) / max(length, 1e-9)
    along = np.linspace(-10.0, length + 10.0, 200)
    xy = start + along[:, None] * step
    rows = (dem.grid.north - xy[:, 1]) / dem.grid.cell - 0.5
    cols = (xy[:, 0] - dem.grid.west) / dem.grid.cell - 0.5
    axes.plot(along, ndimage.map_coordinates(dem.height, [rows, cols], order=1, mode="nearest"), color=INK, lw=1)
    bottom = proposal.inverts_m if isinstance(proposal, CulvertProposal) else proposal.bottom_m
    axes.plot([0, length], bottom, color=PROPOSAL, lw=2)
    if isinstance(proposal, CulvertProposal):
        top = proposal.width_m if proposal.height_m is None else proposal.height_m
        axes.plot([0, length], [bottom[0] + top, bottom[1] + top], color=PROPOSAL, lw=1, ls="--")
    axes.set_ylabel("m ü. NHN", fontsize=8)
    axes.set_title("Gelände entlang des Vorschlags (rot: Sohle; Längen in m)", fontsize=8, loc="left")
    axes.tick_params(labelsize=8)


def _entry(axes: Axes, entry: Entry) -> None:
    from matplotlib.patheffects import withStroke

    fault = entry.fault
    for part in shapely.get_parts(fault.geometry):
        if isinstance(part, shapely.Polygon):
            axes.fill(*np.array(part.exterior.coords).T, color=WATER, alpha=0.45, lw=0)
    if fault.proposal is not None:
        axes.plot(*np.array(fault.proposal.line).T, color=PROPOSAL, lw=2)
    axes.plot(fault.x, fault.y, "o", ms=5, mfc="white", mec=INK)
    axes.annotate(
        str(entry.number), (fault.x, fault.y), xytext=(5, 4), textcoords="offset points", fontsize=9, fontweight="bold",
        color=INK, path_effects=[withStroke(linewidth=2.5, foreground="white")], annotation_clip=True,
    )  # fmt: skip


def _ground(axes: Axes, dem: Dem, window: tuple[slice, slice]) -> None:
    from matplotlib.colors import LightSource

    part = dem.height[window]
    skip = max(1, max(part.shape) // MOST_PIXELS)
    part = part[::skip, ::skip]
    filled = np.where(np.isfinite(part), part, np.nanmin(part)) if np.isfinite(part).any() else np.zeros(part.shape)
    grid = dem.grid
    light = LightSource(315, 42).hillshade(filled, vert_exag=2, dx=grid.cell * skip, dy=grid.cell * skip)
    north, west = grid.north - window[0].start * grid.cell, grid.west + window[1].start * grid.cell
    extent = (west, west + part.shape[1] * skip * grid.cell, north - part.shape[0] * skip * grid.cell, north)
    shown = np.ma.masked_where(~np.isfinite(part), light)
    axes.imshow(shown, extent=extent, cmap="gray", vmin=-0.3, vmax=1.1, origin="upper")
    axes.set(xticks=[], yticks=[], aspect="equal")


def _head(figure: Figure, dem: Dem, title: str) -> None:
    left = 0.03 if figure.get_figwidth() > figure.get_figheight() else 0.08
    figure.text(left, 0.955, title, fontsize=14, fontweight="bold", color=INK)
    under = f"Geländemodell: {dem.name}" + (f"   {_INVENTED}" if dem.synthetic else "")
    figure.text(left, 0.935, under, fontsize=8, color=INK)


def _figure(size: tuple[float, float]) -> Figure:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        hint = 'Install it with: pip install "flood-sim[notebook]"'
        raise TerrainError("matplotlib is needed to draw a map", hint=hint) from None
    figure = Figure(figsize=size, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _save(figures: Any, path: Path) -> None:
    if path.suffix.lower() != ".pdf":
        for figure in figures:
            figure.savefig(path, dpi=150)
        return
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(path) as pages:
        for figure in figures:
            pages.savefig(figure)
