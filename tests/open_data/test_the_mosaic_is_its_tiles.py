"""Every cell of the mosaic is the cell of a tile: same height, same place.

The tiles hold a formula at the centres of their cells; the mosaic must hold the
same formula at the centres of its own. Tolerance 0: nothing is averaged or
moved, float32 is copied. A shift of half a cell would change every height by
about a centimetre.
"""

import numpy as np
import pytest

from flood_sim.errors import FetchError


def test_cell_for_cell_at_one_metre_and_over_the_seams(server, get, read, truth):
    """Four real-size tiles (1000 x 1000 cells of 1 m), an area that no tile holds alone and whose sides lie within cells."""
    for east in (372, 373):
        for north in (5678, 5679):
            server.add(east, north, 2021 if east == 372 else 2024, cell=1.0)
    fetched = get((372_990.4, 5_678_900.0, 373_120.7, 5_679_016.3), cell=1.0)
    z, place, crs, profile = read(fetched.dem)
    assert (place.c, place.f, place.a, place.e) == (372_990.0, 5_679_017.0, 1.0, -1.0)
    assert z.shape == (117, 131) and crs.to_epsg() == 25832
    assert not z.mask.any() and np.array_equal(z.data, truth(z.shape, place))
    assert profile["LAYOUT"] == "COG" and profile["dtype"] == "float32" and profile["nodata"] == -9999


def test_every_tile_whole(server, get, read, truth):
    z, place, _, profile = read(get((372_000, 5_678_000, 374_000, 5_680_000)).dem)
    assert z.shape == (200, 200) and np.array_equal(z.data, truth(z.shape, place))
    assert profile["LAYOUT"] == "COG"


def test_a_large_one_has_overviews(server, get, read):
    server.add(372, 5678, 2021, cell=1.0)
    z, _, _, profile = read(get((372_000, 5_678_000, 373_000, 5_679_000), cell=1.0).dem)
    assert z.shape == (1000, 1000) and profile["overviews"] == [2]


def test_a_lattice_half_a_cell_off_stays_where_it_is(server, get, read, truth):
    """Heights given at whole metres instead of between them: the cells keep their place, whatever the area asked for."""
    for name in list(server.tiles):
        _, _, east, north, *_ = name.split("_")
        server.add(int(east), int(north), int(name[-8:-4]), shift=5.0)
    z, place, _, _ = read(get().dem)
    assert place.c % 10 == 5 and np.array_equal(z.data, truth(z.shape, place))


def test_tiles_on_two_lattices_are_not_joined(server, get):
    server.add(373, 5679, 2024, shift=5.0)
    with pytest.raises(FetchError, match=r"dgm1_32_37\d_567\d_1_nw_20\d\d\.tif: its cells lie 0\.5 of a cell beside"):
        get()


def test_no_data_stays_no_data(server, get, read, truth):
    """Cells without a height stay without one; cells beside them keep theirs."""
    server.add(373, 5679, 2024, empty=(slice(90, 100), slice(0, 20)))
    z, place, _, _ = read(get().dem)
    holes = np.zeros(z.shape, bool)
    holes[20:30, 30:50] = True  # the ten southern rows of the tile in the north-east
    assert np.array_equal(z.mask, holes) and np.array_equal(z.data[~holes], truth(z.shape, place)[~holes])


def test_a_square_without_a_tile_is_no_data_and_is_named(server, get, read, truth):
    del server.tiles["dgm1_32_373_5679_1_nw_2024.tif"]
    fetched = get()
    z, place, _, _ = read(fetched.dem)
    gap = np.zeros(z.shape, bool)
    gap[:30, 30:] = True
    assert np.array_equal(z.mask, gap) and np.array_equal(z.data[~gap], truth(z.shape, place)[~gap])
    assert fetched.manifest["missing_tiles"] == ["dgm1_32_373_5679"]
    assert any("no terrain for 1 square of the area: dgm1_32_373_5679" in n for n in fetched.notes)
    assert "holes: mask" in fetched.scenario.read_text()
    with pytest.raises(FetchError, match="dgm1_32_373_5679"):
        get(folder="strict", strict=True)
