"""What can be set from outside: environment variables with the prefix FLOOD_SIM_."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from flood_sim.errors import FloodSimError
from flood_sim.registry import default_data_folder

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class SettingError(FloodSimError):
    """An environment variable or an option of the service has a value that cannot be."""

    slug, title, exit_code = "setting", "A setting is not valid", 2


def cores() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Where the service listens, where it keeps its data, what it accepts."""

    model_config = SettingsConfigDict(env_prefix="FLOOD_SIM_", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=default_data_folder, description="runs, registered files, database")
    host: Annotated[str, Field(description="address to listen on; loopback unless told otherwise")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    allowed_hosts: Annotated[
        tuple[str, ...], NoDecode, Field(description="names accepted in the Host header, by commas; see `hosts`")
    ] = ()
    max_body_bytes: Annotated[int, Field(ge=1000, description="largest request body")] = 2_000_000
    max_queued: Annotated[int, Field(ge=1, description="runs that may wait at the same time")] = 20
    max_waiting: Annotated[int, Field(ge=1, description="previews, origins, checks and comparisons that may wait")] = 8
    max_previews: Annotated[int, Field(ge=1, description="previews that are kept; the oldest goes first")] = 20
    max_files: Annotated[int, Field(ge=0, description="files that may come over HTTP; 0 takes none")] = 500
    preview_timeout_s: Annotated[float, Field(gt=0, description="longest time of a preview, an origin or a check")] = (
        120.0
    )
    chore_timeout_s: Annotated[
        float, Field(gt=0, description="longest time of the terrain doctor, of a comparison")
    ] = 1800.0
    threads: int = Field(default_factory=cores, ge=1, description="threads of the solver")
    progress_every_s: Annotated[float, Field(gt=0, description="how often a run reports its progress")] = 0.5
    heartbeat_s: Annotated[float, Field(gt=0, description="silence after which an event stream sends a comment")] = 15.0

    @classmethod
    def read(cls, **given: Any) -> Self:
        """The settings of the environment, but for those given; SettingError names what cannot be."""
        try:
            return cls(**given)
        except ValidationError as error:
            faults = "; ".join(f"FLOOD_SIM_{str(f['loc'][0]).upper()}: {f['msg']}" for f in error.errors())
            raise SettingError(faults, value=error.errors()[0]["input"]) from None

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _by_commas(cls, value: Any) -> Any:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

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
