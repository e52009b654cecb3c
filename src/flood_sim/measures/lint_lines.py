"""Remarks on what is drawn as a line: does a wall tie into higher ground, does a flow path fall?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
import shapely.ops

from flood_sim.measures.apply import Works
from flood_sim.measures.remark import Remark, remark
from flood_sim.measures.shape import cells_on, drawn
from flood_sim.measures.site import Site
from flood_sim.measures.walls import Crest, Crested
from flood_sim.measures.words import LABELS, de, en
from flood_sim.scenario.measures import EmergencyFlowPath, Kerb, MobileBarrier, Swale
from flood_sim.terrain.grid import Grid

SEARCH_M = 100.0
"""So far around the end of a wall higher ground is looked for."""
LEVEL_TOLERANCE_M = 0.01
RISE_M = 0.02
"""A flow path that rises by more than this holds water back (a DGM1 is good to 15-20 cm: memory, unverified)."""
HIGH_WALL_M = 3.0
HIGH_KERB_M = 0.3


def wall_remarks(measure: Crested, works: Works) -> Iterator[Remark]:
    crest = works.crests.get(measure.id)
    if crest is None or not crest.chain.size:
        return
    name_de, name_en = LABELS[measure.kind]
    if isinstance(measure, MobileBarrier):
        yield remark(
            measure, "stands_from_start", "note", "Der mobile Schutz steht in der Rechnung von Regenbeginn an.",
            "In the computation the mobile barrier stands from the start of the rain.",
        )  # fmt: skip
    heights = crest.top_m - crest.ground_m
    line = shapely.LineString(measure.line)
    if (heights <= 0.0).all():
        yield remark(
            measure, "below_ground", "error", f"{name_de}: Die Oberkante liegt überall unter dem Gelände; das hätte keine Wirkung.",
            f"{name_en}: the crest lies below the ground everywhere; it would do nothing.", at=line, highest_m=heights.max(),
        )  # fmt: skip
        return
    if heights.max() > HIGH_WALL_M:
        k = int(np.argmax(heights))
        yield remark(
            measure, "very_high", "warning", f"{name_de}: bis {de(heights.max(), 1)} m über dem Gelände. Stimmt die Einheit?",
            f"{name_en}: up to {en(heights.max(), 1)} m above the ground. Is the unit right?",
            at=_middle(crest.chain.rows[k], crest.chain.cols[k], works.site.grid), height_m=heights.max(),
        )  # fmt: skip
    elif measure.crest_m is not None:
        yield remark(
            measure, "height", "note", f"{name_de}: Oberkante {de(measure.crest_m, 2)} m, bis {de(heights.max(), 2)} m über dem Gelände.",
            f"{name_en}: crest at {en(measure.crest_m, 2)} m, up to {en(heights.max(), 2)} m above the ground.", height_m=heights.max(),
        )  # fmt: skip
    if measure.line[0] == measure.line[-1]:
        return
    holds = _holding(crest, works.site)
    if holds is None:
        yield remark(
            measure, "holds_nothing", "warning",
            f"{name_de}: Das Gelände daneben ist überall so hoch wie die Oberkante; zurückgehalten wird nichts.",
            f"{name_en}: the ground beside it is as high as its crest everywhere; it holds nothing back.", at=line,
        )  # fmt: skip
        return
    for end in (0, -1):
        yield from _tie(measure, crest, holds, end, works, name_de, name_en)


def _holding(crest: Crest, site: Site) -> slice | None:
    """The part of the chain that can hold water: without the ends that lie below the ground beside them."""
    own = np.zeros(site.ground.shape, bool)
    own[crest.chain.rows, crest.chain.cols] = own[crest.body.rows, crest.body.cols] = True
    beside = np.full(crest.chain.size, -np.inf)
    for dr, dc in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        r, c = crest.chain.rows + dr, crest.chain.cols + dc
        within = (r >= 0) & (r < site.grid.rows) & (c >= 0) & (c < site.grid.cols)
        r, c = np.where(within, r, 0), np.where(within, c, 0)
        counts = within & site.terrain[r, c] & ~own[r, c]
        beside = np.maximum(beside, np.where(counts, site.ground[r, c], -np.inf))
    effective = np.flatnonzero(crest.top_m > beside + LEVEL_TOLERANCE_M)
    return slice(int(effective[0]), int(effective[-1]) + 1) if effective.size else None


def _tie(
    measure: Crested, crest: Crest, holds: slice, end: int, works: Works, name_de: str, name_en: str
) -> Iterator[Remark]:
    """Where water as high as the lowest place of the crest passes around an end of a wall."""
    site, grid = works.site, works.site.grid
    at = grid.index(*measure.line[end])
    if at is None or not site.terrain[at]:
        return  # said already: it leaves the terrain
    rows, cols, tops = (v[holds] for v in (crest.chain.rows, crest.chain.cols, crest.top_m))
    row, col, level = int(rows[end]), int(cols[end]), float(tops.min())
    under = float(crest.ground_m[holds][end])
    if under >= level - LEVEL_TOLERANCE_M:
        return
    reach = int(SEARCH_M / grid.cell)
    top, left = max(row - reach, 0), max(col - reach, 0)
    window = np.s_[top : row + reach + 1, left : col + reach + 1]
    high = (site.ground[window] >= level - LEVEL_TOLERANCE_M) & site.terrain[window]
    high |= (site.labels[window] > 0) & ~site.active[window]
    kept = high.copy()
    _set(high, crest.body.rows, crest.body.cols, top, left)
    _set(high, crest.chain.rows, crest.chain.cols, top, left, kept)  # an end inside higher ground ties
    _set(high, rows, cols, top, left)
    point = shapely.Point(measure.line[end])
    there_rows, there_cols = np.nonzero(high)
    dx = np.maximum(np.abs(there_cols + left - col) - 1, 0) * grid.cell
    dy = np.maximum(np.abs(there_rows + top - row) - 1, 0) * grid.cell
    gaps = np.hypot(dx, dy)
    which_de, which_en = ("am Anfang", "first") if end == 0 else ("am Ende", "last")
    if not gaps.size or gaps.min() > SEARCH_M:
        yield remark(
            measure, "no_higher_ground", "warning",
            f"{name_de} schließt {which_de} nicht an höheres Gelände an: Im Umkreis von {de(SEARCH_M)} m liegt nichts so hoch wie die "
            f"Oberkante ({de(level, 2)} m); das Wasser läuft dort herum.",
            f"{name_en}: its {which_en} point does not tie into higher ground; within {en(SEARCH_M)} m nothing is as high as its crest "
            f"({en(level, 2)} m), and water passes around it.", at=point, level_m=level, ground_m=under,
        )  # fmt: skip
        return
    k = int(np.argmin(gaps))
    if gaps[k] == 0.0:
        return
    own, other = _box(row, col, grid), _box(int(there_rows[k]) + top, int(there_cols[k]) + left, grid)
    gap = shapely.shortest_line(own, other)
    yield remark(
        measure, "gap", "warning",
        f"{name_de} schließt {which_de} nicht an höheres Gelände an: Lücke {de(gaps[k], 0 if gaps[k] >= 1 else 1)} m, "
        "durch die das Wasser vorbeiläuft.",
        f"{name_en}: its {which_en} point does not tie into higher ground: a gap of {en(gaps[k], 0 if gaps[k] >= 1 else 1)} m "
        "through which water passes.",
        at=gap, gap_m=gaps[k], level_m=level, ground_m=under,
    )  # fmt: skip


def _set(
    window: np.ndarray, rows: np.ndarray, cols: np.ndarray, top: int, left: int, values: np.ndarray | None = None
) -> None:
    """Set cells of the grid in a window of it to those of another array of the window, else to false."""
    r, c = rows - top, cols - left
    on = (r >= 0) & (r < window.shape[0]) & (c >= 0) & (c < window.shape[1])
    window[r[on], c[on]] = False if values is None else values[r[on], c[on]]


def channel_remarks(measure: Swale | EmergencyFlowPath, works: Works) -> Iterator[Remark]:
    site, grid = works.site, works.site.grid
    name_de, name_en = LABELS[measure.kind]
    if measure.width_m < grid.cell:
        yield remark(
            measure, "narrower_than_a_cell", "warning",
            f"{name_de}: {de(measure.width_m, 1)} m breit, gerechnet wird mit einer Zelle von {de(grid.cell, 1)} m.",
            f"{name_en}: {en(measure.width_m, 1)} m wide, computed with a cell of {en(grid.cell, 1)} m.",
            at=drawn(measure), width_m=measure.width_m, cell_m=grid.cell,
        )  # fmt: skip
    chain = cells_on(measure.line, grid, site.terrain)
    if chain.size < 2 or measure.id not in works.strips:
        return
    profile = site.ground[chain.rows, chain.cols]
    held = profile - np.minimum.accumulate(profile)
    peak = int(np.argmax(held))
    if held[peak] > RISE_M and isinstance(measure, EmergencyFlowPath):
        low = int(np.argmin(profile[: peak + 1]))
        part = shapely.ops.substring(shapely.LineString(measure.line), chain.along_m[low], chain.along_m[peak])
        place = _middle(chain.rows[peak], chain.cols[peak], grid)
        yield remark(
            measure, "rises", "warning",
            f"{name_de} steigt um {de(100 * held[peak])} cm an, von {de(chain.along_m[low])} m bis {de(chain.along_m[peak])} m nach dem "
            "Anfang; davor steht Wasser. Mit „durchgehend fallend“ (graded: true) wird dort tiefer gegraben.",
            f"{name_en} rises by {en(100 * held[peak])} cm from {en(chain.along_m[low])} m to {en(chain.along_m[peak])} m along its line; "
            "water stands before it. graded: true digs it so that it falls all the way.",
            at=part if part.length else place, rise_m=held[peak], from_m=chain.along_m[low], to_m=chain.along_m[peak],
        )  # fmt: skip
    if isinstance(measure, EmergencyFlowPath):
        yield from _end_of_path(measure, works, float(profile[-1]))


def _end_of_path(measure: EmergencyFlowPath, works: Works, bottom: float) -> Iterator[Remark]:
    """Does the water find a way on from the last point?"""
    grid, strip = works.site.grid, works.strips[measure.id].cells
    at = grid.index(*measure.line[-1])
    if at is None or not works.site.terrain[at]:
        return
    row, col = at
    reach = int(np.ceil(measure.width_m / 2 / grid.cell)) + 1
    top, left = max(row - reach, 0), max(col - reach, 0)
    window = np.s_[top : row + reach + 1, left : col + reach + 1]
    edge = 0 in (row, col) or row == grid.rows - 1 or col == grid.cols - 1
    if edge or not works.site.terrain[row - 1 : row + 2, col - 1 : col + 2].all():
        return  # it reaches the edge of the terrain
    beside = works.site.active[window].copy()
    inside = (strip.rows >= top) & (strip.rows <= row + reach) & (strip.cols >= left) & (strip.cols <= col + reach)
    beside[strip.rows[inside] - top, strip.cols[inside] - left] = False
    around = works.site.ground[window][beside]
    step = float(around.min()) - bottom if around.size else np.inf
    if step > RISE_M:
        high = f"{de(100 * step)} cm höher" if np.isfinite(step) else "ein Gebäude"
        high_en = f"{en(100 * step)} cm higher" if np.isfinite(step) else "a building"
        yield remark(
            measure, "dead_end", "warning", f"Notwasserweg: Am Ende liegt das Gelände ringsum {high}; das Wasser bleibt dort stehen.",
            f"emergency flow path: at its end the ground all round is {high_en}; the water stays there.",
            at=shapely.Point(measure.line[-1]), step_m=step if np.isfinite(step) else 0.0,
        )  # fmt: skip


def kerb_remarks(measure: Kerb) -> Iterator[Remark]:
    yield remark(
        measure, "not_in_dem", "note",
        "Bordsteine stehen nicht im DGM1. Gerechnet wird gegen das Gelände entlang der gezeichneten Linie, eine Zelle breit.",
        "A DGM1 has no kerbs. The change counts against the ground along the drawn line, one cell wide.",
    )  # fmt: skip
    if abs(measure.height_m) > HIGH_KERB_M:
        yield remark(
            measure, "very_high", "warning", f"Bordstein: {de(100 * measure.height_m)} cm. Stimmt die Einheit?",
            f"kerb: {en(100 * measure.height_m)} cm. Is the unit right?", at=shapely.LineString(measure.line), height_m=measure.height_m,
        )  # fmt: skip


def _middle(row: int, col: int, grid: Grid) -> shapely.Point:
    return shapely.Point(grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell)


def _box(row: int, col: int, grid: Grid) -> shapely.Polygon:
    x, y = grid.west + col * grid.cell, grid.north - row * grid.cell
    return shapely.box(x, y - grid.cell, x + grid.cell, y)
