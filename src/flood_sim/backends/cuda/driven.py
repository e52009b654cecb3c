"""What drives the flow from outside, as it lies on the card: borders and area inflows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import cuda

from flood_sim.backends.cuda import layout
from flood_sim.backends.cuda.arrays import Frame, open_faces
from flood_sim.backends.cuda.layout import Poured, Supply
from flood_sim.backends.layout import Border, Segment


class Driven:
    """Lists of faces and cells, and the values that a segment gives them.

    cells: positions of the cells of area inflows, each once, in the host's flat
    arrays (ny+2, nx+2).
    """

    def __init__(
        self, frame: Frame, border: Border, areas: Sequence[tuple[np.ndarray, np.ndarray]], entering: int
    ) -> None:
        places = [frame.at(rows, cols) for rows, cols in areas]
        poured = np.unique(np.concatenate([np.empty(0, np.uint64), *places]))
        # where each inflow's cells stand among them: where inflows meet, they are added up
        self._members = [np.searchsorted(poured, place) for place in places]
        self.cells = poured.astype(np.int64) - layout.MARGIN * frame.row
        self.faces = open_faces(frame, border)
        self.poured = Poured(cuda.to_device(poured), cuda.to_device(np.zeros((poured.size, 2))))
        self.supply = Supply(*(cuda.to_device(np.zeros((n, 2))) for n in (len(areas), 1, entering)))

    def put(self, segment: Segment, rain_there: np.ndarray) -> None:
        """Take the values of a segment; rain_there: rain on each of `cells`, m/s."""
        poured = np.repeat(rain_there[:, None], 2, axis=1)
        for places, rate in zip(self._members, segment.rates, strict=True):
            poured[places] += rate
        arrays = (self.faces.value, self.poured.source, *self.supply)
        values = (segment.faces, poured, segment.rates, segment.discharge, segment.entering)
        for array, value in zip(arrays, values, strict=True):
            if value.size:
                array.copy_to_device(np.ascontiguousarray(value, np.float64))
