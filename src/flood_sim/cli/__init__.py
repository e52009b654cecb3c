"""The command line `flood-sim`: says what to do in Scenario, Run, Result and Map, and leaves with a telling exit code.

Commands import what they need when they are called, so that `--help` is quick.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; give the exit code. No traceback reaches the user."""
    from flood_sim.cli.failures import explain

    try:
        from flood_sim.cli.app import app

        code = app(args=arguments, prog_name="flood-sim", standalone_mode=False)
    except BaseException as error:
        return explain(error)
    return code if isinstance(code, int) else 0
