"""ESRI ASCII grids (.asc), read without GDAL so that every fault has its place.

Header keys in any case and order, corner or centre of the lower left cell,
decimal point or comma, rows wrapped over any number of lines.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from affine import Affine

from flood_sim.terrain.findings import refuse
from flood_sim.terrain.header import Header
from flood_sim.terrain.source import read_head

KEYS = {"ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize", "dx", "dy", "nodata_value"}
_LINE_END = re.compile(rb"[\r\n]")
_CHUNK = 1 << 22
_LONGEST_NUMBER = 1000
AGAIN = "Export or download the file again"


class AsciiGrid:
    """One local ESRI ASCII grid (see `Raster`); it carries no CRS."""

    def __init__(self, file: Path) -> None:
        self.file = file
        values, self._start = _read_header(read_head(file))
        rows, cols = _count(values, "nrows"), _count(values, "ncols")
        dx, dy = values.get("dx", values.get("cellsize")), values.get("dy", values.get("cellsize"))
        if dx is None or dy is None or dx <= 0 or dy <= 0:
            raise refuse("header", f"the header gives no positive cellsize (cellsize {dx})", AGAIN)
        west = _corner(values, "xll", dx)
        south = _corner(values, "yll", dy)
        self.header = Header(
            driver="AAIGrid",
            rows=rows,
            cols=cols,
            dtype="float64",
            file_bytes=file.stat().st_size,
            transform=Affine(dx, 0.0, west, 0.0, -dy, south + rows * dy),
            nodata=values.get("nodata_value", -9999.0),
        )
        if rows * cols > (self.header.file_bytes - self._start + 1) // 2:
            raise refuse(
                "truncated",
                f"the header declares {rows:,} rows of {cols:,} values, but the file is too short for them "
                f"({self.header.file_bytes:,} bytes): it is truncated",
                AGAIN,
            )

    def strips(
        self, rows: int, first: int = 0, stop: int | None = None
    ) -> Generator[tuple[int, np.ndarray], None, None]:
        """Values strip by strip, NaN at the header's NODATA_value (see `Raster`)."""
        stop = self.header.rows if stop is None else stop
        waiting = np.empty(0)
        row = 0
        for values in self._values():
            waiting = np.concatenate((waiting, values))
            while row < stop:
                # rows before `first` are skipped strip by strip, so that strips start exactly there
                height = min(rows, (first if row < first else stop) - row)
                take = height * self.header.cols
                if waiting.size < take:
                    break
                if row >= first:
                    yield row, self._without_nodata(waiting[:take].reshape(height, self.header.cols))
                waiting = waiting[take:]
                row += height
            if row >= stop and stop < self.header.rows:
                return
        if row < stop:
            raise refuse(
                "truncated",
                f"the data ends in row {row + 1 + waiting.size // self.header.cols} of {self.header.rows}: "
                "the file is truncated",
                AGAIN,
            )
        if waiting.size:
            text = (
                f"holds {waiting.size:,} more values than the {self.header.rows:,} x {self.header.cols:,} of its header"
            )
            raise refuse("too_many_values", text, AGAIN)

    def _without_nodata(self, values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values[values == self.header.nodata] = np.nan
        return values

    def _values(self) -> Iterator[np.ndarray]:
        done = 0
        rest = b""
        with self.file.open("rb") as stream:
            stream.seek(self._start)
            while True:
                chunk = stream.read(_CHUNK)
                text = rest + chunk
                tokens = text.split()
                rest = b""
                if chunk and tokens and not text[-1:].isspace():
                    rest = tokens.pop()
                    if len(rest) > _LONGEST_NUMBER:
                        raise self._not_a_number(rest, done + len(tokens))
                yield self._numbers(tokens, done)
                done += len(tokens)
                if not chunk:
                    return

    def _numbers(self, tokens: list[bytes], done: int) -> np.ndarray:
        for attempt in (tokens, [t.replace(b",", b".") for t in tokens]):
            try:
                return np.array(attempt, dtype=np.float64)
            except ValueError:
                continue
        for i, token in enumerate(tokens):
            try:
                float(token.replace(b",", b"."))
            except ValueError:
                raise self._not_a_number(token, done + i) from None
        raise refuse("damaged", "the values cannot be read as numbers", AGAIN)

    def _not_a_number(self, token: bytes, index: int) -> Exception:
        shown = token[:20].decode("latin-1")
        place = self.header.place(*divmod(index, self.header.cols))
        return refuse("not_a_number", f"holds {shown!r} instead of a number in {place}", AGAIN)


def _read_header(head: bytes) -> tuple[dict[str, float], int]:
    """The header's values and the offset of the first data byte."""
    found: dict[str, float] = {}
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while at < len(head):
        line_end = _LINE_END.search(head, at)
        end = line_end.end() if line_end else len(head)
        words = head[at:end].decode("latin-1").split()
        if words and words[0].lower() in KEYS:
            key = words[0].lower()
            try:
                found[key] = float(words[1].replace(",", "."))
            except (IndexError, ValueError):
                shown = " ".join(words)[:60]
                raise refuse("header", f"the header line {shown!r} holds no number", AGAIN) from None
        elif words:
            break
        at = end
    return found, at


def _count(values: dict[str, float], key: str) -> int:
    value = values.get(key)
    if value is None or value != value or value < 1 or value != int(value):
        raise refuse("header", f"the header gives no usable {key} ({value}); a whole number from 1 is expected", AGAIN)
    return int(value)


def _corner(values: dict[str, float], key: str, size: float) -> float:
    if f"{key}corner" in values:
        return values[f"{key}corner"]
    if f"{key}center" in values:
        return values[f"{key}center"] - size / 2
    raise refuse("header", f"the header gives neither {key}corner nor {key}center", AGAIN)
