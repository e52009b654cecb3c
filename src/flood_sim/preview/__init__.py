"""First answers in seconds, each labelled with what it is and what it leaves out.

`sinks` is the first rung: sinks and flow paths by volume, no time in it. `quick` is the second: the engine on coarser
cells, its water laid back, with its course over time; `write_result` makes a Result of it. Every rung answers with a
`Preview` on the grid of the full run.
"""

from flood_sim.preview.answer import Figures, Layer, Preview, critical_success_index
from flood_sim.preview.label import LABELS, Label, Rung, distances
from flood_sim.preview.quick import QuickAnswer, quick
from flood_sim.preview.quick_result import write_result
from flood_sim.preview.sinks import Sinks, sinks

__all__ = [
    "LABELS",
    "Figures",
    "Label",
    "Layer",
    "Preview",
    "QuickAnswer",
    "Rung",
    "Sinks",
    "critical_success_index",
    "distances",
    "quick",
    "sinks",
    "write_result",
]
