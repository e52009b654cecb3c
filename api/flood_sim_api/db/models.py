"""One row per run; the executor only executes, the row says what is true."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, Index, Integer, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ACTIVE = ("queued", "starting", "running", "finishing")
FINAL = ("done", "failed", "cancelled")
REUSABLE = "state NOT IN ('failed', 'cancelled')"


class Base(DeclarativeBase):
    pass


class RunRow(Base):
    """One attempt at a scenario. Times are UTC in ISO 8601."""

    __tablename__ = "runs"
    __table_args__ = (
        # two requests at the same moment must not compute the same answer twice
        Index(
            "one_answer_per_content", "content_id", unique=True,
            sqlite_where=text(REUSABLE), postgresql_where=text(REUSABLE),
        ),
        Index("runs_by_creation", "created"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    created: Mapped[str] = mapped_column(String(40))
    started: Mapped[str | None] = mapped_column(String(40))
    finished: Mapped[str | None] = mapped_column(String(40))
    scenario: Mapped[dict[str, Any]] = mapped_column(JSON)
    terrain: Mapped[str | None] = mapped_column(String(64))
    terrain_name: Mapped[str] = mapped_column(String(200), default="")
    storm_label: Mapped[str] = mapped_column(Text, default="")
    storm_label_en: Mapped[str] = mapped_column(Text, default="")
    synthetic: Mapped[bool] = mapped_column(Boolean, default=False)
    cancel_requested: Mapped[bool] = mapped_column(Boolean, default=False)
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    simulated_s: Mapped[float] = mapped_column(Float, default=0.0)
    duration_s: Mapped[float] = mapped_column(Float, default=0.0)
    steps: Mapped[int] = mapped_column(Integer, default=0)
    wall_s: Mapped[float] = mapped_column(Float, default=0.0)
    eta_s: Mapped[float | None] = mapped_column(Float)
    mass_error: Mapped[float | None] = mapped_column(Float)
    max_depth_m: Mapped[float | None] = mapped_column(Float)
    mcell_per_s: Mapped[float | None] = mapped_column(Float)
    message: Mapped[str | None] = mapped_column(Text)
    message_en: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    comparison: Mapped[str | None] = mapped_column(String(64))
