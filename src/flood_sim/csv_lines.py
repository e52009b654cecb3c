"""Lines of a CSV file that a person or a measuring network wrote, each able to name its faults.

Comma, semicolon or tab, told by the line of titles; with the last two a decimal comma is
read too. Lines that begin with # are left out. Titles count in small letters.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from flood_sim.errors import ScenarioError

LARGEST_BYTES = 64 * 2**20


class CsvLine:
    """One line of a file; `number` counts from 1. A column that the file lacks is empty."""

    def __init__(self, file: str, number: int, cells: dict[str, str]) -> None:
        self._file, self.number, self._cells = file, number, cells

    def text(self, column: str) -> str:
        return (self._cells.get(column) or "").strip()

    def refuse(self, what: str, column: str, allowed: str | None = None, hint: str | None = None) -> ScenarioError:
        """The error that names file, line, column and value."""
        where = f"{self._file}, line {self.number}, {column}"
        return ScenarioError(what, where=where, value=repr(self.text(column)), allowed=allowed, hint=hint)

    def number_in(self, column: str) -> float:
        try:
            value = float(self.text(column).replace(",", "."))
        except ValueError:
            raise self.refuse("is no number", column) from None
        if not abs(value) < 1e12:
            raise self.refuse("is no finite number", column)
        return value


def read_csv_lines(file: str, *, what: str, layout: str) -> tuple[list[str], Iterator[CsvLine]]:
    """The titles of the columns, and the lines below them; a line is looked at when its turn comes.

    what: the content in words, for a file that is too large for it; layout: the columns to
    expect. ScenarioError for a file that cannot be read or is empty, and for a line that does not fit its titles.
    """
    try:
        if Path(file).stat().st_size > LARGEST_BYTES:
            raise ScenarioError(f"is too large for {what}", where=file, allowed=f"up to {LARGEST_BYTES >> 20} MiB")
        text = Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError("is no text in UTF-8", where=file, hint="Save it as CSV (UTF-8)") from None
    except (OSError, ValueError) as error:
        raise ScenarioError(f"cannot be read ({getattr(error, 'strerror', None) or error})", where=file) from None
    numbered = enumerate(text.splitlines(), 1)
    lines = [(k, line) for k, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise ScenarioError("is empty", where=file, hint=f"Columns: {layout}")
    mark = next((m for m in (";", "\t") if m in lines[0][1]), ",")
    titles = [title.strip().strip('"').lower() for title in lines[0][1].split(mark)]
    return titles, _below(file, titles, lines[1:], mark)


def refuse_missing(file: str, titles: list[str], needed: tuple[str, ...], layout: str) -> None:
    """ScenarioError that names the columns which a file lacks."""
    missing = [name for name in needed if name not in titles]
    if missing:
        raise ScenarioError(
            f"has no column {', '.join(missing)}", where=file, value=", ".join(titles)[:200], allowed=layout
        )


def _below(file: str, titles: list[str], lines: list[tuple[int, str]], mark: str) -> Iterator[CsvLine]:
    for number, line in lines:
        try:
            cells = next(csv.reader([line], delimiter=mark))
        except csv.Error as error:
            raise ScenarioError(f"is no line of a table ({error})", where=f"{file}, line {number}") from None
        if len(cells) != len(titles):
            raise ScenarioError(
                f"has {len(cells)} values for {len(titles)} columns", where=f"{file}, line {number}",
                hint="With a decimal comma the columns are separated by semicolons",
            )  # fmt: skip
        yield CsvLine(file, number, dict(zip(titles, cells, strict=True)))
