"""`flood-sim verify`: the exact cases, computed here and now."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from flood_sim.cli.failures import CHECK_FAILED


def verify(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: case to its figures and `pass`.")
    ] = False,
) -> None:
    """Compute the cases with an exact solution and print how well they are met.

    Lakes at rest, dam breaks, rain on a plane: checks the solver on this machine, not a terrain.
    Exit code 0: all met; 9: at least one is not.

    Example: `flood-sim verify --json > accuracy.json`
    """
    from flood_sim.verify import verify as run_cases

    cases = run_cases()
    if as_json:
        typer.echo(json.dumps(cases, indent=2, default=float))
    else:
        _table(cases)
    if not all(case["pass"] for case in cases.values()):
        raise typer.Exit(CHECK_FAILED)


def _table(cases: dict[str, dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("case", "figures", "met", title="Exact cases", title_justify="left")
    for name, case in cases.items():
        figures = "\n".join(f"{_said(key)}: {_shown(value)}" for key, value in case.items() if key != "pass")
        table.add_row(name, figures, "yes" if case["pass"] else "NO")
    Console().print(table)
    met = sum(bool(case["pass"]) for case in cases.values())
    typer.echo(f"{met} of {len(cases)} met")


def _said(key: str) -> str:
    """`speed_m_s` as "speed (m/s)"."""
    for ending, unit in (("_m_s", " (m/s)"), ("_m", " (m)")):
        if key.endswith(ending):
            key = key.removesuffix(ending) + unit
            break
    return key.replace("_", " ")


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
