"""Prints the race."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

COLUMNS = (
    "solver",
    "settings",
    "steps",
    "CPU s",
    "wall s",
    "Mcell/CPU s",
    "x ours",
    "water/rain",
    "RMS all",
    "RMS deep",
)


def show(figures: dict[str, Any], console: Console) -> None:
    """One table for each storm; differences from ours in mm, over all cells and where ours is at least 5 cm deep."""
    for storm in figures["storms"]:
        title = f"{figures['terrain']}; storm of {storm['storm_s']:g} s, to its end"
        table = Table(*COLUMNS, title=title, title_justify="left")
        for row in storm["entrants"]:
            table.add_row(*_cells(row))
        console.print(table)


def _cells(row: dict[str, Any]) -> list[str]:
    if row["status"] != "ok":
        hint = f" ({row['install']})" if "install" in row else ""
        return [row["name"], row["status"] + hint, *[""] * (len(COLUMNS) - 2)]
    settings = ", ".join(f"{key} {value}" for key, value in row["settings"].items())
    return [
        row["name"], f"{settings}; records {row['recorded']}", str(row["steps"]), f"{row['cpu_s']:.2f}",
        f"{row['wall_s']:.2f}", f"{row['mcell_cpu_s']:.1f}", _number(row.get("times_ours"), "{:.1f}"),
        f"{row['volume_of_rain']:.1%}", _number(row["rms_from_ours_m"], "{:.1f} mm", 1e3),
        _number(row["rms_deep_from_ours_m"], "{:.1f} mm", 1e3),
    ]  # fmt: skip


def _number(value: float | None, form: str, factor: float = 1.0) -> str:
    return "–" if value is None else form.format(value * factor)
