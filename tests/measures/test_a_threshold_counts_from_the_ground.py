"""The sill of a building lies `threshold_m` above the highest ground at its wall: ground, not what measures put up beside it.

Level ground at 100 m; all heights are one sum, exact in float64. What is dug or
filled counts, since it is ground.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.scenario import Scenario

HOUSE = (20, -30, 30, -20)
THRESHOLD = {"kind": "threshold", "id": "t", "buildings": ["h0"], "threshold_m": 0.3}
BESIDE = {
    "wall": ({"kind": "wall", "height_m": 1.0, "line": (19.5, 15, 19.5, 35)}, 0.0),
    "kerb": ({"kind": "kerb", "height_m": 0.12, "line": (19.5, 15, 19.5, 35)}, 0.0),
    "embankment": ({"kind": "embankment", "height_m": 1.0, "side_slope": 2.0, "line": (17.5, 15, 17.5, 35)}, 0.0),
    "path with kerbs": ({"kind": "emergency_flow_path", "width_m": 4, "kerb_height_m": 0.15, "line": (17.5, 10, 17.5, 40)}, 0.0),
    "fill": ({"kind": "ground", "change_m": 0.5, "polygon": (10, 15, 20, 15, 20, 35, 10, 35)}, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("what", BESIDE)
@pytest.mark.parametrize("first", [False, True])
def test_the_sill(write_raster, write_footprints, at, what, first):
    drawn, higher = BESIDE[what]
    drawn = {"id": "m", **drawn}
    for key in {"line", "polygon"} & set(drawn):
        flat = drawn[key]
        drawn[key] = at(*zip(flat[::2], flat[1::2], strict=True))
    asked = {
        "terrain": {"dem": write_raster(np.full((50, 60), 100.0)), "buildings": {"file": write_footprints(HOUSE)}},
        "storm": {"kind": "block", "depth_mm": 30, "duration_min": 10}, "numerics": {"duration_min": 10, "device": "cpu"},
        "measures": [drawn, THRESHOLD] if first else [THRESHOLD, drawn],
    }  # fmt: skip
    ground = build(Scenario.parse(asked)).domain.ground
    assert set(np.unique(ground[20:30, 20:30])) == {ground.dtype.type(100.3 + higher)}
    assert ground[25, 19] > 100.0
