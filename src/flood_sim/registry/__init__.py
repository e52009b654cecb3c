"""Registered input files: what a scenario over HTTP may name, by id, never by path."""

from flood_sim.registry.ids import check_ids
from flood_sim.registry.kinds import ID, MEANING, SUFFIXES, Kind, kind_at, kind_of
from flood_sim.registry.store import (
    FileMeta,
    add_file,
    default_data_folder,
    folder,
    get,
    get_terrain,
    list_files,
    remove,
    resolve,
    update,
)
from flood_sim.registry.terrain import add_terrain, register_town

__all__ = [
    "ID",
    "FileMeta",
    "Kind",
    "MEANING",
    "SUFFIXES",
    "add_file",
    "add_terrain",
    "check_ids",
    "default_data_folder",
    "folder",
    "get",
    "get_terrain",
    "kind_at",
    "kind_of",
    "list_files",
    "register_town",
    "remove",
    "resolve",
    "update",
]
