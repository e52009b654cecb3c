"""Series of gauges and sections: one column per quantity over one time axis, as CSV."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flood_sim.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Series:
    """`times` in seconds after the start of the run; every column has their length.

    NaN means no value and is an empty field in the file.
    """

    index_name: str = "time_s"
    times: list[float] = field(default_factory=list)
    columns: dict[str, list[float]] = field(default_factory=dict)

    def __getitem__(self, column: str) -> list[float]:
        return self.columns[column]

    def to_frame(self) -> pd.DataFrame:
        """A pandas table with time as its index."""
        import pandas as pd

        return pd.DataFrame(self.columns, index=pd.Index(self.times, name=self.index_name, dtype=float))

    def write_csv(self, path: Path) -> None:
        """Comma, decimal point, header line, 9 significant digits."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([self.index_name, *self.columns])
            for k, time in enumerate(self.times):
                writer.writerow([_text(time), *(_text(values[k]) for values in self.columns.values())])

    @classmethod
    def read_csv(cls, path: Path) -> Series:
        """What `write_csv` wrote; ResultError if the file is not a table of numbers."""
        try:
            with path.open(newline="", encoding="utf-8") as file:
                header, *rows = csv.reader(file)
            table = [[float(text) if text else math.nan for text in row] for row in rows]
            if any(len(row) != len(header) for row in table):
                raise ValueError("a line has not as many fields as the header")
        except OSError as error:
            raise ResultError(f"cannot be read: {error.strerror}", where=str(path)) from None
        except ValueError as error:
            raise ResultError(f"is damaged: {error}", where=str(path)) from None
        columns = {name: [row[k] for row in table] for k, name in enumerate(header) if k > 0}
        return cls(header[0], [row[0] for row in table], columns)


def _text(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.9g}"
