"""The formulas of `flood_sim.kernels` as device functions: the same source, compiled for the card.

Compiled without fastmath: nothing is reassociated, so that the compensated depth
keeps its residual. (A dispatcher of the CPU used in a kernel as it is would bring
its own fastmath along, and then the compiler may.) A multiplication and an
addition may still be fused.
"""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

from numba import config, cuda
from numba.core.dispatcher import Dispatcher

from flood_sim.kernels import boundary, flux, mass, record, slope, time_step

THREADS = 256
"""Most threads of a block."""


@cache
def on_device(formula: Any) -> Any:
    """A formula and every formula that it calls, for use in a kernel of the card.

    On the simulator the formula compiled for the CPU itself: it is fast there,
    and keeps the precision of its arguments. Kept for the next process, too:
    compiling them costs as much as hundreds of steps there.
    """
    if config.ENABLE_CUDASIM:
        formula.enable_caching()
        return formula
    python = formula.py_func
    names = {**python.__globals__}
    for name in python.__code__.co_names:
        if isinstance(names.get(name), Dispatcher):
            names[name] = on_device(names[name])
    copy = FunctionType(python.__code__, names, python.__name__, python.__defaults__, python.__closure__)
    return cuda.jit(device=True, fastmath=False)(copy)


def kernel(function: Any) -> Any:
    """Decorator for a kernel.

    fastmath here lets the card divide and take roots to 2 units in the last
    place and forget denormal numbers; being no flag of the formulas, it does
    not let the compiler reassociate them. Told that blocks have 256 threads, the
    compiler takes what it needs, 76 registers at most: three blocks on a
    multiprocessor. Held to four it would spill (machine code for sm_90).
    """
    if config.ENABLE_CUDASIM:
        return cuda.jit(function)
    return cuda.jit(fastmath=True, launch_bounds=THREADS, lto=False, cache=True)(function)


def device(function: Any) -> Any:
    """Decorator for a function of the card that uses nothing of `cuda` itself.

    On the simulator it stays plain Python: the simulator would exchange the
    names of its module at every call.
    """
    return function if config.ENABLE_CUDASIM else cuda.jit(device=True)(function)


half_slope = on_device(slope.half_slope)
face = on_device(flux.face)
border_face = on_device(boundary.border_face)
outflow_share = on_device(mass.outflow_share)
add_depth = on_device(mass.add_depth)
wave_speed = on_device(mass.wave_speed)
cell_discharge = on_device(record.cell_discharge)
speed_squared = on_device(record.speed_squared)
wave_step = on_device(time_step.wave_step)
supply_step = on_device(time_step.supply_step)
entering_step = on_device(time_step.entering_step)
steps_to = on_device(time_step.steps_to)
