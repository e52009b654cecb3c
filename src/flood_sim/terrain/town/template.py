"""The demo scenario of Musterstadt as commented YAML."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

from flood_sim.terrain.town import places
from flood_sim.terrain.town.assemble import Town
from flood_sim.terrain.town.frame import EPSG, SOUTH, WEST

PIPES = ("muehlsiefen", "underpass-drain")
"""Ids of the pipes, in the order of `places.culverts`."""
TEXT = """\
# Musterstadt (erfunden): extremer Starkregen, 90 l/m² (= mm) in einer Stunde, danach eine Stunde Nachlauf.
# Invented town: extreme storm, 90 mm in one hour, then one hour of run-off.
# Made by flood_sim.terrain.town.make_town. File names are relative to this file.
format_version: 1
title: "Musterstadt (erfunden): extrem, 90 mm in 1 h"
crs: EPSG:{epsg}
terrain:
  dem: {dem}
  cell_m: 4  # 2 is the resolution of the DEM: four times the cells, eight times the work
  buildings:
    file: {buildings}
    mode: blocked
storm:  # scenario "extrem" of Nordrhein-Westfalen: Blockregen
  kind: block
  depth_mm: 90
  duration_min: 60
surface:
  land_cover:
    file: {land_cover}
  roughness:
    kind: land_cover
  infiltration:  # "moderat": values of each land cover, all marked in its table; kind: none is the worst case
    kind: horton
  initial_loss:
    kind: land_cover
  culverts:  # open and free; the DEM does not contain them
{culverts}
boundaries:
  - kind: free
    where: {{edge: all}}
gauges:
{gauges}
sections:
{sections}
outputs:
  every_min: 5
numerics:
  duration_min: 120
"""


def scenario_text(town: Town, files: dict[str, str]) -> str:
    """YAML of the demo scenario; `files` names the inputs by role."""
    gauges = [
        f"  - {{id: {name}, x: {WEST + x:.1f}, y: {SOUTH + y:.1f}}}"
        for name, (x, y) in places.gauges(town.stream, town.railway).items()
    ]
    section = f"  - {{id: river, line: {_line(places.river_section(town.stream))}}}  # looking south: flow to the west is positive"
    pipes = [
        f"    - {{id: {name}, title: {pipe.values['name']}, width_m: {pipe.values['diameter_m']:g}, "
        f"inverts_m: [{pipe.values['invert_up_m']}, {pipe.values['invert_down_m']}], line: {_line(pipe.geometry)}}}"
        for name, pipe in zip(PIPES, places.culverts(town.height, town.stream, town.brooks, town.railway), strict=True)
    ]
    return TEXT.format(epsg=EPSG, gauges="\n".join(gauges), sections=section, culverts="\n".join(pipes), **files)


def _line(line: BaseGeometry) -> str:
    return "[" + ", ".join(f"[{WEST + x:.1f}, {SOUTH + y:.1f}]" for x, y in line.coords) + "]"
