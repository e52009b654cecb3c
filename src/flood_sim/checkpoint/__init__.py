"""Checkpoints: what a run needs to go on where it stopped, and end with the same bits."""

from flood_sim.checkpoint.file import Checkpoint
from flood_sim.checkpoint.folder import Checkpoints, Key
from flood_sim.checkpoint.schedule import Schedule

__all__ = ["Checkpoint", "Checkpoints", "Key", "Schedule"]
