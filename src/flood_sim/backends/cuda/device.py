"""Is there a card that can be computed on, and which device a run takes.

numba.cuda is imported only where a driver was found, or a card was asked for by
name: a run on the CPU pays nothing.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from flood_sim.errors import DeviceError

DRIVER = {"win32": "nvcuda.dll"}.get(sys.platform, "libcuda.so.1")
RESERVE = 256 * 2**20
"""Bytes of the card left to others and to the compiled kernels."""
INSTALL = 'Install the extra: pip install "flood-sim[cuda]"'


@dataclass(frozen=True)
class Card:
    """One CUDA card, or the simulator, which claims to be one."""

    name: str
    free_bytes: float
    simulated: bool = False


def simulated() -> bool:
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")


def has_driver() -> bool:
    """Whether the machine has a driver for CUDA cards at all; cheap."""
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    return True


def find_card() -> Card:
    """The card that numba.cuda takes, proved by a kernel that ran; DeviceError says why there is none."""
    if not simulated() and not has_driver():
        raise DeviceError("no CUDA card: this machine has no driver for one", hint="Use numerics.device: cpu or auto")
    if not simulated() and find_spec("numba_cuda") is None:
        raise DeviceError("the CUDA card cannot be used: numba-cuda is not installed", hint=INSTALL)
    try:
        from numba import cuda

        from flood_sim.backends.cuda.arrays import fill
    except ImportError as error:
        raise DeviceError(f"the CUDA card cannot be used: {error}", hint=INSTALL) from None
    try:
        context: Any = cuda.current_context()
        probe = cuda.to_device([1.0, 1.0])
        fill[1, 1](probe, 2.0)
        if not (probe.copy_to_host() == 2.0).all():
            raise RuntimeError("it computed a wrong number")
        name = "simulator" if simulated() else cuda.get_current_device().name
        name = name.decode() if isinstance(name, bytes) else str(name)
        return Card(name, float(context.get_memory_info()[0]), simulated())
    except Exception as error:  # whatever driver, compiler and card can say: none of it is the user's
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise DeviceError(f"the CUDA card cannot be used: {words}", hint=INSTALL) from None


def bytes_needed(cells: int, *, record: bool) -> float:
    """Memory of the card for a grid of so many cells."""
    from flood_sim.backends.cuda.arrays import BYTES_PER_CELL, BYTES_PER_CELL_MAXIMA

    return cells * (BYTES_PER_CELL + (BYTES_PER_CELL_MAXIMA if record else 0)) + RESERVE


def choose(asked: str, cells: int, *, record: bool = True) -> tuple[str, str | None]:
    """The device of a run, "cpu" or "cuda", and a word where a card was there and is not used.

    "cuda" raises DeviceError where there is no usable card; "auto" takes one
    where it can, but never the simulator.
    """
    if asked == "cpu" or (asked == "auto" and (simulated() or not has_driver())):
        return "cpu", None
    try:
        card = find_card()
        needed = bytes_needed(cells, record=record)
        if needed > card.free_bytes:
            raise DeviceError(
                f"the model does not fit into the memory of the CUDA card ({card.name})",
                value=f"{needed / 2**30:.1f} GiB", allowed=f"up to {card.free_bytes / 2**30:.1f} GiB free",
                hint="Use numerics.device: cpu or auto, or a coarser terrain.cell_m",
            )  # fmt: skip
    except DeviceError as error:
        if asked == "cuda":
            raise
        return "cpu", f"computed on the CPU, although a CUDA card is here: {error.what}"
    return "cuda", None
