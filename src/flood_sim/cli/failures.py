"""From an exception to one line on stderr and an exit code.

0 done | 1 unexpected | 2 command line or scenario | 3 terrain | 4 run unstable or water balance
5 result or checkpoint | 6 disk | 7 unknown id | 8 port in use | 9 a check did not pass, or no such device | 130 Ctrl-C | 143 terminated
"""

from __future__ import annotations

import errno
import os
import sys
import traceback

import typer

from flood_sim.errors import Cancelled, FloodSimError, StorageError

USAGE, CHECK_FAILED, INTERRUPTED, TERMINATED = 2, 9, 130, 143
SHOW_TRACEBACK = "FLOOD_SIM_TRACEBACK"
DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


def explain(error: BaseException) -> int:
    """Say on stderr, in one line, what went wrong; give the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if os.environ.get(SHOW_TRACEBACK) == "1":
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):  # `flood-sim ... | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    text, code = _told(error)
    line = " ".join(text.split())
    if line:
        print(f"flood-sim: {line}", file=sys.stderr)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    match error:
        case KeyboardInterrupt() | typer.Abort():
            return "interrupted", INTERRUPTED
        case Cancelled():
            return str(error), error.exit_code
        case FloodSimError():
            return str(error), error.exit_code
        case MemoryError():
            return "not enough memory; a coarser cell (terrain.cell_m) needs less", 1
        case OSError() if error.errno in DISK:
            return f"{error.strerror}{f': {error.filename}' if error.filename else ''}", StorageError.exit_code
    said = getattr(error, "format_message", None)
    if callable(said):  # what typer says of a wrong command line
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "flood-sim"
        return (f"{said()} (see: {path} --help)" if said() else ""), getattr(error, "exit_code", USAGE)
    hint = (
        "" if os.environ.get(SHOW_TRACEBACK) == "1" else f" Set {SHOW_TRACEBACK}=1 to see where, and please report it."
    )
    return f"unexpected {type(error).__name__}: {error}.{hint}", 1
