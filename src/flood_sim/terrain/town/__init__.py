"""Musterstadt (erfunden): a deterministic synthetic valley town for demos and tests."""

from flood_sim.terrain.town.write import FILES, NAME, make_town

__all__ = ["FILES", "NAME", "make_town"]
