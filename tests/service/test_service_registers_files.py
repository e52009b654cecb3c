"""Files are known by what is in them: the same file has the same id, a bad one leaves no trace.

Over HTTP a scenario names files by these ids only, so registering is the one
door through which a file of this machine reaches the service.
"""

import errno
import hashlib
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from flood_sim import registry
from flood_sim.errors import FloodSimError, NotFound, ScenarioError, StorageError, TerrainError
from flood_sim.registry import store
from flood_sim.scenario import Scenario
from flood_sim.surface import land_cover

from .conftest import CELL, COLS, HOUSE, NORTH, ROWS, WEST, pit, write_buildings, write_dem


def left_behind(data) -> list[str]:
    return sorted(p.name for p in (data / "files").iterdir()) if (data / "files").exists() else []


def test_the_id_is_the_checksum_and_the_same_file_is_kept_once(tmp_path, sources):
    data = tmp_path / "data"
    first = registry.add_file(data, sources["dem"], "dem", "Erster Name")
    again = registry.add_file(data, sources["dem"], "dem", "Zweiter Name")
    digest = hashlib.sha256(sources["dem"].read_bytes()).hexdigest()
    assert first.id == f"dem-{digest[:12]}" and first.sha256 == digest
    assert again == first and left_behind(data) == [first.id]
    assert registry.resolve(data, first.id).read_bytes() == sources["dem"].read_bytes()


def test_facts_of_a_terrain_are_kept(tmp_path, sources):
    meta = registry.add_terrain(tmp_path, sources["dem"], buildings=sources["buildings"])
    assert meta.name == "Testtal (erfunden)" and meta.synthetic
    assert (meta.facts["rows"], meta.facts["cols"], meta.facts["cell_m"], meta.facts["epsg"]) == (
        ROWS,
        COLS,
        CELL,
        25832,
    )
    template = Scenario.model_validate(meta.scenario)
    assert template.terrain.dem == meta.id and template.terrain.buildings.file == meta.buildings
    assert registry.check_ids(tmp_path, template)["terrain.dem"] == meta
    with rasterio.open(registry.folder(tmp_path, meta.id) / "ground.tif") as ground:
        np.testing.assert_array_equal(ground.read(1), pit())


def test_an_ascii_grid_keeps_the_crs_it_was_given(tmp_path):
    lines = [
        f"ncols {COLS}",
        f"nrows {ROWS}",
        f"xllcorner {WEST}",
        f"yllcorner {NORTH - ROWS * CELL}",
        f"cellsize {CELL}",
    ]
    grid = tmp_path / "tal.asc"
    grid.write_text("\n".join([*lines, "NODATA_value -9999", *(" ".join(f"{v:.3f}" for v in row) for row in pit())]))
    with pytest.raises(TerrainError, match="(?i)crs|reference"):
        registry.add_terrain(tmp_path / "data", grid)
    meta = registry.add_terrain(tmp_path / "data", grid, crs="EPSG:25832")
    assert meta.scenario["terrain"]["crs"] == "EPSG:25832" and meta.facts["epsg"] == 25832
    assert registry.add_terrain(tmp_path / "data", grid) == meta  # known now
    houses = write_buildings(tmp_path / "houses.gpkg")
    with pytest.raises(TerrainError, match="footprints are in EPSG:25832"):
        registry.add_terrain(tmp_path / "data", grid, crs="EPSG:25833", buildings=houses)
    assert registry.get(tmp_path / "data", meta.id) == meta
    corrected = registry.add_terrain(tmp_path / "data", grid, crs="EPSG:25833")
    assert corrected.id == meta.id and corrected.scenario["terrain"]["crs"] == "EPSG:25833"
    assert corrected.facts["epsg"] == 25833 and corrected.facts["bounds_wgs84"] != meta.facts["bounds_wgs84"]
    with rasterio.open(registry.folder(tmp_path / "data", meta.id) / "ground.tif") as ground:
        assert ground.crs.to_epsg() == 25833


def test_lines_and_a_land_cover_table_belong_to_a_terrain(tmp_path, sources):
    """They stand in the scenario to start from, and lines that do not fit are refused with the name of their file."""
    line = shapely.LineString([(WEST + 10, NORTH - 10), (WEST + 60, NORTH - 10)])
    walls = tmp_path / "mauern.gpkg"
    for columns, values in (([], []), (["kind", "height_m"], [np.array(["wall"], object), np.array([0.5])])):
        pyogrio.raw.write(
            walls, shapely.to_wkb(np.array([line])), values, columns, layer="lines", driver="GPKG",
            geometry_type="LineString", crs="EPSG:25832",
        )  # fmt: skip
        if not columns:
            with pytest.raises(TerrainError, match=r"^mauern\.gpkg|^mauern: "):
                registry.add_terrain(tmp_path / "data", sources["dem"], lines=walls)
            assert left_behind(tmp_path / "data") == []
            walls.unlink()
    cover = write_dem(tmp_path / "cover.tif", np.full((ROWS, COLS), 3, np.float32))
    table = tmp_path / "tabelle.yaml"
    table.write_bytes((Path(land_cover.__file__).parent / "land_cover.yaml").read_bytes())
    meta = registry.add_terrain(
        tmp_path / "data", sources["dem"], lines=walls, land_cover=cover, land_cover_table=table
    )
    template = Scenario.model_validate(meta.scenario)
    assert template.terrain.lines == meta.lines and template.surface.land_cover.table == meta.land_cover_table
    assert set(registry.check_ids(tmp_path / "data", template)) == {
        "terrain.dem", "terrain.lines", "surface.land_cover.file", "surface.land_cover.table"}  # fmt: skip
    with pytest.raises(ScenarioError, match="there is none"):
        registry.add_terrain(tmp_path / "other", sources["dem"], land_cover_table=table)


def bad_files(folder):
    """What people take for a DEM, and what a hostile person would like us to."""
    (folder / "text.tif").write_text("no raster")
    (folder / "empty.tif").write_bytes(b"")
    secret = write_dem(folder / "secret.tif", pit())
    (folder / "really_a.tif.vrt").write_text("")
    (folder / "vrt.tif").write_text(
        f'<VRTDataset rasterXSize="{COLS}" rasterYSize="{ROWS}"><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    whole = secret.read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) // 2])
    write_dem(folder / "degrees.tif", pit(), crs="EPSG:4326", transform=rasterio.Affine(1e-5, 0, 7, 0, -1e-5, 51))
    write_dem(folder / "nowhere.tif", pit(), crs=None)
    return [
        "text.tif",
        "empty.tif",
        "really_a.tif.vrt",
        "vrt.tif",
        "cut.tif",
        "degrees.tif",
        "nowhere.tif",
        "missing.tif",
    ]


def test_a_bad_terrain_is_refused_and_leaves_no_trace(tmp_path):
    data = tmp_path / "data"
    for name in bad_files(tmp_path):
        with pytest.raises(FloodSimError) as refused:
            registry.add_terrain(data, tmp_path / name)
        assert str(data) not in str(refused.value), name
        assert left_behind(data) == [], name


def test_bad_companions_are_refused(tmp_path, sources):
    (tmp_path / "broken.gpkg").write_text("no vectors")
    with pytest.raises(TerrainError, match="broken.gpkg: is neither GeoPackage nor GeoJSON"):
        registry.add_terrain(tmp_path / "data", sources["dem"], buildings=tmp_path / "broken.gpkg")
    with pytest.raises(TerrainError, match="cannot be registered as buildings"):
        registry.add_terrain(tmp_path / "data", sources["dem"], buildings=sources["dem"])
    far = write_buildings(tmp_path / "far.gpkg", shapely.affinity.translate(HOUSE, 50_000, 0))
    with pytest.raises(TerrainError, match="far") as refused:
        registry.add_terrain(tmp_path / "data", sources["dem"], buildings=far)
    assert str(tmp_path) not in str(refused.value)
    assert left_behind(tmp_path / "data") == [], "the terrain must not stay without what was to belong to it"


def test_a_failure_takes_back_only_what_it_added(tmp_path, sources, monkeypatch):
    """Another command registers its file meanwhile; it must not vanish because this one fails."""
    other = write_dem(tmp_path / "other.tif", pit() + 1)

    def fit(*_):
        registry.add_file(tmp_path / "data", other, "dem")
        raise TerrainError("does not fit")

    monkeypatch.setattr("flood_sim.registry.terrain._check_fit", fit)
    with pytest.raises(TerrainError, match="does not fit"):
        registry.add_terrain(tmp_path / "data", sources["dem"], buildings=sources["buildings"])
    assert [meta.name for meta in registry.list_files(tmp_path / "data")] == ["Testtal (erfunden)"]
    assert left_behind(tmp_path / "data") == [registry.add_file(tmp_path / "data", other, "dem").id]


def test_a_full_disk_leaves_no_half_file(tmp_path, sources, monkeypatch):
    """The disk fills up while the copy is written (injected where the bytes are counted)."""

    class Full:
        def update(self, _block):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.hashlib, "sha256", Full)
    with pytest.raises(StorageError, match="No space left"):
        registry.add_file(tmp_path, sources["dem"], "dem")
    assert left_behind(tmp_path) == []


def test_ids_are_never_paths(tmp_path, sources):
    meta = registry.add_file(tmp_path, sources["dem"], "dem")
    for wrong in ("../files", "dem-0123456789ab", f"{meta.id}/..", "", "/etc/passwd"):
        with pytest.raises(NotFound):
            registry.get(tmp_path, wrong)
    with pytest.raises(ScenarioError, match="a path instead of an id"):
        registry.check_ids(tmp_path, Scenario(terrain={"dem": str(sources["dem"])}, numerics={"duration_min": 5}))


def test_the_shipped_town_is_registered_with_all_its_layers(tmp_path):
    """Musterstadt must be ready to be drawn and run: footprints, streets with names, places, a scenario of ids."""
    from flood_sim.terrain.shipped import town_folder

    meta = registry.register_town(tmp_path, town_folder())
    assert meta == registry.register_town(tmp_path, town_folder())
    assert meta.synthetic and "erfunden" in meta.name
    registry.check_ids(tmp_path, Scenario.model_validate(meta.scenario))
    counts = {}
    for layer in ("footprints", "places", "streets"):
        import json

        features = json.loads((registry.folder(tmp_path, meta.id) / f"{layer}.geojson").read_text())["features"]
        counts[layer] = len(features)
    assert counts["footprints"] >= 200 and counts["places"] >= 4 and counts["streets"] >= 5
