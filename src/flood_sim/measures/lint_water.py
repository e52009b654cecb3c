"""Remarks on what holds or carries water: basins, storages, culverts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from flood_sim.measures.apply import Works
from flood_sim.measures.basin import BasinDesign
from flood_sim.measures.built import AsBuilt, as_built
from flood_sim.measures.remark import Remark, remark
from flood_sim.measures.shape import Cells
from flood_sim.measures.site import Site
from flood_sim.measures.words import LABELS, de, en
from flood_sim.scenario.measures import Basin, CulvertMeasure, Storage

LEAST_SHARE = 0.01
"""A storage that holds less of its inflow changes nothing that a map shows."""
DEEP_M = 3.0
MUCH_DUG = 3.0
BURIED_M = 0.1


def basin_remarks(measure: Basin, works: Works, flow: np.ndarray | None, storm_mm: float | None) -> Iterator[Remark]:
    made = works.basins.get(measure.id)
    if made is None:
        return
    outline = shapely.Polygon(measure.polygon)
    built = as_built(made, works.site)
    if built is not None:
        yield _changed(measure, made, built, works)
    alone_de, alone_en = (" (für sich allein)", " (by itself)") if built is not None else ("", "")
    figures = {
        "bottom_m": made.bottom_m, "full_m": made.full_m, "depth_m": made.depth_m, "volume_m3": made.volume_m3,
        "before_m3": made.before_m3, "dug_m3": made.dug_m3, "area_m2": made.area_m2, "dam_height_m": made.dam_height_m,
    }  # fmt: skip
    dam_de = f", Damm bis {de(made.dam_height_m, 2)} m hoch" if made.dam.size else ""
    dam_en = f", dam up to {en(made.dam_height_m, 2)} m high" if made.dam.size else ""
    yield remark(
        measure, "design", "note",
        f"Rückhaltebecken{alone_de}: fasst {de(made.volume_m3)} m³ auf {de(made.area_m2)} m², Sohle {de(made.bottom_m, 2)} m, voll "
        f"{de(made.full_m, 2)} m, {de(made.depth_m, 2)} m tief, Aushub {de(made.dug_m3)} m³{dam_de}.",
        f"retention basin{alone_en}: holds {en(made.volume_m3)} m³ on {en(made.area_m2)} m², bottom {en(made.bottom_m, 2)} m, full at "
        f"{en(made.full_m, 2)} m, {en(made.depth_m, 2)} m deep, {en(made.dug_m3)} m³ dug out{dam_en}.", at=outline, **figures,
    )  # fmt: skip
    wished = measure.volume_m3
    if wished is not None and made.volume_m3 > 1.02 * wished:
        yield remark(
            measure, "holds_more", "note",
            f"Rückhaltebecken: fasst {de(made.volume_m3)} m³, mehr als die gewünschten {de(wished)} m³ ({de(made.before_m3)} m³ davon "
            "hält die Senke schon heute).",
            f"retention basin: holds {en(made.volume_m3)} m³, more than the {en(wished)} m³ wished ({en(made.before_m3)} m³ of it stay "
            "in the hollow today).", volume_m3=made.volume_m3, before_m3=made.before_m3,
        )  # fmt: skip
    if made.depth_m > DEEP_M:
        yield remark(
            measure, "very_deep", "warning", f"Rückhaltebecken: {de(made.depth_m, 1)} m tief; eine größere Fläche macht es flacher.",
            f"retention basin: {en(made.depth_m, 1)} m deep; a larger outline makes it shallower.", at=outline, depth_m=made.depth_m,
        )  # fmt: skip
    if made.dug_m3 > MUCH_DUG * made.volume_m3:
        yield remark(
            measure, "much_dug", "warning",
            f"Rückhaltebecken: {de(made.dug_m3)} m³ Aushub für {de(made.volume_m3)} m³ Inhalt, weil das Gelände geneigt ist; "
            "ein Damm auf der Talseite (dam: true) oder eine flachere Stelle spart Aushub.",
            f"retention basin: {en(made.dug_m3)} m³ dug out for {en(made.volume_m3)} m³ of water, because the ground slopes; "
            "a dam on the low side (dam: true) or flatter ground saves digging.", at=outline, dug_m3=made.dug_m3, volume_m3=made.volume_m3,
        )  # fmt: skip
    volume = made.volume_m3 if built is None else built.volume_m3
    yield from share_remarks(measure, volume, made.cells, flow, storm_mm, outline)


def _changed(measure: Basin, made: BasinDesign, built: AsBuilt, works: Works) -> Remark:
    """Another measure cuts its rim, or changes what it holds."""
    holds_de = f"hält das Becken {de(built.volume_m3)} m³ statt {de(made.volume_m3)} m³"
    holds_en = f"it holds {en(built.volume_m3)} m³ instead of {en(made.volume_m3)} m³"
    if built.lowest is None:
        return remark(
            measure, "changed_by_others", "warning",
            f"Rückhaltebecken: Andere Maßnahmen ändern das Gelände im Becken; bis {de(built.level_m, 2)} m {holds_de}.",
            f"retention basin: other measures change the ground in it; up to {en(built.level_m, 2)} m {holds_en}.",
            at=shapely.Polygon(measure.polygon), volume_m3=built.volume_m3, level_m=built.level_m,
        )  # fmt: skip
    row, col = built.lowest
    cutting = [name for name, s in works.strips.items() if ((s.cells.rows == row) & (s.cells.cols == col)).any()]
    by = f" ({', '.join(cutting)})" if cutting else ""
    x, y = Cells(np.array([row]), np.array([col])).xy(works.site.grid)
    return remark(
        measure, "changed_by_others", "warning",
        f"Rückhaltebecken: Eine andere Maßnahme{by} senkt seinen Rand auf {de(built.level_m, 2)} m, voll stünde das Wasser auf "
        f"{de(made.full_m, 2)} m. Dort kann es hinaus; darunter {holds_de}.",
        f"retention basin: another measure{by} cuts its rim down to {en(built.level_m, 2)} m, full it would stand at "
        f"{en(made.full_m, 2)} m. Water can leave there; below that {holds_en}.",
        at=shapely.Point(float(x[0]), float(y[0])), volume_m3=built.volume_m3, level_m=built.level_m, full_m=made.full_m,
    )  # fmt: skip


def storage_remarks(
    measure: Storage, works: Works, flow: np.ndarray | None, storm_mm: float | None
) -> Iterator[Remark]:
    for placed in works.site.storages:
        if placed.id == measure.id:
            x, y = Cells(placed.rows, placed.cols).xy(works.site.grid)
            at = shapely.Point(float(x.mean()), float(y.mean()))
            yield from share_remarks(measure, placed.volume_m3, Cells(placed.rows, placed.cols), flow, storm_mm, at)
            minutes = placed.volume_m3 / placed.inflow_capacity_m3s / 60.0
            yield remark(
                measure, "fills_in", "note",
                f"Speicher: bei vollem Zufluss nach {de(minutes, 1 if minutes < 10 else 0)} min gefüllt.",
                f"storage: full after {en(minutes, 1 if minutes < 10 else 0)} min at its inflow capacity.", minutes=minutes,
            )  # fmt: skip


def share_remarks(
    measure: Basin | Storage, volume_m3: float, cells: Cells, flow: np.ndarray | None, storm_mm: float | None,
    at: shapely.Geometry,
) -> Iterator[Remark]:  # fmt: skip
    """How much of the rain of the storm on its contributing area does it hold?"""
    if flow is None or not storm_mm:
        return
    area = float(flow[cells.rows, cells.cols].max())
    inflow = area * storm_mm / 1000.0
    if inflow <= 0.0:
        return
    share = volume_m3 / inflow
    name_de, name_en = LABELS[measure.kind]
    small = share < LEAST_SHARE
    held_de, held_en = (f(min(100 * share, 100), 1 if share < 0.1 else 0) for f in (de, en))
    if share < 0.0005:
        held_de, held_en = "weniger als 0,1", "less than 0.1"
    digits = 1 if area >= 1000.0 else 3
    yield remark(
        measure, "share_of_inflow", "warning" if small else "note",
        f"{name_de}: hält {held_de} % des Regens, der hierher fließt "
        f"({de(inflow)} m³ von {de(area / 1e4, digits)} ha bei {de(storm_mm)} mm)"
        + ("; das ist zu wenig für eine sichtbare Wirkung." if small else "."),
        f"{name_en}: holds {held_en} % of the rain that flows here "
        f"({en(inflow)} m³ from {en(area / 1e4, digits)} ha at {en(storm_mm)} mm)" + ("; too little for a visible effect." if small else "."),
        at=at, share=share, inflow_m3=inflow, area_ha=area / 1e4,
    )  # fmt: skip


def culvert_remarks(measure: CulvertMeasure, site: Site) -> Iterator[Remark]:
    line = shapely.LineString(measure.line)
    cells = [site.grid.index(*measure.line[k]) for k in (0, -1)]
    if any(c is None for c in cells) or cells[0] == cells[1]:
        return  # said already
    ground = [float(site.ground[c]) for c in cells if c is not None]
    up, down = measure.inverts_m or (ground[0], ground[1])
    known = measure.inverts_m is not None or all(site.terrain[c] for c in cells if c is not None)
    if known and down > up:
        source_de = "" if measure.inverts_m else " (Höhen des Geländes, denn die der Sohle sind nicht angegeben)"
        source_en = (
            "" if measure.inverts_m else " (heights of the ground, as those of its bottom, inverts_m, are not given)"
        )
        yield remark(
            measure, "culvert_rises", "error",
            f"Durchlass steigt um {de(down - up, 2)} m, von {de(up, 2)} auf {de(down, 2)} m{source_de}. Sind Ein- und Auslauf vertauscht?",
            f"culvert rises by {en(down - up, 2)} m, from {en(up, 2)} to {en(down, 2)} m{source_en}. Are inlet and outlet exchanged?",
            at=line, rise_m=down - up, up_m=up, down_m=down,
        )  # fmt: skip
    direct = float(shapely.distance(shapely.Point(measure.line[0]), shapely.Point(measure.line[-1])))
    if measure.length_m is not None and measure.length_m < 0.99 * direct:
        yield remark(
            measure, "culvert_too_short", "error",
            f"Durchlass: Länge {de(measure.length_m, 1)} m, die Enden liegen aber {de(direct, 1)} m auseinander.",
            f"culvert: {en(measure.length_m, 1)} m long, but its ends are {en(direct, 1)} m apart.", at=line, length_m=measure.length_m, apart_m=direct,
        )  # fmt: skip
    for k, name_de, name_en, invert in ((0, "Einlauf", "inlet", up), (-1, "Auslauf", "outlet", down)):
        cell = cells[k]
        assert cell is not None  # looked at above
        place = shapely.Point(measure.line[k])
        if not site.active[cell]:
            yield remark(
                measure, "end_in_building", "error", f"Durchlass: Der {name_de} liegt in einem Gebäude oder außerhalb des Geländes.",
                f"culvert: its {name_en} lies in a building or where the terrain has no height.", at=place,
            )  # fmt: skip
        elif invert > float(site.ground[cell]) + BURIED_M:
            above = invert - float(site.ground[cell])
            yield remark(
                measure, "invert_above_ground", "warning",
                f"Durchlass: Die Sohle am {name_de} liegt {de(above, 2)} m über dem Gelände dort; Wasser fließt erst bei dieser Tiefe.",
                f"culvert: its bottom at the {name_en} lies {en(above, 2)} m above the ground there; water flows only from that depth.",
                at=place, above_m=above,
            )  # fmt: skip
