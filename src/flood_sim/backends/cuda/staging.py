"""Outputs on their way out while the next steps run.

What an output needs is copied on the card into arrays of its own, in the time
of a step or two, and from there by a second stream into pinned memory of the
host. The steps wait only if the output before is still on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import cuda

from flood_sim.backends.cuda.arrays import TWICE, Frame
from flood_sim.backends.cuda.layout import Water

OUTPUTS = ("h", "qx", "qy")
BYTES_PER_CELL = 4 * len(OUTPUTS)


@dataclass(frozen=True)
class Frozen:
    """Depth and limited discharges of one moment, (ny+2, nx+2); read them before the next moment is taken."""

    _host: dict[str, np.ndarray]
    _copied: Any

    def arrays(self) -> dict[str, np.ndarray]:
        """Wait until they have arrived. Cells that take no water have depth 0."""
        cuda.current_context()  # whoever asks may be a thread that never saw the card
        self._copied.synchronize()
        np.maximum(self._host["h"], 0.0, out=self._host["h"])
        return self._host


class Staging:
    """One set of arrays on the card and one on the host."""

    def __init__(self, frame: Frame, stream: Any) -> None:
        self._frame, self._steps = frame, stream
        self._out = cuda.stream()
        shape = (frame.rows, frame.row)
        self._card = {name: cuda.device_array(frame.rows * frame.row, np.float32) for name in OUTPUTS}
        self._host = {name: cuda.pinned_array(shape, np.float32) for name in OUTPUTS}
        self._staged, self._copied = cuda.event(), cuda.event()

    def take(self, water: Water, turn: int) -> Frozen:
        """Copy what the next output needs, as it is after the steps that were ordered so far."""
        self._copied.synchronize()
        for name, array in self._card.items():
            source = self._frame.part(getattr(water, name), turn if name in TWICE else 0)
            array.copy_to_device(source, stream=self._steps)
        self._staged.record(self._steps)
        self._staged.wait(self._out)
        for name, array in self._card.items():
            array.copy_to_host(self._host[name].reshape(-1), stream=self._out)
        self._copied.record(self._out)
        return Frozen(self._host, self._copied)
