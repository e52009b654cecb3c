"""The course of a storm, before a run: what the page draws of it."""

from __future__ import annotations

from itertools import pairwise
from math import fsum

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from flood_sim.rain.storms import hyetograph
from flood_sim.scenario import Storm

router = APIRouter()
MM_PER_M = 1000.0
S_PER_H = 3600.0


class StormAsk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    storm: Storm = Field(description="the `storm` of a Scenario")


class HyetographOut(BaseModel):
    """Rain as steps: n+1 edges of n intervals, the same over the whole model."""

    edges_min: list[float] = Field(description="minutes after the start of the run")
    rates_mm_h: list[float]
    depth_mm: float = Field(description="of the whole storm, surcharge included")
    label_de: str
    label_en: str


@router.post("/storms/hyetograph", tags=["storms"], summary="Course of a storm")
def course(ask: StormAsk) -> HyetographOut:
    """The steps that a run would compute with, climate surcharge included; a measured storm has no single course."""
    found = hyetograph(ask.storm)
    edges = [second / 60.0 for second in found.edges_s]
    rates = [rate * MM_PER_M * S_PER_H for rate in found.rates_m_s]
    depth = fsum(rate * (b - a) / 60.0 for rate, (a, b) in zip(rates, pairwise(edges), strict=True))
    return HyetographOut(
        edges_min=edges, rates_mm_h=rates, depth_mm=depth, label_de=found.label, label_en=found.label_en
    )
