"""The terrain of the benchmarks: steep valleys with buildings, 2 m cells.

Two slopes of 23 % fall to a floor, the floor falls towards the south, every cell
carries some noise, and blocks of 6 x 5 cells stand 8 m above the ground, one for
each 2,600 cells. Every kind of trouble that rain on a city has is in it: thin
sheets on steep ground, steps far higher than the water, pools behind houses.

gorge: a floor of no width falling 3 %, noise of 10 cm: surges and bores, for the
speed of the kernels. town: a floor 200 m wide falling 1 %, noise of 2 cm, for the
comparison with other solvers. In the gorge those could not be compared: no
settings were found with which Itzi came to the end of the storm (12 were tried,
cfl 0.15 to 0.7, theta 0.5 to 0.9, dtmax 0.1 to 5 s).
"""

from __future__ import annotations

import numpy as np

CELL_M = 2.0
SLOPE = 0.23
MANNING = 0.03
RAIN_M_S = 90e-3 / 3600
GORGE_FALL = 0.03
TOWN_FALL = 0.01


def gorge(rows: int, cols: int | None = None) -> np.ndarray:
    """Heights (rows, cols) in m, row 0 in the north; deterministic."""
    return _ground(rows, cols or rows, floor_m=0.0, fall=GORGE_FALL, noise_m=0.1)


def town(rows: int, cols: int | None = None) -> np.ndarray:
    """Heights (rows, cols) in m, row 0 in the north; deterministic."""
    return _ground(rows, cols or rows, floor_m=200.0, fall=TOWN_FALL, noise_m=0.02)


def _ground(rows: int, cols: int, *, floor_m: float, fall: float, noise_m: float) -> np.ndarray:
    rng = np.random.default_rng(11)
    y = np.arange(rows)[:, None] * CELL_M
    x = np.arange(cols)[None, :] * CELL_M
    heights: np.ndarray = SLOPE * np.maximum(np.abs(x - cols * CELL_M / 2) - floor_m / 2, 0.0) - fall * y
    heights += noise_m * rng.random((rows, cols))
    for _ in range(rows * cols // 2600):
        r, c = rng.integers(0, max(rows - 6, 1)), rng.integers(0, max(cols - 5, 1))
        heights[r : r + 6, c : c + 5] += 8.0
    return heights
