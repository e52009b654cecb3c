"""What the card says of a whole state: how much water there is, and how deep it is at most."""

import numpy as np
from numba import config, cuda, float64

from flood_sim.backends.cuda.formulas import kernel
from flood_sim.kernels.constants import ZERO

BLOCKS = 1 if config.ENABLE_CUDASIM else 256
"""Their number decides on the order of the sum, so it is always the same."""


@kernel
def survey(h, residual, offset, volume, deepest):
    """Sum of h - residual in double precision and largest h over the cells of a block; offset: where the copy begins."""
    line = cuda.threadIdx.x
    total = 0.0
    highest = 0.0
    for k in range(cuda.blockIdx.x * cuda.blockDim.x + line, residual.size, cuda.gridDim.x * cuda.blockDim.x):
        d = h[offset + np.uint64(k)]
        if d >= ZERO:
            total += float64(d) - float64(residual[k])
            highest = max(highest, float64(d))
    shared = cuda.shared.array(0, float64)  # of the size that the launch says: two numbers per thread
    shared[line] = total
    shared[line + cuda.blockDim.x] = highest
    cuda.syncthreads()
    if line == 0:
        for k in range(1, cuda.blockDim.x):
            total += shared[k]
            highest = max(highest, shared[k + cuda.blockDim.x])
        volume[cuda.blockIdx.x] = total
        deepest[cuda.blockIdx.x] = highest
