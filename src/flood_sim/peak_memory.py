"""The largest memory that this process held, since it began or since `forget`."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_bytes() -> int:
    """Largest resident memory, bytes.

    Linux: of /proc. What getrusage says begins with the peak of the process that
    started this one, and a small run beneath a large program would look large.
    """
    with suppress(OSError):
        found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def forget() -> None:
    """Count from what is held now, where the system can (Linux): a worker computes a small run after a large one."""
    with suppress(OSError):
        _CLEAR.write_text("5")
