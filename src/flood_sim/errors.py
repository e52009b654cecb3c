"""What can go wrong, in words a user can act on.

Every error says what is wrong and, where it applies, where, with which value,
which values are allowed and what to do next. The command line prints it as one
line and leaves with `exit_code`; the API turns it into RFC 9457 problem+json
with `slug` as the last part of its type and `status` as the HTTP status.
"""

from __future__ import annotations


class FloodSimError(Exception):
    """Base of all errors that a user can cause or cure."""

    slug = "error"
    title = "Something went wrong"
    exit_code = 1
    status = 500

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        value: object = None,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.value = value
        self.allowed = allowed
        self.hint = hint
        super().__init__(what)

    def __reduce__(self):  # errors cross process borders (Dask workers)
        return _rebuild, (type(self), self.what, self.where, self.value, self.allowed, self.hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.value is not None:
            text += f" (got {self.value})"
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        if self.hint is not None:
            text += f". {self.hint}"
        return text if text.endswith((".", "!", "?")) else text + "."


def _rebuild(cls, what, where, value, allowed, hint):
    return cls(what, where=where, value=value, allowed=allowed, hint=hint)


class ScenarioError(FloodSimError):
    """The description of what to compute is wrong."""

    slug, title, exit_code, status = "scenario", "The scenario is not valid", 2, 422


class NoStatistics(ScenarioError):
    """A place for which there are no rain statistics, or none at hand."""

    slug, title, exit_code, status = "no-statistics", "No rain statistics for this place", 2, 404


class TerrainError(FloodSimError):
    """The terrain file or something laid over it cannot be used."""

    slug, title, exit_code, status = "terrain", "The terrain cannot be used", 3, 422


class FetchError(TerrainError):
    """Open data could not be fetched: a server that fails, or answers something else than it should."""

    slug, title, exit_code, status = "fetch", "Open data could not be fetched", 3, 502


class UnstableRun(FloodSimError):
    """The flow left physics: a value that is not finite, or a time step that collapsed."""

    slug, title, exit_code, status = "unstable", "The run became unstable", 4, 500


class MassBalanceError(FloodSimError):
    """Water appeared or vanished beyond rounding."""

    slug, title, exit_code, status = "mass-balance", "The water balance does not close", 4, 500


class ResultError(FloodSimError):
    """A folder is not a result of this program, or it is damaged, or it exists already."""

    slug, title, exit_code, status = "result", "The result cannot be used", 5, 409


class CheckpointError(FloodSimError):
    """A checkpoint is damaged, or it belongs to another computation."""

    slug, title, exit_code, status = "checkpoint", "The checkpoint cannot be used", 5, 409


class DeviceError(FloodSimError):
    """The device that was asked for is not there, or too small."""

    slug, title, exit_code, status = "device", "The device cannot be used", 9, 422


class StorageError(FloodSimError):
    """Disk full, folder not writable, folder in use by another service."""

    slug, title, exit_code, status = "storage", "Writing failed", 6, 507


class NotFound(FloodSimError):
    """An id that nobody registered."""

    slug, title, exit_code, status = "not-found", "Not found", 7, 404


class PortInUse(FloodSimError):
    """Another program listens where the service should."""

    slug, title, exit_code, status = "port-in-use", "The address is in use", 8, 500


class Cancelled(FloodSimError):
    """The user stopped the run (Ctrl-C gives exit code 130)."""

    slug, title, exit_code, status = "cancelled", "The run was cancelled", 130, 409
