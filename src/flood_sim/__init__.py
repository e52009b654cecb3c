"""Heavy-rain (Starkregen) simulation: a DEM and a storm in, a flood-depth map out."""

from flood_sim.compiled import use_own_cache

use_own_cache()
