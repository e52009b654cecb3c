"""The demo scenario of Musterstadt as commented YAML."""

from __future__ import annotations

from flood_sim.terrain.town import places
from flood_sim.terrain.town.assemble import Town
from flood_sim.terrain.town.frame import EPSG, SOUTH, WEST

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
    line = ", ".join(f"[{WEST + x:.1f}, {SOUTH + y:.1f}]" for x, y in places.river_section(town.stream).coords)
    section = f"  - {{id: river, line: [{line}]}}  # looking south: flow to the west is positive"
    return TEXT.format(epsg=EPSG, gauges="\n".join(gauges), sections=section, **files)
