"""What can be set from outside: environment variables with the prefix FLOOD_SIM_."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flood_sim.registry import default_data_folder

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def cores() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Where the service listens, where it keeps its data, what it accepts."""

    model_config = SettingsConfigDict(env_prefix="FLOOD_SIM_", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=default_data_folder, description="runs, registered files, database")
    host: Annotated[str, Field(description="address to listen on; loopback unless told otherwise")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    allowed_hosts: Annotated[tuple[str, ...], Field(description="names accepted in the Host header; see `hosts`")] = ()
    max_body_bytes: Annotated[int, Field(ge=1000, description="largest request body")] = 2_000_000
    max_queued: Annotated[int, Field(ge=1, description="runs that may wait at the same time")] = 20
    threads: int = Field(default_factory=cores, ge=1, description="threads of the solver")
    progress_every_s: Annotated[float, Field(gt=0, description="how often a run reports its progress")] = 0.5
    heartbeat_s: Annotated[float, Field(gt=0, description="silence after which an event stream sends a comment")] = 15.0

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> tuple[str, ...]:
        """Accepted Host names: this machine's own on loopback (a foreign name there is DNS rebinding), else any."""
        if self.allowed_hosts:
            return self.allowed_hosts
        return (*LOOPBACK_NAMES, self.host) if self.loopback else ("*",)
