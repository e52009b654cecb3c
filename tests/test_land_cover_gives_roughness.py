"""Every cell of the model gets the Manning's n of its land-cover class, or the run is refused.

The table is the contract: codes 1 to 8 with the defaults of the project. A
code that nobody defined must never become a silent default.
"""

import numpy as np
import pytest

from flood_sim.errors import TerrainError
from flood_sim.surface.land_cover import load_table, manning_from_classes

DEFAULTS = {1: 0.020, 2: 0.025, 3: 0.055, 4: 0.060, 5: 0.12, 6: 0.045, 7: 0.033, 8: 0.020}


def test_table_holds_the_codes_and_marks_what_nobody_verified():
    table = load_table()
    assert {c: e.n for c, e in table.items()} == DEFAULTS
    assert all("memory, unverified" in e.mark and e.label_de for e in table.values())


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_each_code_gives_its_n(dtype):
    classes = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], dtype)
    assert manning_from_classes(classes).tolist() == [[0.020, 0.025, 0.055, 0.060], [0.12, 0.045, 0.033, 0.020]]


def test_unknown_code_is_named_with_its_count_and_the_allowed_codes():
    classes = np.array([[1, 9, 9], [1, 42, 1]], np.uint8)
    with pytest.raises(TerrainError, match=r"code 9 on 2 cells, 42 on 1 cell.*1 asphalt.*8 building"):
        manning_from_classes(classes)
    with pytest.raises(TerrainError, match=r"2\.5 on 1 cell"):
        manning_from_classes(np.array([1, 2.5]))


def test_no_data_is_an_error_inside_and_nothing_outside_the_model():
    classes = np.array([[1.0, np.nan], [0.0, 5.0]])
    outside = np.array([[False, True], [True, False]])
    n = manning_from_classes(classes, outside=outside)
    assert n[0, 0] == 0.020 and n[1, 1] == 0.12 and np.isfinite(n).all()
    with pytest.raises(TerrainError, match=r"0 \(no data\) on 2 cells"):
        manning_from_classes(classes)
