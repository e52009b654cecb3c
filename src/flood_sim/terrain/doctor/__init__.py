"""The terrain doctor: where the DEM is probably wrong, what would put it right, and the list of what people decided."""

from flood_sim.terrain.doctor.blocks import BlockSearch
from flood_sim.terrain.doctor.dams import DamSearch
from flood_sim.terrain.doctor.evidence import read_network
from flood_sim.terrain.doctor.examine import Diagnosis, Search, examine
from flood_sim.terrain.doctor.fault import Fault
from flood_sim.terrain.doctor.proposal import CulvertProposal, CutProposal
from flood_sim.terrain.doctor.worklist import Entry, Worklist, accepted, decide, merged
from flood_sim.terrain.doctor.worklist_file import read_worklist, write_worklist

__all__ = [
    "BlockSearch", "CulvertProposal", "CutProposal", "DamSearch", "Diagnosis", "Entry", "Fault", "Search", "Worklist",
    "accepted", "decide", "examine", "merged", "read_network", "read_worklist", "write_worklist",
]  # fmt: skip
