"""What was found wrong with a file, in words that name the place and the way out.

Every check of this package reports through `Finding`. Reading stops at the
first error (`TerrainError`); checking collects all of them. Both run the same
list of checks, so what `dem check` says is what a run would say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from flood_sim.errors import TerrainError

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One fact about a file that its user should know.

    `code` is stable and machine-readable, `text` says what, where and which
    value, `hint` what to do next. An "error" makes the file unusable, a
    "warning" lets it be used as repaired or doubted, "info" explains.
    """

    code: str
    severity: Severity
    text: str
    hint: str | None = None


class Refusal(Exception):
    """Inside this package: stop here, this finding makes going on pointless."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def refuse(code: str, text: str, hint: str | None = None) -> Refusal:
    """An error after which nothing more can be learnt from the file."""
    return Refusal(Finding(code, "error", text, hint))


@dataclass
class Findings:
    """Collects findings; unless `collect` is set, the first error stops the reading."""

    collect: bool
    items: list[Finding] = field(default_factory=list)

    def add(self, *found: Finding) -> None:
        for finding in found:
            if finding.severity == "error" and not self.collect:
                raise Refusal(finding)
            self.items.append(finding)

    def stop_on_errors(self, found: list[Finding]) -> None:
        """Add all of `found`; errors among them end the reading in either mode."""
        errors = [f for f in found if f.severity == "error"]
        for finding in found:
            if finding not in errors[-1:]:
                self.add(finding)
        if errors:
            raise Refusal(errors[-1])

    def notes(self) -> tuple[str, ...]:
        """Texts of everything that was repaired or doubted, in the order found."""
        return tuple(f.text for f in self.items if f.severity != "error")


@contextmanager
def refusals_as_errors(where: str | os.PathLike[str]) -> Iterator[None]:
    """At the public border: a refusal becomes a TerrainError that names the file."""
    try:
        yield
    except Refusal as refusal:
        f = refusal.finding
        raise TerrainError(f.text, where=os.fspath(where), hint=f.hint) from None
