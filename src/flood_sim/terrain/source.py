"""Which file is really meant, and what it is by its first bytes.

No string of a user reaches GDAL unless it names an existing, regular, readable
local file whose content is on the list of allowed kinds. That shuts out
addresses, virtual file systems, folders, devices and files that are something
else than their name says (a VRT or a web page called .tif).
"""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from pathlib import Path

from flood_sim.terrain.findings import Refusal, refuse

HEAD_BYTES = 65536
"""So much of a file is looked at to tell what it is; no ESRI ASCII header is longer."""

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_OTHERS: tuple[tuple[bytes, str, str | None], ...] = (
    (b"PK\x03\x04", "a ZIP archive", "Unpack it first"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"\x89PNG", "a PNG picture", None),
    (b"\xff\xd8\xff", "a JPEG picture", None),
    (b"%PDF", "a PDF document", None),
    (b"\x89HDF", "an HDF5 or NetCDF file", None),
    (b"CDF", "a NetCDF file", None),
    (b"SQLite format 3\x00", "a GeoPackage or another SQLite database", None),
    (b"EHFA_HEADER_TAG", "an Erdas Imagine file", None),
    (b"LASF", "a point cloud (LAS/LAZ)", "Make a raster of its ground points first"),
)
CONVERT = "Save it as GeoTIFF (for example with QGIS: Export > Save as > GeoTIFF)"


def find_file(path: str | os.PathLike[str]) -> Path:
    """The absolute path of an existing, regular, readable, non-empty local file; Refusal otherwise."""
    text = os.fspath(path)
    if "://" in text or text.startswith("/vsi"):
        raise refuse("not_a_local_file", "is an address, not a file on this machine", "Download the file first")
    try:
        found = Path(text).resolve()
        mode = found.stat().st_mode
    except FileNotFoundError:
        raise refuse("missing", "there is no such file", _similar(Path(text))) from None
    except PermissionError:
        raise _not_readable() from None
    except (OSError, ValueError, RuntimeError) as error:
        raise refuse("missing", f"is not a usable file name ({error})") from None
    if stat.S_ISDIR(mode):
        raise refuse("folder", "is a folder, not a file", "Name the raster file inside it")
    if not stat.S_ISREG(mode) or str(found).startswith("/vsi"):
        raise refuse("not_a_regular_file", "is not a regular file (a device, pipe or socket)")
    if found.stat().st_size == 0:
        raise refuse("empty", "the file is empty (0 bytes)", "Copy or download it again")
    return found


def read_head(file: Path) -> bytes:
    """The first bytes of a file; Refusal if the operating system does not let us read."""
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except PermissionError:
        raise _not_readable() from None
    except OSError as error:
        raise refuse("unreadable", f"cannot be read: {error.strerror or error}") from None


def kind_of_raster(head: bytes) -> str:
    """ "GTiff" or "AAIGrid" by content, never by name; Refusal that says what the file is instead."""
    if head.startswith(_TIFF):
        return "GTiff"
    for magic, what, hint in _OTHERS:
        if head.startswith(magic):
            raise refuse("not_a_raster", f"is {what}, not a GeoTIFF or ESRI ASCII grid", hint or CONVERT)
    text = head[:2048].decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(("ncols", "nrows", "xllc", "yllc", "cellsize", "nodata_value", "dx ", "dy ")):
        return "AAIGrid"
    if text.startswith(("<!doctype html", "<html")):
        raise refuse("not_a_raster", "is a web page, not a raster: the download went wrong", "Download the file again")
    if text.startswith("<vrtdataset"):
        raise refuse("not_a_raster", "is a GDAL virtual raster (VRT), which only points to other files", CONVERT)
    if text.startswith(("<?xml", "<")):
        raise refuse("not_a_raster", "is an XML document, not a raster (an error reply of a map server?)", CONVERT)
    if text.startswith(("{", "[")):
        raise refuse("not_a_raster", "is a JSON document, not a raster", CONVERT)
    words = text.replace(",", " ").replace(";", " ").split()[:3]
    if len(words) == 3 and all(_is_number(w) for w in words):
        raise refuse("not_a_raster", "is a list of points (XYZ text), not a raster grid", CONVERT)
    raise refuse("not_a_raster", "is neither a GeoTIFF nor an ESRI ASCII grid", CONVERT)


def checksum(file: Path) -> str:
    """SHA-256 of the file's bytes in hex, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _not_readable() -> Refusal:
    return refuse("no_permission", "may not be read: permission denied", "Give yourself read access (chmod u+r)")


def _similar(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.iterdir()]
    except (OSError, ValueError):
        return "The folder does not exist either"
    close = difflib.get_close_matches(path.name, names, n=2)
    return f"Did you mean {' or '.join(close)}?" if close else "Check the name and the folder"


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
