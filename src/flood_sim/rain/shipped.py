"""Rain statistics that ship: KOSTRA-DWD-2010R of the four cells of Wuppertal, and the city's own gauge."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from flood_sim.errors import ScenarioError
from flood_sim.rain.statistics import RainStatistics

FILE = Path(__file__).with_name("kostra_2010r_wuppertal.yaml")
DEFAULT_CELL = 51011
"""The cell of Wuppertal whose curve is scaled where only a sum is known (rain.curves.SHIPPED)."""


@cache
def shipped_cells() -> dict[int, RainStatistics]:
    """The statistics of KOSTRA-DWD-2010R that ship, by INDEX_RC (Wuppertal: 51011, 51012, 52011, 52012)."""
    data = _data()
    years = tuple(float(t) for t in data["return_periods_a"])
    tolerance = [tolerance_2010r(t) for t in years]
    return {
        index: _table(
            f"{data['statistics']} Zelle {index}",
            f"{data['statistics']} cell {index}",
            cell["depths_mm"],
            years,
            source=data["source"],
            licence=data["licence"],
            tolerance_percent=tolerance,
            mark=f"Tolerance: {data['tolerance_mark']}",
        )
        for index, cell in data["cells"].items()
    }


def shipped_cell(index: int = DEFAULT_CELL) -> RainStatistics:
    """The statistics of one of the four cells of Wuppertal; ScenarioError for another cell."""
    if index not in shipped_cells():
        raise ScenarioError(
            "this cell does not ship",
            where="KOSTRA-DWD-2010R",
            value=index,
            allowed=", ".join(str(i) for i in shipped_cells()),
            hint="Read DWD's archives with `flood-sim rain kostra add FILES`",
        )
    return shipped_cells()[index]


@cache
def buchenhofen() -> RainStatistics:
    """The city's own gauge Wuppertal-Buchenhofen: the two sums of its published scenarios that have a return period."""
    gauge = _data()["gauges"]["Wuppertal-Buchenhofen"]
    return _table(
        gauge["name_de"],
        gauge["name_en"],
        gauge["depths_mm"],
        tuple(float(t) for t in gauge["return_periods_a"]),
        source=gauge["source"],
        licence=gauge["licence"],
    )


def tolerance_2010r(return_period_a: float) -> float:
    """Tolerance of KOSTRA-DWD-2010R in percent, either way, for a return period [a] up to 100."""
    steps: dict[float, float] = _data()["tolerance_percent"]
    return float(next(percent for upper, percent in sorted(steps.items()) if return_period_a <= upper))


def tolerance_2010r_mark() -> str:
    """What about these tolerances is not verified."""
    return f"Tolerance: {_data()['tolerance_mark']}"


def _table(
    name: str, name_en: str, rows: dict[int, list[float]], years: tuple[float, ...], **more: Any
) -> RainStatistics:
    durations = tuple(float(d) for d in rows)
    return RainStatistics(name, durations, years, list(rows.values()), name_en=name_en, **more)  # type: ignore[arg-type]


@cache
def _data() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))
