"""Is this file the tile that it should be? Asked before it may enter the cache."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from flood_sim.terrain.crs import describe, parse_crs, same_crs
from flood_sim.terrain.findings import Refusal, refuse
from flood_sim.terrain.header import Header
from flood_sim.terrain.header_checks import check_form, check_pixels, check_unit
from flood_sim.terrain.height_checks import HIGHEST_M, LOWEST_M
from flood_sim.terrain.open_data.provider import Provider, Tile
from flood_sim.terrain.raster import open_raster

BROKEN = {"damaged", "truncated", "empty"}
"""Codes of a refusal that another download may cure."""
_ASK = "Look at the file in a browser or a GIS, and report it to the provider"


def check_tile(file: Path, tile: Tile, provider: Provider) -> int:
    """How many cells of the file hold a height. Refusal if it is no raster, no terrain, or not of this place.

    Every cell is read: a file cut short shows only there.
    """
    raster = open_raster(file)
    header = raster.header
    for finding in (*check_form(header), *check_pixels(header), *check_unit(header)):
        if finding.severity == "error":
            raise Refusal(finding)
    _check_place(header, tile, provider)
    heights = 0
    with closing(raster.strips(header.strip_rows())) as strips:
        for _, values in strips:
            known = values[~np.isnan(values)]
            heights += known.size
            if known.size and not (known.min() >= LOWEST_M and known.max() <= HIGHEST_M):
                text = f"holds heights from {known.min():g} to {known.max():g} m; {LOWEST_M:g} to {HIGHEST_M:g} m are possible"
                raise refuse("absurd_height", text, _ASK)
    return heights


def _check_place(header: Header, tile: Tile, provider: Provider) -> None:
    """CRS, size of a cell, and the square of the map that the tile's name promises."""
    wanted = parse_crs(provider.crs)
    if header.crs is None and header.driver == "GTiff":
        raise refuse("no_crs", f"names no CRS; {describe(wanted)} is expected", _ASK)
    if header.crs is not None and not same_crs(header.crs, wanted):
        raise refuse("crs_differs", f"is in {describe(header.crs)}; {describe(wanted)} is expected", _ASK)
    if abs(header.cell - provider.cell_m) > 1e-6 * provider.cell_m:
        raise refuse("cell_size", f"has cells of {header.cell:g} m; {provider.cell_m:g} m are expected", _ASK)
    west, north = header.at(0, 0)
    east, south = header.at(header.rows, header.cols)
    slack = 0.999 * provider.cell_m  # a lattice half a cell off is one, a cell off is a neighbour's height
    stands_out = max(
        tile.west - west, tile.south - south, east - tile.west - provider.tile_m, north - tile.south - provider.tile_m
    )
    most = round(provider.tile_m / provider.cell_m)
    if stands_out > slack or header.rows > most or header.cols > most:
        text = (
            f"covers E {west:.1f} to {east:.1f}, N {south:.1f} to {north:.1f}, not the square of "
            f"{provider.tile_m:g} m at E {tile.west:.0f} N {tile.south:.0f} that its name says"
        )
        raise refuse("misplaced", text, _ASK)
