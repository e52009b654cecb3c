"""The figure of a result classes depths as the legend does and says what it shows and what not.

Depths are never rounded before they are classed (9.9 cm is not drawn, 10 cm
is), invented terrain is called so, and the box of what a map does not show is
on every map, in both languages.
"""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
import rasterio
from matplotlib.colors import to_hex
from rasterio.transform import from_origin

from flood_sim import Scenario, run
from flood_sim.errors import ResultError
from flood_sim.results.legend import legend
from flood_sim.results.plot import plot_depth

WEST, NORTH, CELL, DEPTHS = 360_000.0, 6_041_000.0, 2.0, (0.099, 0.10, 0.29, 0.30, 0.75, 1.5, 3.0, 4.5)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Pools of known depth between walls, still: eight cells from west to east, cut off from each other."""
    folder = tmp_path_factory.mktemp("pools")
    ground = np.full((6, 2 * len(DEPTHS) + 1), 20.0, np.float32)
    depth = np.zeros_like(ground)
    for k, d in enumerate(DEPTHS):
        ground[2:4, 2 * k + 1] = 10.0
        depth[2:4, 2 * k + 1] = d
    for name, values in (("dem", ground), ("depth", depth)):
        profile = {
            "driver": "GTiff",
            "width": values.shape[1],
            "height": values.shape[0],
            "count": 1,
            "dtype": "float32",
        }
        profile |= {"crs": "EPSG:25832", "transform": from_origin(WEST, NORTH, CELL, CELL)}
        with rasterio.open(folder / f"{name}.tif", "w", **profile) as out:
            out.write(values, 1)
            if name == "dem":
                out.update_tags(FLOOD_SIM_SYNTHETIC="1")
    scenario = Scenario.parse(
        {
            "terrain": {"dem": str(folder / "dem.tif")},
            "initial": {"kind": "depth", "file": str(folder / "depth.tif")},
            "boundaries": [],
            "numerics": {"duration_min": 0.1},
        }
    )
    return run(scenario, folder / "result")


@pytest.fixture
def figures():
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def colours_of(figure):
    """Colour of each pool on the map, None where nothing is drawn."""
    image = figure.axes[0].images[1]
    found = []
    for k in range(len(DEPTHS)):
        value = image.get_array()[2, 2 * k + 1]
        found.append(None if np.ma.is_masked(value) else to_hex(image.cmap(image.norm(value))).upper())
    return found


def test_depths_have_the_colours_of_their_classes(result, figures):
    classes = [c.colour for c in legend("max_depth")]
    expected = [None, classes[0], classes[0], classes[1], classes[2], classes[3], classes[4], classes[5]]
    assert colours_of(plot_depth(result)) == expected


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "de",
            (
                "Das zeigt die Karte nicht: Rückstau",
                "Erfundene Stadt",
                "Starkregen-Simulation (Vorprüfung)",
                "30 bis 50 cm",
            ),
        ),
        ("en", ("Not shown on this map: backflow", "Invented town", "Heavy-rain simulation", "30 to 50 cm")),
    ],
)
def test_what_stands_on_the_map(result, figures, language, words):
    figure = plot_depth(result, language=language, marks={"Schule": (WEST + 8, NORTH - 5)})
    written = " | ".join(text.get_text() for part in (figure, *figure.axes) for text in part.texts)
    for word in (*words, "Schule", result.manifest["content_id"], "EPSG:25832"):
        assert word in written


def test_a_part_off_the_terrain_and_an_unknown_language_are_refused(result, figures):
    with pytest.raises(ResultError, match="lies off the terrain"):
        plot_depth(result, extent=(0.0, 0.0, 10.0, 10.0))
    with pytest.raises(ResultError, match="allowed: de, en"):
        plot_depth(result, language="fr")
    west, south, east, north = result.grid.bounds
    figure = plot_depth(result, extent=(west - 99, south, (west + east) / 2, north))
    assert figure.axes[0].get_xlim() == (west, (west + east) / 2)
