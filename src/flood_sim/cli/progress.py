"""How a run shows that it goes on: a bar in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flood_sim.runner import Progress

SAY_EVERY_S = 10.0


def left(seconds: float) -> str:
    """A duration as exact as a person wants it: s, min or h."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def figures(state: Progress) -> str:
    """Simulated time, speed, mass error and the time left; short enough for 80 columns beside the bar."""
    text = f"{state.simulated_s / 60:.0f} of {state.duration_s / 60:g} min"
    if state.steps:
        text += f" · {state.mcell_per_s:.0f} Mcell/s · mass error {state.mass_error:.0e}"
    if state.eta_s is not None and state.simulated_s < state.duration_s:
        text += f" · {left(state.eta_s)} left"
    return text


class Lines:
    """One line per phase and then one every 10 s: for logs."""

    def __init__(self) -> None:
        self._phase = ""
        self._said = 0.0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, state: Progress) -> None:
        now = time.monotonic()
        if state.phase == self._phase and now - self._said < SAY_EVERY_S:
            return
        self._phase, self._said = state.phase, now
        water = f" · deepest {state.max_depth_m:.2f} m" if state.steps else ""
        print(f"{state.phase}: {figures(state)}{water}", file=sys.stderr, flush=True)


class Bar:
    """A bar that fills with simulated time."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self._bar: Any = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=12),
            progress.TextColumn("{task.fields[figures]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("preparing", total=1.0, figures="")

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, state: Progress) -> None:
        self._bar.update(
            self._task,
            description=state.phase,
            completed=state.simulated_s,
            total=state.duration_s,
            figures=figures(state),
        )


def shown() -> Bar | Lines:
    """The bar where a person watches, lines where a file does."""
    return Bar() if sys.stderr.isatty() else Lines()
