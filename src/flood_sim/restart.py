"""How a run and its checkpoints meet: what goes into one, and how the run goes on from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from flood_sim import provenance
from flood_sim.checkpoint import Checkpoint, Checkpoints, Schedule
from flood_sim.provenance import Attempt
from flood_sim.recording import Recording
from flood_sim.results import kept
from flood_sim.results.writer import ResultWriter
from flood_sim.solver.simulation import Simulation

FLOW, RECORDING = "flow", "recording"
"""The two parts of a checkpoint: the memory of the Simulation and that of the Recording."""


class Restart:
    """Finds where to go on, and writes checkpoints on the way.

    `attempt` names in `resumed` every time that this computation went on from a
    checkpoint. A checkpoint is used only if the snapshots it builds on lie in
    `place`, unchanged.
    """

    def __init__(
        self, attempt: Attempt, checkpoints: Checkpoints, place: Path, say: Callable[[str], None], *, anew: bool
    ) -> None:
        self._checkpoints, self._say = checkpoints, say
        if anew:
            checkpoints.clear()
        self._found = checkpoints.latest(lambda found: _lost(place, found))
        self.wall_s = 0.0
        self.files: kept.Table = {}
        self.attempt = attempt

    def restore(self, sim: Simulation, recording: Recording) -> None:
        """Give simulation and recording back what they knew; nothing if the run begins at its start."""
        if self._found is not None:
            self._go_on(self._found.about, sim.engine.device)
            sim.restore(self._found.part(FLOW))
            recording.restore(self._found.part(RECORDING))

    def _go_on(self, about: Mapping[str, Any], device: str) -> None:
        self.wall_s, self.files = about["wall_s"], about["files"]
        changed = {
            "processor or compiler": about["compiler"] != provenance.compiler(),
            f"device ({device} after {about['device']})": about["device"] != device,
        }
        other = " and ".join(what for what, differs in changed.items() if differs)
        this = {key: about[key] for key in ("run_id", "simulated_s", "steps", "written", "device")}
        this |= {"resumed": provenance.now(), "same_machine": not other}
        self.attempt = replace(self.attempt, resumed=[*about["resumed"], this])
        done = f"{about['simulated_s'] / 60:.4g} of {about['duration_s'] / 60:g} min are computed"
        self._say(f"goes on from the checkpoint of {about['written']}: {done}")
        if other:
            self._say(f"another {other} than before: the last bits may differ from a run in one go")

    def begin(
        self, schedule: Schedule | None, sim: Simulation, recording: Recording, writer: ResultWriter,
        wall: Callable[[], float], still_wanted: Callable[[], None],
    ) -> None:  # fmt: skip
        """From now on `tick`, called after every step, writes what the schedule asks for.

        wall: seconds of computing so far. still_wanted: raises to stop.
        """
        self._sim, self._recording, self._writer = sim, recording, writer
        self._wall, self._still_wanted = wall, still_wanted
        self._checkpoints.begin(schedule, sim.memory_bytes)

    def tick(self) -> None:
        if self._checkpoints.due():
            self._checkpoints.write(self._take, self._still_wanted)

    def _take(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        sim = self._sim
        sim.check()  # a state that is not finite is never worth going on from
        about = {
            "run_id": self.attempt.run_id,
            "written": provenance.now(),
            "simulated_s": sim.t,
            "duration_s": self._recording.events[-1],
            "steps": sim.steps,
            "wall_s": self._wall(),
            "resumed": self.attempt.resumed,
            "compiler": provenance.compiler(),
            "device": sim.engine.device,
            "files": self._writer.secure(),
        }
        parts = {FLOW: sim.memory(), RECORDING: self._recording.memory()}
        return about, {f"{part}/{name}": values for part, memory in parts.items() for name, values in memory.items()}

    def performance(self) -> dict[str, float]:
        """What checkpoints cost this attempt."""
        return {"checkpoints": self._checkpoints.written, "checkpoint_s": self._checkpoints.spent_s}


def _lost(place: Path, found: Checkpoint) -> str | None:
    name = kept.damaged(place, found.about["files"])
    return None if name is None else f"builds on an output that is missing or damaged: {name}"
