"""The shapes of requests and replies, as they stand in the OpenAPI description."""

from flood_sim_api.schemas.answers import (
    Ask,
    ExtentAsk,
    ExtentOut,
    MeasureOut,
    MeasuresAsk,
    MeasuresChecked,
    MeasuresOut,
    OriginAsk,
    OriginOut,
    PreviewAsk,
    PreviewOut,
    RemarkOut,
)
from flood_sim_api.schemas.comparisons import BuildingOut, ComparisonOut, Sentences
from flood_sim_api.schemas.core import (
    About,
    Duration,
    FileOut,
    LegendOut,
    Legends,
    Length,
    ManifestOut,
    NotOfferedOut,
    PresetOut,
    Problem,
    RainIndexOut,
    Reply,
    RunDetail,
    RunOut,
    Speed,
    State,
    Status,
    TerrainOut,
    ValueOut,
)
from flood_sim_api.schemas.ground import (
    DecisionIn,
    ExamineIn,
    FaultOut,
    FaultsOut,
    LandCoverClassOut,
    LandCoverOut,
    ProposalOut,
    RegisteredOut,
)

__all__ = [
    "About", "Ask", "BuildingOut", "ComparisonOut", "DecisionIn", "Duration", "ExamineIn", "ExtentAsk", "ExtentOut",
    "FaultOut", "FaultsOut", "FileOut", "LandCoverClassOut", "LandCoverOut", "LegendOut", "Legends", "Length",
    "ManifestOut", "MeasureOut", "MeasuresAsk", "MeasuresChecked", "MeasuresOut", "NotOfferedOut", "OriginAsk",
    "OriginOut", "PresetOut", "PreviewAsk", "PreviewOut", "Problem", "ProposalOut", "RainIndexOut", "RegisteredOut",
    "RemarkOut", "Reply", "RunDetail", "RunOut", "Sentences", "Speed", "State", "Status", "TerrainOut", "ValueOut",
]  # fmt: skip
