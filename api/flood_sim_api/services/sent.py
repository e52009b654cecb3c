"""Small text files that come over HTTP: the same checks as on the command line, and a limit to their number."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Literal

from flood_sim import registry
from flood_sim.errors import StorageError
from flood_sim.registry.fit import check_fit
from flood_sim_api.services.service import Service

SentKind = Literal["table", "rain", "vector"]
SUFFIXES: dict[SentKind, str] = {"table": ".csv", "rain": ".csv", "vector": ".geojson"}
"""Over HTTP each kind has one form, and none is a raster or a database."""


class TooMany(StorageError):
    """As many files as the service takes are registered."""

    slug, title, status = "too-many-files", "No more files are taken", 409


def register(
    service: Service, body: bytes, kind: SentKind, name: str, terrain: str | None
) -> tuple[registry.FileMeta, bool]:
    """Check and register a body; gives its description, and whether it is new.

    Raises ScenarioError or TerrainError for a file that cannot be used, TooMany at the limit.
    """
    data = service.folder.path
    ground = None if terrain is None else registry.get_terrain(data, terrain)
    with service.sending.at(), tempfile.TemporaryDirectory(prefix="flood-sim-") as folder:
        before = {meta.id for meta in registry.list_files(data)}
        path = Path(folder) / f"{_plain(name)}{SUFFIXES[kind]}"
        path.write_bytes(body)
        if sum(not file_id.startswith(("dem-", "raster-")) for file_id in before) >= service.settings.max_files:
            raise TooMany(
                "the number of registered files is limited", value=service.settings.max_files,
                hint="Remove some on the machine of the service with `flood-sim files remove`",
            )  # fmt: skip
        meta = registry.add_file(data, path, kind, name)
        new = meta.id not in before
        try:
            if ground is not None:
                check_fit(data, ground, meta)
        except BaseException:
            if new:
                registry.remove(data, meta.id)
            raise
    return meta, new


def _plain(name: str) -> str:
    """The name as far as it is plain: it becomes the name of a file and stands in errors."""
    return re.sub(r"[^\w -]+", "_", name.removesuffix(".csv").removesuffix(".geojson"))[:60].strip() or "file"
