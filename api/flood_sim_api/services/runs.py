"""The runs: the rows of the table and how they change. Only this module writes them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from flood_sim.errors import NotFound
from flood_sim_api import texts
from flood_sim_api.db.models import ACTIVE, RunRow
from flood_sim_api.services.folder import RUN_ID, DataFolder
from flood_sim_api.services.worker import Outcome

STATE_OF_PHASE = {"preparing": "starting", "running": "running", "finishing": "finishing"}
PROGRESS_FIELDS = ("simulated_s", "duration_s", "steps", "wall_s", "eta_s", "mass_error", "max_depth_m", "mcell_per_s")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Runs:
    """Rows of runs; every change is one statement that also states what it expects to find."""

    def __init__(self, sessions: sessionmaker[Session], folder: DataFolder) -> None:
        self._sessions = sessions
        self._folder = folder

    # -- reading --

    def get(self, run_id: str) -> RunRow:
        """The row of a run; NotFound for an id that does not exist or cannot be one."""
        with self._sessions() as session:
            row = session.get(RunRow, run_id) if RUN_ID.fullmatch(run_id) else None
        if row is None:
            raise NotFound("no such run", value=run_id[:64])
        return row

    def list(self, limit: int, state: str | None = None) -> Sequence[RunRow]:
        """The newest runs first."""
        query = select(RunRow).order_by(RunRow.created.desc(), RunRow.id).limit(limit)
        if state is not None:
            query = query.where(RunRow.state == state)
        with self._sessions() as session:
            return session.scalars(query).all()

    def states(self) -> dict[str, str]:
        """The state of every run, by id."""
        with self._sessions() as session:
            return {row.id: row.state for row in session.execute(select(RunRow.id, RunRow.state))}

    def count_queued(self) -> int:
        with self._sessions() as session:
            return session.scalar(select(func.count()).where(RunRow.state == "queued")) or 0

    def with_content(self, content_id: str) -> RunRow | None:
        """The run that has, or will have, this answer."""
        query = select(RunRow).where(RunRow.content_id == content_id, RunRow.state.not_in(("failed", "cancelled")))
        with self._sessions() as session:
            return session.scalars(query).first()

    def newest_with_content(self, content_id: str) -> RunRow | None:
        """The last attempt at this answer, however it ended."""
        query = select(RunRow).where(RunRow.content_id == content_id).order_by(RunRow.created.desc(), RunRow.id)
        with self._sessions() as session:
            return session.scalars(query).first()

    # -- writing --

    def add(self, content_id: str, **fields: Any) -> tuple[RunRow, bool]:
        """A new row in state queued, or the existing run with the same content; second value: is it new."""
        german, english = texts.WAITING
        row = RunRow(
            id=str(uuid.uuid4()), content_id=content_id, state="queued", origin="service", created=now(),
            message=german, message_en=english, **fields,
        )  # fmt: skip
        try:
            with self._sessions.begin() as session:
                session.add(row)
            return self.get(row.id), True
        except IntegrityError:
            existing = self.with_content(content_id)
            if existing is None:
                raise
            return existing, False

    def adopt(self, **fields: Any) -> bool:
        """A row for a finished result that was found on disk; False when its content is known already."""
        try:
            with self._sessions.begin() as session:
                session.merge(RunRow(state="done", progress=1.0, **fields))
            return True
        except IntegrityError:
            return False

    def progress(self, report: dict[str, Any]) -> None:
        """A report of the worker; a run that has ended meanwhile stays as it is."""
        state = STATE_OF_PHASE[report["phase"]]
        values: dict[str, Any] = {"state": state, "message": None, "message_en": None}
        if state == "starting":
            values["message"], values["message_en"] = texts.PREPARING
        values |= {k: report[k] for k in PROGRESS_FIELDS if k in report}
        if report.get("duration_s"):
            values["progress"] = min(report["simulated_s"] / report["duration_s"], 1.0)
        with self._sessions.begin() as session:
            here = (RunRow.id == report["run_id"], RunRow.state.in_(ACTIVE))
            session.execute(update(RunRow).where(*here, RunRow.started.is_(None)).values(started=now()))
            stopping = session.scalar(select(RunRow.cancel_requested).where(*here))
            if stopping:
                values["message"], values["message_en"] = texts.CANCELLING
            session.execute(update(RunRow).where(*here).values(**values))

    def finish(self, run_id: str, outcome: Outcome, **values: Any) -> bool:
        """The end of a run; False when it had ended already (a cancelled run stays cancelled)."""
        german, english = texts.of_outcome(outcome)
        values |= {"state": outcome.state, "finished": now(), "eta_s": None}
        values |= {
            "message": german and self._folder.scrub(german),
            "message_en": english and self._folder.scrub(english),
        }
        if outcome.problem is not None:
            scrub = self._folder.scrub
            values["problem"] = {k: scrub(v) if isinstance(v, str) else v for k, v in outcome.problem.items()}
        if outcome.state == "done":
            values["progress"] = 1.0
        with self._sessions.begin() as session:
            ended = session.execute(
                update(RunRow).where(RunRow.id == run_id, RunRow.state.in_(ACTIVE)).values(**values)
            )
            return bool(ended.rowcount)  # type: ignore[attr-defined]

    def lose(self, run_id: str) -> None:
        """The result of a finished run is gone from the disk: the row says so, and the content may be computed again."""
        german, english = texts.LOST
        values = {"state": "failed", "message": german, "message_en": english}
        with self._sessions.begin() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id, RunRow.state == "done").values(**values))

    def request_cancel(self, run_id: str) -> RunRow:
        """Ask a run to stop: a waiting one is cancelled at once, a running one when its worker looks up."""
        row = self.get(run_id)
        if row.state in ACTIVE:
            self._folder.cancel_flag(run_id).touch()
            german, english = texts.CANCELLING
            with self._sessions.begin() as session:
                session.execute(
                    update(RunRow).where(RunRow.id == run_id, RunRow.state.in_(ACTIVE))
                    .values(cancel_requested=True, message=german, message_en=english)
                )  # fmt: skip
                german, english = texts.CANCELLED
                session.execute(
                    update(RunRow).where(RunRow.id == run_id, RunRow.state == "queued")
                    .values(state="cancelled", finished=now(), message=german, message_en=english)
                )  # fmt: skip
        return self.get(run_id)

    def active(self) -> Sequence[RunRow]:
        with self._sessions() as session:
            return session.scalars(select(RunRow).where(RunRow.state.in_(ACTIVE))).all()
