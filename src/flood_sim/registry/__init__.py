"""Registered input files: what a scenario over HTTP may name, by id, never by path."""

from flood_sim.registry.store import (
    ID,
    FileMeta,
    add_file,
    check_ids,
    default_data_folder,
    folder,
    get,
    kind_at,
    list_files,
    resolve,
    update,
)
from flood_sim.registry.terrain import add_terrain, register_town

__all__ = [
    "ID",
    "FileMeta",
    "add_file",
    "add_terrain",
    "check_ids",
    "default_data_folder",
    "folder",
    "get",
    "kind_at",
    "list_files",
    "register_town",
    "resolve",
    "update",
]
