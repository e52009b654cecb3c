"""KOSTRA-DWD, the rain statistics of Deutscher Wetterdienst: read the published archives, answer for any place.

from flood_sim.rain import kostra
kostra.add(["StatRR_KOSTRA-DWD-2020_D00060_ASC.zip", ...])     # once
kostra.statistics_at(7.15, 51.26, "EPSG:4326").value(60, 100)   # offline from then on
"""

from flood_sim.rain.kostra.archive import Sheet, read_archive
from flood_sim.rain.kostra.edition import EDITIONS, KOSTRA_2010R, KOSTRA_2020, Edition
from flood_sim.rain.kostra.store import Added, add, default_folder, edition_of, held, statistics_at

__all__ = [
    "EDITIONS",
    "KOSTRA_2010R",
    "KOSTRA_2020",
    "Added",
    "Edition",
    "Sheet",
    "add",
    "default_folder",
    "edition_of",
    "held",
    "read_archive",
    "statistics_at",
]
