"""Prüfliste Gelände of each registered terrain, kept beside it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flood_sim import registry
from flood_sim.registry.store import WORKLIST
from flood_sim_api.services.aside import Aside
from flood_sim_api.services.turns import Turns

if TYPE_CHECKING:
    from flood_sim.terrain.doctor import Worklist
    from flood_sim.terrain.doctor.worklist import State


class Worklists:
    """Changes of one list follow each other; looking at a terrain happens aside."""

    def __init__(self, data: Path, chores: Aside, turns: Turns) -> None:
        self._data, self._chores, self._turns = data, chores, turns

    def examined(self, meta: registry.FileMeta) -> bool:
        """Whether a terrain has a list."""
        return self._file(meta).exists()

    def read(self, meta: registry.FileMeta) -> tuple[Worklist, dict[str, Any]]:
        """The list of a terrain and what was said when it was looked at; the first time it is examined now."""
        from flood_sim.terrain.doctor import read_worklist  # compiled code: the service itself starts without it

        file = self._file(meta)
        if not file.exists():
            self.look(meta, None, again=False)
        return read_worklist(file), self._about(file)

    def look(self, meta: registry.FileMeta, year: int | None, *, again: bool = True) -> None:
        """Examine the terrain; decisions and notes stay with their places."""
        file = self._file(meta)
        with self._turns.at(meta.id):
            if file.exists() and not again:
                return  # somebody else's request was faster

            def path(file_id: str | None) -> str | None:
                return None if file_id is None else str(registry.resolve(self._data, file_id))

            dem = str(registry.resolve(self._data, meta.id))
            given = (dem, meta.crs, path(meta.buildings), path(meta.places), year, str(file))
            self._chores.ask("flood_sim_api.services.chores:look", *given)

    def decide(
        self, meta: registry.FileMeta, number: int, state: State, *, who: str, note: str | None, width_m: float | None
    ) -> None:
        """Write a decision down; TerrainError for an unknown number, and for accepting what has no proposal."""
        from flood_sim.terrain.doctor import decide, read_worklist, write_worklist

        self.read(meta)
        file = self._file(meta)
        with self._turns.at(meta.id):
            today = date.today().isoformat()
            changed = decide(read_worklist(file), [number], state, who=who, note=note, date=today, width_m=width_m)
            write_worklist(file, changed)

    def _file(self, meta: registry.FileMeta) -> Path:
        return registry.folder(self._data, meta.id) / WORKLIST

    @staticmethod
    def _about(file: Path) -> dict[str, Any]:
        try:
            return json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError):  # only what was said beside the list: the list itself is whole
            return {}
