"""manifest.json: what was computed, from what, by what, and how the water balances.

German name: Nachweis der Berechnung. A folder is a result if and only if it
holds a manifest that this module accepts; it is the last file written.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from flood_sim.errors import ResultError

MANIFEST_NAME = "manifest.json"
FORMAT_VERSION = 1
_REQUIRED = ("content_id", "grid", "scenario")


def write_json(path: Path, data: Any) -> None:
    """UTF-8 JSON with sorted keys; a number that is not finite becomes null."""
    text = json.dumps(_plain(data), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_manifest(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Write manifest.json with this program's `format_version`; returns what stands in the file."""
    full = _plain({**manifest, "format_version": FORMAT_VERSION})
    write_json(folder / MANIFEST_NAME, full)
    return full


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result; ResultError with one line says why a folder is none."""
    path = folder / MANIFEST_NAME
    try:
        if not folder.is_dir():
            raise ResultError("no such folder", where=str(folder))
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultError(f"is not a result: it holds no {MANIFEST_NAME}", where=str(folder)) from None
    except OSError as error:
        raise ResultError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise ResultError(f"is damaged: {' '.join(str(error).split())}", where=str(path)) from None
    version = manifest.get("format_version") if isinstance(manifest, dict) else None
    if not isinstance(version, int) or version < 1 or not all(key in manifest for key in _REQUIRED):
        raise ResultError("is not the manifest of a result of this program", where=str(path))
    if version > FORMAT_VERSION:
        raise ResultError(
            "was written by a newer version of flood_sim",
            where=str(path),
            value=f"format_version {version}",
            allowed=f"up to {FORMAT_VERSION}",
            hint="Update flood_sim to read it",
        )
    return manifest


def _plain(value: Any) -> Any:
    """The same data in types that JSON knows."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
