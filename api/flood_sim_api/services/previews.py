"""Previews as temporary resources: a folder each, few of them, the one used longest ago goes first."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from flood_sim.errors import NotFound
from flood_sim_api.services.aside import Aside
from flood_sim_api.services.asked import Asked

ID = re.compile(r"(sinks|quick)-[0-9a-f]{16}")
DEPTH, ABOUT = "max_depth.tif", "preview.json"


class Previews:
    """`<data>/previews/`, emptied when the service starts; `<data>/drainage/` keeps what the next one needs."""

    def __init__(self, data: Path, most: int) -> None:
        self._folder = data / "previews"
        self._drainages = data / "drainage"
        self._most = most
        self._tidying = threading.Lock()

    def clear(self) -> None:
        """Forget all: another version of the program may have made them."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    @property
    def drainages(self) -> str:
        """Where the drainage of terrains is kept."""
        return str(self._drainages)

    def make(self, aside: Aside, asked: Asked, rung: str) -> str:
        """The id of the preview of a scenario: made now, or found."""
        preview_id = f"{rung}-{asked.key}"
        place = self._folder / preview_id
        if not (place / ABOUT).exists():
            aside.ask("flood_sim_api.services.sketch:preview", asked, rung, str(place), self.drainages)
        with self._tidying:
            with suppress(FileNotFoundError):  # forgotten since: who asks for it is told
                os.utime(place)
            self._forget_old()
        return preview_id

    def folder(self, preview_id: str) -> Path:
        """The folder of a preview; NotFound for one that was never made, or is forgotten."""
        place = self._folder / preview_id
        if not ID.fullmatch(preview_id) or not (place / ABOUT).exists():
            raise NotFound(
                "no such preview; only the last ones are kept", value=preview_id[:60], hint="Ask for it again"
            )
        return place

    def about(self, preview_id: str) -> dict[str, Any]:
        """What a preview says of itself."""
        return json.loads((self.folder(preview_id) / ABOUT).read_text(encoding="utf-8"))

    def layer(self, preview_id: str, name: str) -> Path:
        """A vector layer of a preview; NotFound for one that its rung does not give."""
        path = self.folder(preview_id) / f"{name}.geojson"
        if not path.exists():
            raise NotFound(
                "this preview has no such layer", value=name, allowed=", ".join(self.about(preview_id)["layers"])
            )
        return path

    def _forget_old(self) -> None:
        places = sorted(self._folder.glob("[!.]*"), key=lambda p: p.stat().st_mtime, reverse=True)
        for place in places[self._most :]:
            shutil.rmtree(place, ignore_errors=True)
