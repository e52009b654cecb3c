"""Writes a Result while it is computed; it stands complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from flood_sim.errors import ResultError
from flood_sim.results import kept as kept_files
from flood_sim.results.cog import write_cog
from flood_sim.results.dataset import GAUGES, SCENARIO, SECTIONS, ZARR, Result, open_result
from flood_sim.results.folder import PartialFolder, storing
from flood_sim.results.manifest import write_json, write_manifest
from flood_sim.results.packing import pack
from flood_sim.results.parts import Part, Values
from flood_sim.results.series import Series
from flood_sim.results.store import ZarrStore
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES, cog_files

_MAY_LACK_A_VALUE = {"arrival_time", "time_of_max_depth", "direction_at_max"}
"""Fields that have no value where water never came; everywhere else in the model a NaN is a fault."""


class ResultWriter:
    """Takes snapshots and maxima of a run and publishes the folder at the end.

    `times_s` are the output times [s after the start of the run], `attrs` the
    global attributes of the dataset. An existing `output` is refused here,
    before anything is computed, unless `overwrite` is set; an older result
    stays where it is until the new one is complete. Use it as a context
    manager: leaving it without `finish` removes what was written, unless
    `output` is a folder that somebody holds already: then he decides.

    `kept` goes on with a result in the making: the table that `secure` gave.
    Whatever else lies in its folder is removed.
    """

    def __init__(
        self, output: Path | PartialFolder, grid: Grid, times_s: Sequence[float], attrs: dict[str, Any], *,
        overwrite: bool = False, kept: kept_files.Table | None = None,
    ) -> None:  # fmt: skip
        self.grid = grid
        self.times_s = tuple(float(t) for t in times_s)
        self._attrs = dict(attrs)
        self._masked: np.ndarray | None = None
        self._written: dict[str, set[int]] = {key: set() for key, v in VARIABLES.items() if v.over_time}
        self._folder = output if isinstance(output, PartialFolder) else PartialFolder(output, overwrite=overwrite)
        self._kept = dict(kept or {})
        self._secured = {(key, int(k)) for _, key, _, k, *_ in (name.split("/") for name in self._kept)}
        self._open = True
        self._thread: ThreadPoolExecutor | None = None
        self._later: Future[None] | None = None
        with self._storing():
            kept_files.remove_others(self.path, self._kept)
            self._store = ZarrStore(self.path / ZARR, grid, self.times_s)
            for key, index in sorted(self._secured):
                self._written[key].add(index)
                if self._masked is None and key == "depth":
                    self._masked = self._store.masked(key, index)

    @property
    def path(self) -> Path:
        """The folder as long as it is incomplete, for files that the caller adds."""
        return self._folder.path

    def snapshot(self, index: int, fields: Mapping[str, Values]) -> None:
        """Write depth [m] and velocity [m/s], (rows, cols), of output time `index`, part by part.

        NaN marks cells without water by definition (outside, blocked); the
        first depth says which these are, a NaN elsewhere is refused.
        """
        with self._storing():
            self._write(index, fields)

    def snapshot_later(self, index: int, begin: Callable[[], Callable[[], Mapping[str, Values]]]) -> None:
        """As `snapshot`, in a thread of its own while the run goes on.

        `begin` is called once the snapshot before is written, and what it gives
        in the thread. What fails there is raised at the next call.
        """
        self._settle()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1)
        make = begin()
        self._later = self._thread.submit(lambda: self._write(index, make()))

    def _settle(self) -> None:
        """Wait for the snapshot that is being written."""
        later, self._later = self._later, None
        if later is not None:
            with self._storing():
                later.result()

    def _write(self, index: int, fields: Mapping[str, Values]) -> None:
        masked = np.empty(self.grid.shape, bool) if self._masked is None else self._masked
        when = f"{self.times_s[index] / 60:g} min after start"
        for part in self._store.parts():
            if self._masked is None:
                masked[part] = np.isnan(fields["depth"][part])
            first = part[0].start, part[1].start
            for key, values in fields.items():
                packed = pack(values[part], VARIABLES[key], self.grid, masked[part], when, first)
                self._store.write_step(key, index, packed, part)
        self._masked = masked
        for key in fields:
            self._written[key].add(index)

    def secure(self) -> kept_files.Table:
        """Flush the snapshots taken so far and name their files: what a checkpoint builds on."""
        self._settle()
        new = {(key, k) for key, indices in self._written.items() for k in indices} - self._secured
        with storing(self._folder.target):
            places = [self.path / ZARR / key / "c" / str(k) for key, k in sorted(new)]
            self._kept |= kept_files.secure(self.path, places)
        self._secured |= new
        return dict(self._kept)

    def finish(
        self,
        fields: Mapping[str, Values],
        gauges: Series,
        sections: Series,
        manifest: dict[str, Any],
        still_wanted: Callable[[], None] = lambda: None,
    ) -> Result:
        """Write maxima, maps, series and manifest, then publish.

        `fields` holds every variable without time, (rows, cols), NaN where
        masked, 0 where dry. `manifest` gives the tags of the maps: content_id,
        title, synthetic. `still_wanted` is called between the files and may
        raise to stop: nothing is published then.
        """
        self._settle()
        with self._storing():
            self._check_complete(fields)
            for key, values in fields.items():
                self._store.write_field(key, self._checked(key, values))
            if manifest.get("threshold_m") is not None:
                self._store.write_threshold(manifest["threshold_m"])
            self._store.close(_global_attributes(manifest) | self._attrs)
            for name, variable in cog_files().items():
                still_wanted()
                write_cog(self.path / name, fields[variable.key], variable, self.grid, _tags(manifest))
            gauges.write_csv(self.path / GAUGES)
            sections.write_csv(self.path / SECTIONS)
            write_json(self.path / SCENARIO, manifest.get("scenario", {}))
            write_manifest(self.path, manifest)
            result = open_result(self.path)
            still_wanted()
            self._folder.publish()
        self._open = False
        return replace(result, path=self._folder.target)

    def abort(self) -> None:
        """Remove what was written; an older result stays. Harmless when called twice."""
        if self._open:
            self._open = False
            self._stop_thread()
            self._folder.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()
        self._stop_thread()

    def _stop_thread(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    @contextmanager
    def _storing(self) -> Iterator[None]:
        try:
            with storing(self._folder.target):
                yield
        except BaseException:
            self.abort()
            raise

    def _check_complete(self, fields: Mapping[str, Values]) -> None:
        expected = {key for key, v in VARIABLES.items() if not v.over_time}
        if fields.keys() != expected:
            wrong = ", ".join(sorted(fields.keys() ^ expected))
            raise ResultError("fields without time are missing or unknown", value=wrong)
        for key, written in self._written.items():
            missing = set(range(len(self.times_s))) - written
            if missing:
                raise ResultError(f"{key}: {len(missing)} of {len(self.times_s)} output times were not written")

    def _checked(self, key: str, values: Values) -> Iterator[tuple[Part, np.ndarray]]:
        """Part by part; at the end ResultError if any of them held what is not a number."""
        count, where = 0, ""
        for part in self._store.parts():
            of_part = values[part]
            bad = np.isinf(of_part)
            if key not in _MAY_LACK_A_VALUE and self._masked is not None:
                bad |= np.isnan(of_part) & ~self._masked[part]
            if bad.any():
                row, col = (int(i[0]) for i in np.nonzero(bad))
                if not count:
                    where = f"first at row {part[0].start + row}, column {part[1].start + col}"
                    value = float(of_part[row, col])
                count += int(bad.sum())
            yield part, of_part
        if count:
            what = f"{VARIABLES[key].long_name} is not a number on {count} cells of the model"
            raise ResultError(what, where=where, value=value)


def _global_attributes(manifest: dict[str, Any]) -> dict[str, Any]:
    version = manifest.get("version", "")
    ledger = manifest.get("ledger") or {}
    return {
        "Conventions": "CF-1.11",
        "title": manifest.get("title") or "Starkregen-Simulation",
        "source": f"flood_sim {version}, shallow-water equations".replace(" ,", ","),
        "history": f"{manifest.get('created', '')} computed by flood_sim {version}".strip(),
        "content_id": manifest.get("content_id"),
        "run_id": manifest.get("run_id"),
        "format_version": manifest.get("format_version"),
        "relative_mass_error": ledger.get("relative_error"),
        "scenario": manifest.get("scenario"),
        "synthetic_terrain": bool(manifest.get("synthetic", False)),
    }


def _tags(manifest: dict[str, Any]) -> dict[str, str]:
    tags = {
        "TIFFTAG_SOFTWARE": f"flood_sim {manifest.get('version', '')}".strip(),
        "TIFFTAG_IMAGEDESCRIPTION": str(manifest.get("title") or ""),
        "FLOOD_SIM_TITLE": str(manifest.get("title") or ""),
        "FLOOD_SIM_CONTENT_ID": str(manifest.get("content_id") or ""),
    }
    if manifest.get("synthetic"):
        tags["FLOOD_SIM_SYNTHETIC"] = "1"
    return {key: value for key, value in tags.items() if value}
