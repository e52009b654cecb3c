"""The command line teaches, says in one line what went wrong, and leaves with the exit code it promises.

No user meets a traceback; every command shows an example; help and version do
not wait for the solver to load; Ctrl-C during a run leaves nothing behind.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from flood_sim import errors
from flood_sim.cli import main
from flood_sim.cli.failures import explain
from flood_sim.cli.interrupt import Interrupt

COMMANDS = (("run",), ("demo",), ("serve",), ("verify",), ("dem", "check"), ("dem", "make-demo"),
            ("rain", "at"), ("rain", "sri"), ("rain", "presets"), ("rain", "kostra", "add"),
            ("terrain", "add"), ("terrain", "list"))  # fmt: skip
SLOW_TO_LOAD = {"numba", "rasterio", "xarray", "dask", "distributed", "fastapi", "scipy", "pydantic"}


def all_errors(base=errors.FloodSimError):
    return [base, *(e for child in base.__subclasses__() for e in all_errors(child))]


@pytest.fixture
def scenario(tmp_path, write_raster):
    """A tilted plane of 40 x 40 cells under rain, and room to change it."""

    def write(duration_min=2.0, **changes):
        ground = np.add.outer(np.arange(40) * 0.02, np.arange(40) * 0.01) + 100
        data = {
            "terrain": {"dem": write_raster(ground)},
            "storm": {"kind": "block", "depth_mm": 2, "duration_min": 1},
            "numerics": {"duration_min": duration_min},
            **changes,
        }
        path = tmp_path / "scenario.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return write


def one_line(capsys) -> str:
    said = capsys.readouterr().err
    assert said.startswith("flood-sim: ") and said.count("\n") == 1 and "Traceback" not in said
    return said


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_teaches_with_an_example(command, capsys):
    assert main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example" in text and " ".join(("flood-sim", *command)) in " ".join(text.split())


def test_first_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command[0] in text for command in COMMANDS)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_do_not_wait_for_the_solver(option):
    code = f"import sys; from flood_sim.cli import main; main(['{option}']); print('LOADED', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.partition("LOADED")[2].split()}
    assert loaded & SLOW_TO_LOAD == set()


@pytest.mark.parametrize("kind", all_errors(), ids=lambda k: k.__name__)
def test_known_errors_are_one_line_with_their_exit_code(kind, capsys):
    error = kind("is wrong\nin two lines", where="here", value=3, allowed="1 to 2", hint="Choose 2")
    assert explain(error) == kind.exit_code
    assert one_line(capsys) == "flood-sim: here: is wrong in two lines (got 3); allowed: 1 to 2. Choose 2.\n"


def test_unexpected_errors_are_one_line_with_a_way_to_see_more(capsys, monkeypatch):
    assert explain(ZeroDivisionError("division by zero")) == 1
    assert "FLOOD_SIM_TRACEBACK=1" in one_line(capsys)
    monkeypatch.setenv("FLOOD_SIM_TRACEBACK", "1")
    assert explain(ZeroDivisionError("division by zero")) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 6),
        (MemoryError(), 1),
        (SystemExit(143), 143),
    ],
    ids=["Ctrl-C", "disk full", "memory", "terminated"],
)
def test_what_the_machine_does_has_its_exit_code(error, code):
    assert explain(error) == code


@pytest.mark.parametrize("line", ["bogus", "run", "run x.yaml", "run x.yaml -o y --thread 2", "serve --port 0"])
def test_wrong_command_lines_name_the_help(line, capsys):
    assert main(line.split()) == 2
    assert "--help" in one_line(capsys)


def test_unknown_key_of_a_scenario_is_named(scenario, tmp_path, capsys):
    assert main(["run", str(scenario(strom={})), "-o", str(tmp_path / "out")]) == 2
    assert "strom: unknown key" in one_line(capsys)
    assert not (tmp_path / "out").exists()


def test_run_writes_a_result_once(scenario, tmp_path, capsys):
    path, out = str(scenario()), tmp_path / "out"
    assert main(["run", path, "-o", str(out), "--threads", "1"]) == 0
    shown = capsys.readouterr()
    assert "mass error" in shown.out and str(out) in shown.out
    assert "preparing" in shown.err and "\r" not in shown.err  # lines, not a bar, where nobody watches
    first = (out / "manifest.json").read_bytes()
    assert main(["run", path, "-o", str(out)]) == errors.ResultError.exit_code
    assert "--overwrite" in capsys.readouterr().err.splitlines()[-1]
    assert (out / "manifest.json").read_bytes() == first
    assert main(["run", path, "-o", str(out), "--overwrite"]) == 0


def test_demo_computes_once_and_then_reuses(scenario, tmp_path, monkeypatch, capsys):
    town = tmp_path / "town"
    town.mkdir()
    (town / "musterstadt.yaml").write_text(scenario().read_text())  # JSON is YAML
    monkeypatch.setattr("flood_sim.terrain.shipped.PLACES", (town,))
    line = ["demo", "--no-serve", "--data-dir", str(tmp_path / "data")]
    assert main(line) == 0
    first = capsys.readouterr().out
    assert "computing" in first
    assert main(line) == 0
    second = capsys.readouterr().out
    assert "reuses" in second and second.splitlines()[-1] == first.splitlines()[-1]
    run = next((tmp_path / "data" / "runs").iterdir())
    (run / "max_depth.tif").unlink()  # a damaged result is not shown, but computed anew
    assert main(line) == 0
    assert "computing" in capsys.readouterr().out and (run / "max_depth.tif").exists()


def test_demo_says_who_has_the_port_before_it_computes(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert main(["demo", "--port", port, "--data-dir", str(tmp_path / "data")]) == errors.PortInUse.exit_code
    said = one_line(capsys)
    assert port in said and "--port" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "terminated"])
def test_stopped_run_leaves_nothing(scenario, tmp_path, sign, code):
    out = tmp_path / "results" / "out"
    command = [sys.executable, "-m", "flood_sim", "run", str(scenario(40_000.0)), "-o", str(out), "--threads", "1"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in child.stderr:  # the handler is there before the first line is said, the folder before "running"
        if line.startswith("running"):
            break
    child.send_signal(sign)
    said = child.stderr.read()
    assert child.wait(timeout=60) == code
    assert "Traceback" not in said
    assert list(out.parent.glob("*")) + list(out.parent.glob(".*")) == []


def test_second_interrupt_stops_at_once():
    with pytest.raises(KeyboardInterrupt), Interrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        assert interrupt.asked()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)


def test_dem_check_says_whether_it_can_be_used(write_raster, tmp_path, capsys):
    good = write_raster(np.random.default_rng(1).uniform(100, 101, (30, 30)))
    assert main(["dem", "check", good]) == 0
    assert "can be used" in capsys.readouterr().out
    bad = tmp_path / "no.tif"
    bad.write_text("no raster")
    assert main(["dem", "check", str(bad)]) == errors.TerrainError.exit_code
    assert "cannot be used" in capsys.readouterr().out
    assert main(["dem", "check", str(bad), "--json"]) == errors.TerrainError.exit_code
    report = json.loads(capsys.readouterr().out)
    assert report["usable"] is False and report["findings"][0]["severity"] == "error"


def test_terrains_are_registered_and_listed(write_raster, tmp_path, capsys):
    dem = write_raster(np.random.default_rng(2).uniform(100, 101, (30, 30)))
    data = ["--data-dir", str(tmp_path / "data")]
    assert main(["terrain", "list", *data]) == 0
    assert "terrain add" in capsys.readouterr().err
    assert main(["terrain", "add", dem, "--name", "Tal", *data]) == 0
    file_id = capsys.readouterr().out.split()[0]
    assert main(["terrain", "list", *data]) == 0
    assert f"{file_id}  Tal" in capsys.readouterr().out
    assert main(["terrain", "add", str(tmp_path / "none.tif"), *data]) == errors.TerrainError.exit_code
    assert "none.tif: there is no such file" in one_line(capsys)


@pytest.mark.parametrize(("met", "code"), [(True, 0), (False, 9)], ids=["met", "not met"])
def test_verify_prints_one_object_and_fails_with_its_cases(met, code, monkeypatch, capsys):
    cases = {"lake_at_rest": {"speed_m_s": 1e-6, "pass": True}, "ritter": {"l1": 0.004, "pass": met}}
    monkeypatch.setattr("flood_sim.verify.verify", lambda: cases)
    assert main(["verify", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == cases
    assert main(["verify"]) == code
    assert f"{1 + met} of 2 met" in capsys.readouterr().out
