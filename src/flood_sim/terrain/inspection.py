"""The one list of checks behind `read_dem` and `check_dem`, from the name of a file to repaired heights."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import numpy as np

from flood_sim.terrain import memory
from flood_sim.terrain.crs import horizontal, parse_crs
from flood_sim.terrain.findings import Finding, Findings, refuse
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.header import Header, Raster
from flood_sim.terrain.header_checks import (
    GIB,
    check_cell_size,
    check_form,
    check_memory,
    check_pixels,
    check_place,
    check_unit,
    coarsening,
)
from flood_sim.terrain.height_checks import HeightScan
from flood_sim.terrain.holes import Holes, fill_holes, find_holes
from flood_sim.terrain.raster import open_raster

UPDATES_PER_SECOND = 100e6
STEPS_PER_HOUR_AT_1_M = 12_000
"""Rough figures for two cores and a city in heavy rain; they only sort a run into a class."""


def inspect(
    path: str | os.PathLike[str],
    *,
    crs: str | None,
    holes: Holes,
    cell_m: float | None,
    findings: Findings,
    facts: dict[str, Any],
    beside: int = 0,
) -> tuple[Grid, np.ndarray, Header] | None:
    """Run all checks; return the grid, the heights (float64, NaN outside) and the header.

    `findings` decides whether the first error ends it (Refusal); `facts` is
    filled as far as the file lets itself be read. `beside`: as of `read_dem`. None if errors were collected
    that leave no grid (no CRS, rotated pixels).
    """
    given = parse_crs(crs) if crs is not None else None
    raster = open_raster(path)
    header = raster.header
    facts |= {"driver": header.driver, "rows": header.rows, "cols": header.cols, "dtype": header.dtype}
    findings.stop_on_errors(check_form(header))

    used, place = check_place(header, given)
    findings.add(*place)
    pixels = check_pixels(header)
    findings.add(*pixels)
    metric = used is not None and not any(f.severity == "error" for f in place)
    if used is not None:
        facts |= {"crs": horizontal(used).name, "epsg": horizontal(used).to_epsg()}
    if metric:
        findings.add(*check_cell_size(header))
    if not any(f.code == "heights_not_metres" for f in place):
        findings.add(*check_unit(header))
    if header.scale != 1.0 or header.offset != 0.0:
        text = f"the stored values become heights by the file's scale {header.scale:g} and offset {header.offset:g}"
        findings.add(Finding("scaled", "info", text))

    factor = coarsening(header, cell_m)
    facts |= _facts_of_size(header, factor)
    findings.stop_on_errors(check_memory(header, factor, beside))
    height, incomplete, scan = _read(raster, factor)
    facts |= {"height_min_m": scan.lowest, "height_max_m": scan.highest, "relief_m": scan.highest - scan.lowest}
    facts["nodata_share"] = 1.0 - scan.valid / header.cells
    findings.add(*scan.finish())
    if metric:
        findings.add(*scan.units_doubted())
    if factor > 1:
        text = f"heights averaged from cells of {header.cell:g} m to cells of {header.cell * factor:g} m"
        findings.add(Finding("coarsened", "info", text))
    findings.add(*_treat_holes(height, incomplete if holes == "refuse" else None, holes, header, factor, facts))
    if not metric or pixels or used is None or header.transform is None:
        return None
    t = header.transform
    rows, cols = height.shape
    return Grid(t.c, t.f, header.cell * factor, rows, cols, horizontal(used)), height, header


def _read(raster: Raster, factor: int) -> tuple[np.ndarray, np.ndarray, HeightScan]:
    """Coarse heights, which coarse cells lack some of their fine cells, and the scan of the fine heights."""
    header = raster.header
    shape = -(-header.rows // factor), -(-header.cols // factor)
    height = np.full(shape, np.nan)
    incomplete = np.zeros(shape, dtype=bool)
    scan = HeightScan(header)
    with closing(raster.strips(header.strip_rows(factor))) as strips:
        for first, values in strips:
            scan.add(values)
            mean, share = block_mean(values, factor)
            rows = slice(first // factor, first // factor + len(mean))
            height[rows] = np.where(share >= 0.5, mean, np.nan)
            incomplete[rows] = share < 1.0
    if scan.valid == 0:
        raise refuse(
            "all_nodata", f"none of its {header.cells:,} cells holds a height", "Use a DEM that covers the area"
        )
    return height, incomplete, scan


def block_mean(values: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the valid values in blocks of factor x factor cells, and the share of the block that is valid.

    Blocks that stick out over the edge count their missing cells as not valid.
    """
    if factor == 1:
        return values, (~np.isnan(values)).astype(np.float64)
    rows, cols = -(-values.shape[0] // factor), -(-values.shape[1] // factor)
    whole = np.full((rows * factor, cols * factor), np.nan)
    whole[: values.shape[0], : values.shape[1]] = values
    blocks = whole.reshape(rows, factor, cols * factor)
    valid = ~np.isnan(blocks)
    count = valid.sum(axis=1, dtype=np.int32).reshape(rows, cols, factor).sum(axis=2)
    total = np.where(valid, blocks, 0.0).sum(axis=1).reshape(rows, cols, factor).sum(axis=2)
    with np.errstate(invalid="ignore"):
        return total / np.where(count == 0, np.nan, count), count / factor**2


def _treat_holes(
    height: np.ndarray, incomplete: np.ndarray | None, holes: Holes, header: Header, factor: int, facts: dict[str, Any]
) -> list[Finding]:
    """Fill, mask or refuse the holes inside `height` (changed in place); what was done is the finding."""
    found = find_holes(np.isnan(height) if incomplete is None else incomplete)
    facts |= {"holes": found.count if found else 0, "hole_cells": found.total if found else 0}
    if found is None:
        return []
    row, col = found.largest_at
    number = "a hole" if found.count == 1 else f"{found.count:,} holes"
    text = (
        f"{number} inside the terrain: {found.total:,} of {height.size:,} cells without a height, "
        f"the largest hole has {found.largest:,} cells at {header.place(row * factor, col * factor)}"
    )
    if holes == "refuse":
        return [Finding("holes", "error", text, "Let them be filled (holes: fill) or left out (holes: mask)")]
    if holes == "mask":
        return [Finding("holes", "warning", f"{text}; left out of the computation")]
    fill_holes(height, found.labels)
    return [Finding("holes", "warning", f"{text}; filled by linear interpolation between their rims")]


def _facts_of_size(header: Header, factor: int) -> dict[str, Any]:
    cells = -(-header.rows // factor) * -(-header.cols // factor)
    cell = header.cell * factor
    seconds = cells * 2 * STEPS_PER_HOUR_AT_1_M / max(cell, 0.01) / UPDATES_PER_SECOND
    limits = ((60, "seconds"), (3600, "minutes"), (24 * 3600, "hours"))
    facts: dict[str, Any] = {
        "cell_m": cell,
        "cells": cells,
        "memory_gib": memory.needed_bytes(cells, header.strip_rows(factor) * header.cols) / GIB,
        "memory_available_gib": memory.available_bytes() / GIB,
        "run_cost": next((word for limit, word in limits if seconds < limit), "days"),
        "run_cost_of": "two simulated hours on two cores, roughly",
    }
    if header.transform is not None:
        west, north = header.at(0, 0)
        east, south = header.at(header.rows, header.cols)
        facts["bounds"] = (west, south, east, north)
    return facts
