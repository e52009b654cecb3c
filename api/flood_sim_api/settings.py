"""What can be set from outside: environment variables with the prefix FLOOD_SIM_."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flood_sim.registry import default_data_folder

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Where the service listens, where it keeps its data, what it accepts."""

    model_config = SettingsConfigDict(env_prefix="FLOOD_SIM_", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=default_data_folder, description="runs, registered files, database")
    host: str = Field("127.0.0.1", description="address to listen on; loopback unless told otherwise")
    port: int = Field(8000, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = Field((), description="names accepted in the Host header; empty: see `hosts`")
    max_body_bytes: int = Field(2_000_000, ge=1000, description="largest request body")
    max_queued: int = Field(20, ge=1, description="runs that may wait at the same time")
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="threads of the solver")
    progress_every_s: float = Field(0.5, gt=0, description="how often a run reports its progress")
    heartbeat_s: float = Field(15.0, gt=0, description="silence after which an event stream sends a comment")

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
