"""What the CUDA compilers make of the kernels: registers and spilled bytes, without a card.

Needs the extra `cuda`, whose compilers run anywhere: numba-cuda makes PTX, ptxas
(package nvidia-cuda-nvcc) machine code. Runs in a process of its own, in which
numba-cuda is told which card to compile for.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

COMPUTE = ((8, 0), (9, 0))
"""Compute capabilities: A100, H100."""


def measure() -> dict[str, Any] | None:
    """By compute capability and kernel: registers, spilled bytes; None where the compilers are missing."""
    if _ptxas() is None or importlib.util.find_spec("numba_cuda") is None:
        return None
    done = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _ptxas() -> Path | None:
    found = importlib.util.find_spec("nvidia")
    places = [Path(p) for p in (found.submodule_search_locations or [])] if found else []
    return next((f for place in places for f in place.glob("cuda_nvcc/bin/ptxas*")), None)


def compiled(compute: tuple[int, int]) -> dict[str, dict[str, int]]:
    """Compile every kernel for a card; only in a process that does nothing else."""
    import numba.cuda.dispatcher as dispatcher
    from numba import boolean, cuda, float32, float64, int32, types, uint64

    class Card:
        compute_capability = compute

    # device functions are compiled for the present card: say which
    dispatcher.get_current_device = lambda: Card

    from flood_sim.backends.cuda import clock, layout, step
    from flood_sim.backends.layout import Maxima

    def array(kind: Any, dimensions: int = 1) -> Any:
        return types.Array(kind, dimensions, "C")

    def bundle(cls: type, *kinds: Any) -> Any:
        return types.NamedUniTuple(kinds[0], len(kinds), cls) if len(set(kinds)) == 1 else types.NamedTuple(kinds, cls)

    f, i, u, d, pairs = array(float32), array(int32), array(uint64), array(float64), array(float64, 2)
    water, maxima = bundle(layout.Water, *[f] * len(layout.Water._fields)), bundle(Maxima, *[f] * len(Maxima._fields))
    open_, meter = bundle(layout.OpenFaces, i, u, u, u, f, i, pairs), bundle(layout.Metered, i, u, f, pairs)
    timing, supply = bundle(layout.Timing, d, i, f, f), bundle(layout.Supply, pairs, pairs, pairs)
    sizes = (int32, uint64, int32)
    signatures = {
        step.faces: (water, open_, timing, *sizes),
        step.cells: (water, maxima, meter, timing, *sizes, boolean, float32),
        clock.turn_clock: (timing, supply),
        clock.pour: (timing, bundle(layout.Poured, u, pairs), f),
    }
    found = {}
    for kernel, signature in signatures.items():
        options = kernel.targetoptions
        ptx, _ = cuda.compile(
            kernel.py_func, signature, device=False, cc=compute, abi="numba", fastmath=options["fastmath"],
            launch_bounds=options["launch_bounds"],
        )  # fmt: skip
        found[kernel.py_func.__name__] = _assembled(ptx, compute)
    return found


def _assembled(ptx: str, compute: tuple[int, int]) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "kernel.ptx"
        source.write_text(ptx)
        command = [str(_ptxas()), "-v", f"-arch=sm_{compute[0]}{compute[1]}", str(source), "-o", f"{source}.cubin"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = done.stdout + done.stderr
    registers = max(int(n) for n in re.findall(r"Used (\d+) registers", said))
    return {"registers": registers, "spilled_bytes": sum(int(n) for n in re.findall(r"(\d+) bytes spill stores", said))}


if __name__ == "__main__":
    print(json.dumps({f"sm_{a}{b}": compiled((a, b)) for a, b in COMPUTE}))
