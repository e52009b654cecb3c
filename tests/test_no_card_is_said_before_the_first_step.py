"""Which device a run takes: the one asked for, or clear words before the first step; nothing is overwritten.

`auto` takes a card where a usable one is there, and says a word only where a
card was there and could not be used; `cuda` without a usable card is an error.
"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from flood_sim import Scenario, run
from flood_sim.backends.cuda import device
from flood_sim.backends.cuda.device import Card
from flood_sim.cli import main
from flood_sim.errors import DeviceError


@pytest.fixture
def asked(write_raster):
    dem = write_raster(np.add.outer(np.arange(10) * 0.02, np.arange(10) * 0.01))

    def write(kind="auto"):
        storm = {"kind": "block", "depth_mm": 2, "duration_min": 0.5}
        return {"terrain": {"dem": dem}, "storm": storm, "numerics": {"duration_min": 1, "device": kind}}

    return write


@pytest.fixture
def no_driver(monkeypatch):
    monkeypatch.setattr(device, "has_driver", lambda: False)


@pytest.fixture
def card(monkeypatch):
    """A card with so many bytes free, as far as the choice can tell."""

    def there(free_bytes=1e12, fault=None):
        def find():
            if fault:
                raise DeviceError(fault)
            return Card("Test card", free_bytes)

        monkeypatch.setattr(device, "has_driver", lambda: True)
        monkeypatch.setattr(device, "find_card", find)

    return there


def test_without_a_card_cuda_is_one_line_and_nothing_is_overwritten(asked, no_driver, tmp_path, capsys):
    scenario, out = tmp_path / "scenario.json", tmp_path / "out"
    scenario.write_text(json.dumps(asked("cpu")))
    assert main(["run", str(scenario), "-o", str(out)]) == 0
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*")}
    scenario.write_text(json.dumps(asked("cuda")))
    capsys.readouterr()
    assert main(["run", str(scenario), "-o", str(out), "--overwrite"]) == DeviceError.exit_code == 9
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("flood-sim: no CUDA card") and "numerics.device: cpu or auto" in said[-1]
    assert not any("%" in line for line in said)  # no step was made
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*")} == before


def words_of(manifest):
    """The notes, but for the one on water that left over the border."""
    return [note for note in manifest["notes"] if "open border" not in note]


def test_without_a_card_auto_is_silent(asked, no_driver):
    manifest = run(Scenario.parse(asked("auto"))).manifest
    assert manifest["performance"]["device"] == "cpu" and words_of(manifest) == []


def test_a_card_that_cannot_be_used_is_a_note(asked, card):
    card(fault="the CUDA card cannot be used: numba-cuda is not installed")
    manifest = run(Scenario.parse(asked("auto"))).manifest
    assert manifest["performance"]["device"] == "cpu"
    assert words_of(manifest) == [
        "computed on the CPU, although a CUDA card is here: the CUDA card cannot be used: numba-cuda is not installed"
    ]


def test_cpu_does_not_look_for_a_card(card):
    card(fault="must not be asked")
    assert device.choose("cpu", 100) == ("cpu", None)


def test_a_card_is_taken_if_the_model_fits(card):
    cells = 168_000_000
    card(free_bytes=16e9)
    assert device.choose("auto", cells) == device.choose("cuda", cells) == ("cuda", None)
    card(free_bytes=8e9)
    with pytest.raises(DeviceError, match="does not fit into the memory of the CUDA card"):
        device.choose("cuda", cells)
    chosen, word = device.choose("auto", cells)
    assert chosen == "cpu" and "does not fit" in word


def test_the_simulator_is_taken_only_when_asked_for(monkeypatch):
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    assert device.choose("auto", 100) == ("cpu", None)


def test_a_driver_without_the_extra_names_the_extra(monkeypatch):
    monkeypatch.setattr(device, "has_driver", lambda: True)
    monkeypatch.setattr(device, "find_spec", lambda name: None)
    with pytest.raises(DeviceError, match=r"numba-cuda is not installed.*flood-sim\[cuda\]"):
        device.find_card()


def test_a_run_on_the_cpu_does_not_import_cuda():
    code = "import sys, flood_sim.build, flood_sim.solver.simulation; print('numba.cuda' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "False"


def test_the_device_is_no_part_of_the_content_id(asked):
    sums, engine = {asked()["terrain"]["dem"]: "0"}, "1"
    ids = {Scenario.parse(asked(kind)).content_id(sums.__getitem__, engine) for kind in ("auto", "cpu", "cuda")}
    assert len(ids) == 1
