"""The parts of a manifest that a page needs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from rasterio.warp import transform_bounds

from flood_sim.results.manifest import MANIFEST_NAME, read_manifest
from flood_sim_api.schemas import ManifestOut


def of(folder: Path) -> ManifestOut:
    """The summary of a finished run's manifest."""
    return _read(folder, (folder / MANIFEST_NAME).stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _read(folder: Path, _changed: int) -> ManifestOut:
    manifest = read_manifest(folder)
    grid = manifest["grid"]
    east, south = grid["west"] + grid["cols"] * grid["cell_m"], grid["north"] - grid["rows"] * grid["cell_m"]
    bounds = transform_bounds(grid["crs_wkt"], "EPSG:4326", grid["west"], south, east, grid["north"], densify_pts=21)
    kept = {k: manifest.get(k) or {} for k in ("storm", "terrain", "ledger", "performance", "extremes")}
    return ManifestOut(
        bounds_wgs84=bounds,
        grid=grid,
        synthetic=bool(manifest.get("synthetic")),
        notes=list(manifest.get("notes") or []),
        output_times_s=list(manifest.get("output_times_s") or []),
        threshold_m=manifest.get("threshold_m"),
        version=manifest.get("version"),
        created=manifest.get("created"),
        area=manifest.get("area"),
        borders=list(manifest.get("borders") or []),
        measures=[str(m["id"]) for m in (manifest["scenario"].get("measures") or [])],
        **kept,
    )
