"""How a run shows that it goes on: a bar in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flood_sim.runner import Progress

SAY_EVERY_S = 10.0


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def figures(state: Progress) -> str:
    """Simulated time, speed, water and the time left, in one line."""
    text = f"{clock(state.simulated_s)} of {clock(state.duration_s)}"
    if state.mcell_per_s > 0:
        text += (
            f" · {state.mcell_per_s:.0f} Mcell/s · max {state.max_depth_m:.2f} m · mass error {state.mass_error:.0e}"
        )
    if state.eta_s is not None:
        text += f" · {clock(state.eta_s)} left"
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
        print(f"{state.phase}: {figures(state)}", file=sys.stderr, flush=True)


class Bar:
    """A bar that fills with simulated time."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self._bar: Any = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=24),
            progress.TaskProgressColumn(),
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
