"""A state to start from: another time than zero, water that is there and moves, on all of a terrain or a window of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.kernels.constants import G
from flood_sim.solver.ledger import Ledger
from flood_sim.solver.losing import Losing
from flood_sim.solver.simulation import Simulation

INNER = (slice(1, -1), slice(1, -1))


@dataclass(frozen=True)
class Start:
    """Water at time t (s): depth (ny, nx) m; u, qx (ny, nx+1) at the western to the eastern faces of each row, m/s and
    m2/s, positive to the east; v, qy (ny+1, nx) at the northern to the southern faces, positive to the SOUTH.

    dt: length of the step that came before, s; 0 where there was none. fastest: wave, m/s, None to look for it.
    residual: of the depth, m, None for none. laws: what the laws of fields remember (padded
    arrays as `Simulation.memory` names them); what is missing begins anew, and roughness is that of the depth.
    """

    t: float
    depth: np.ndarray
    u: np.ndarray
    v: np.ndarray
    qx: np.ndarray
    qy: np.ndarray
    dt: float = 0.0
    fastest: float | None = None
    residual: np.ndarray | None = None
    laws: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def still(cls, depth: np.ndarray, t: float = 0.0) -> Start:
        """Water at rest."""
        ny, nx = depth.shape
        x, y = np.zeros((ny, nx + 1)), np.zeros((ny + 1, nx))
        return cls(t, depth, x, y, x, y)

    @classmethod
    def of(cls, sim: Simulation) -> Start:
        """What a Simulation has come to."""
        memory = sim.memory()
        x, y = (slice(1, -1), slice(None, -1)), (slice(None, -1), slice(1, -1))
        shape = memory["h"].shape
        laws = {k: a.copy() for k, a in memory.items() if k.startswith("law_") and (a.shape == shape or _clock(k))}
        u, v, qx, qy = (memory[name][part].copy() for name, part in (("u", x), ("v", y), ("qx", x), ("qy", y)))
        depth, residual = (memory[name][INNER].copy() for name in ("h", "residual"))
        return cls(sim.t, depth, u, v, qx, qy, sim.dt_before, sim.fastest, residual, laws)

    def window(self, rows: slice, cols: slice) -> Start:
        """The part of it on some rows and columns, without steps."""
        r, c = slice(rows.start, rows.stop + 1), slice(cols.start, cols.stop + 1)
        ghost = slice(rows.start, rows.stop + 2), slice(cols.start, cols.stop + 2)
        laws = {k: a if _clock(k) else a[ghost] for k, a in self.laws.items()}
        return Start(
            self.t, self.depth[rows, cols], self.u[rows, c], self.v[r, cols], self.qx[rows, c], self.qy[r, cols],
            self.dt, self.fastest, None if self.residual is None else self.residual[rows, cols], laws,
        )  # fmt: skip

    def begin(self, sim: Simulation) -> None:
        """Put a Simulation that has not begun into this state; rain and inflows go on from t. Its ledger begins here."""
        active = sim.domain.active
        if self.depth.shape != active.shape:
            raise ScenarioError(
                "the state lies on another grid", where="Start.depth", value=self.depth.shape, allowed=str(active.shape)
            )
        memory = {name: array.copy() for name, array in sim.memory().items()}
        dtype = memory["h"].dtype
        depth = np.where(active, self.depth, 0.0).astype(dtype)
        if not (np.isfinite(depth).all() and (depth >= 0.0).all()):
            raise ScenarioError("the depth is out of range", where="Start.depth", allowed="0 or more, finite")
        memory["h"][INNER] = depth
        memory["residual"][:] = 0.0
        if self.residual is not None:
            memory["residual"][INNER] = np.where(active, self.residual, 0.0)
        pad = np.pad(active, 1)
        open_x, open_y = pad[1:-1, :-1] | pad[1:-1, 1:], pad[:-1, 1:-1] | pad[1:, 1:-1]
        for name, values, open_ in (("u", self.u, open_x), ("qx", self.qx, open_x)):
            memory[name][1:-1, :-1] = np.where(open_, values, 0.0)
        for name, values, open_ in (("v", self.v, open_y), ("qy", self.qy, open_y)):
            memory[name][:-1, 1:-1] = np.where(open_, values, 0.0)
        if memory["max_h"].shape == memory["h"].shape:
            memory["max_h"][:] = memory["h"]
            memory["max_time_h"][:] = self.t
            memory["max_arrival"][:] = np.where(memory["h"] >= sim.threshold, self.t, np.inf)
            memory["max_wet_s"][:] = np.where(memory["h"] >= sim.threshold, -self.t, 0.0)
        volume = float(memory["h"][INNER].sum(dtype=np.float64)) * sim.domain.cell**2
        memory["ledger"] = np.array(astuple(Ledger(initial_m3=volume, stored_m3=volume)))
        memory["clock"] = np.array(
            [self.t, 0, math.inf, _fastest(memory) if self.fastest is None else self.fastest, self.dt]
        )
        carried = {k for k, a in self.laws.items() if k in memory and a.shape == memory[k].shape}
        for name in memory:
            if name in carried and _clock(name):
                memory[name] = np.asarray(self.laws[name], memory[name].dtype)
            elif name in carried:
                # what lies around the cells of a window is no part of it
                np.copyto(memory[name][INNER], self.laws[name][INNER], where=active, casting="same_kind")
            elif _clock(name):
                memory[name] = np.array([self.t, 0.0])
        sim.restore(memory)
        for own, law in sim.laws.named.items():
            if isinstance(law, Losing) and f"{own}_gn2" not in carried:
                law.roughen()


def _clock(name: str) -> bool:
    """Whether a memory of a law is the time up to which it has acted."""
    return name.startswith("law_") and name.endswith("_since")


def _fastest(memory: Mapping[str, np.ndarray]) -> float:
    """Bound of the fastest wave, m/s."""
    speed = float(np.hypot(np.abs(memory["u"]).max(), np.abs(memory["v"]).max()))
    return speed + math.sqrt(G * float(memory["h"].max()))
