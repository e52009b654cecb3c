"""Heavy-rain (Starkregen) simulation: a DEM and a storm in, a flood-depth map out."""
