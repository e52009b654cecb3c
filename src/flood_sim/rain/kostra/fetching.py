"""Bring DWD's archives of KOSTRA-DWD over the network, once; every place is answered offline from then on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from flood_sim.errors import ScenarioError
from flood_sim.rain.kostra.archive import LARGEST_ARCHIVE
from flood_sim.rain.kostra.edition import BASE
from flood_sim.rain.kostra.store import Added, add, default_folder, edition_of, held
from flood_sim.terrain.open_data.address import checked_base
from flood_sim.terrain.open_data.download import download
from flood_sim.terrain.open_data.web import Patience, Web


def fetch(
    edition: str = "2020", *, durations_min: Sequence[int] | None = None, folder: str | os.PathLike[str] | None = None,
    base_url: str | None = None, patience: Patience | None = None, told: Callable[[str], None] = lambda _: None,
) -> list[Added]:  # fmt: skip
    """Download the archives that are not held yet, check each, and keep it; gives what was added.

    What arrived before a fault is kept, and the same call goes on from there.
    `told` hears of each archive. FetchError names the address that does not
    answer or answers something else; ScenarioError an unknown edition or duration.
    """
    chosen = edition_of(edition)
    wanted = chosen.durations_min if durations_min is None else tuple(durations_min)
    odd = [d for d in wanted if d not in chosen.durations_min]
    if odd:
        raise ScenarioError(
            f"{chosen.name} has no such duration", value=", ".join(map(str, odd)),
            allowed=f"{', '.join(map(str, chosen.durations_min))} min",
        )  # fmt: skip
    base = BASE if base_url is None else checked_base(base_url) + "/"
    here = held(edition, folder=folder)
    place = default_folder() if folder is None else Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    added: list[Added] = []
    with Web(patience) as web, tempfile.TemporaryDirectory(dir=place, prefix=".incoming-") as incoming:
        for duration, address in zip(chosen.durations_min, chosen.archives(), strict=True):
            if duration not in wanted or duration in here:
                continue
            url = address.replace(BASE, base, 1)
            archive = Path(incoming) / url.rsplit("/", 1)[-1]
            told(f"{chosen.name}, {duration} min")
            web.tried(partial(download, web, url, archive, LARGEST_ARCHIVE), url)
            added += add([archive], folder=folder)
            archive.unlink()
    return added
