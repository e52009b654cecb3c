"""One service works on one data folder and one address; a second one is told who is in its way.

The service is started as the command line starts it, in its own process, and
ended by the signals that a user and a system send. Two services on one folder
would both believe to own the table of runs.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress

import psutil
import pytest

from flood_sim.errors import PortInUse, StorageError
from flood_sim_api.services.service import Service
from flood_sim_api.serving import probe, serve
from flood_sim_api.settings import SettingError, Settings

from .conftest import FINAL, Parked

PROGRAM = """
import sys
from pathlib import Path
from flood_sim_api.serving import serve

if __name__ == "__main__":
    serve("127.0.0.1", int(sys.argv[2]), Path(sys.argv[1]), on_ready=lambda address: print(address, flush=True))
"""


@contextmanager
def running_service(folder, tmp_path, port=0):
    """A service in its own process group, as a terminal makes it; gives process and address."""
    program = tmp_path / "serve.py"
    program.write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, str(program), str(folder), str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process, process.stdout.readline().strip()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ask(url: str, data: dict | None = None) -> dict:
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())


def test_a_second_service_is_told_who_holds_the_folder(make_data):
    data, _ = make_data()
    first = Service(Settings(data_dir=data, port=8123), Parked).open()
    try:
        with pytest.raises(StorageError) as refused:
            Service(Settings(data_dir=data, port=8124), Parked).open()
        assert f"process {os.getpid()}" in str(refused.value) and "http://127.0.0.1:8123" in str(refused.value)
        assert "--data-dir" in refused.value.hint
    finally:
        first.close()
    Service(Settings(data_dir=data), Parked).open().close()  # the folder is free again


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="data folder cannot be written"):
        Service(Settings(data_dir=tmp_path / "file" / "data"), Parked).open()


def test_a_damaged_database_is_no_riddle(make_data):
    data, _ = make_data()
    (data / "runs.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="not a database"):
        Service(Settings(data_dir=data), Parked).open()
    (data / "runs.sqlite").unlink()
    Service(Settings(data_dir=data), Parked).open().close()


def test_the_service_answers_on_loopback_only_and_is_known_by_its_folder(make_data, tmp_path):
    data, _ = make_data()
    with running_service(data, tmp_path) as (process, address):
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        assert ask(f"{address}health/ready") == {"status": "ready"}
        listening = [c.laddr.ip for c in psutil.Process(process.pid).net_connections("tcp") if c.status == "LISTEN"]
        assert set(listening) == {"127.0.0.1"}
        assert probe("127.0.0.1", port).address == address == probe("127.0.0.1", port, data).address
        with pytest.raises(PortInUse, match="another data folder"):
            probe("127.0.0.1", port, tmp_path)
        with running_service(data, tmp_path, port) as (second, nothing):
            said = f"{address}: the service on this data folder is running there already"
            assert nothing == "" and said in second.stderr.read()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert probe("127.0.0.1", port) is None
    assert not (data / "service.json").exists()


def test_a_foreign_program_on_the_port_is_named():
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        with pytest.raises(PortInUse) as refused:
            probe("127.0.0.1", port)
        assert f"process {os.getpid()}" in str(refused.value) and "--port" in refused.value.hint


def test_an_address_that_cannot_be_is_no_program_in_the_way(tmp_path):
    for host in ("192.0.2.7", "a..b"):  # an address of nobody (RFC 5737), and no name at all
        with pytest.raises(PortInUse, match="cannot listen") as refused:
            serve(host, 8123, tmp_path)
        assert "--host" in refused.value.hint and "Stop" not in refused.value.hint


def test_a_wrong_setting_is_named(monkeypatch):
    monkeypatch.setenv("FLOOD_SIM_ALLOWED_HOSTS", "flood.example, karte.example")
    assert Settings.read(host="0.0.0.0").hosts == ("flood.example", "karte.example")
    monkeypatch.setenv("FLOOD_SIM_THREADS", "many")
    with pytest.raises(SettingError, match="FLOOD_SIM_THREADS.*got many"):
        Settings.read()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_computing_service_cleanly(make_data, tmp_path, stop):
    """Exit code 0, no child left, nothing half written, and the run says why it ended. An open event stream must
    not hold the service back."""
    data, terrain = make_data()
    with running_service(data, tmp_path) as (process, address):
        scenario = ask(f"{address}terrains/{terrain}")["scenario"]
        scenario["numerics"] = {"duration_min": 20_000, "max_step_s": 0.5}
        run_id = ask(f"{address}runs", scenario)["id"]
        ends = time.monotonic() + 60
        while (state := ask(f"{address}runs/{run_id}")["state"]) != "running":
            assert time.monotonic() < ends and state not in FINAL, state
            time.sleep(0.1)
        stream = threading.Thread(target=listen, args=(f"{address}runs/{run_id}/events",))
        stream.start()
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        os.killpg(process.pid, stop)
        assert process.wait(timeout=60) == 0
        stream.join(timeout=10)
        assert not stream.is_alive()
        _, alive = psutil.wait_procs(children, timeout=5)  # helpers notice the end of their parent a moment later
        assert not [c for c in alive if c.status() != psutil.STATUS_ZOMBIE]
        assert "Traceback" not in process.stderr.read()
    assert [p.name for p in (data / "runs").iterdir()] == []
    service = Service(Settings(data_dir=data), Parked).open()
    try:
        row = service.runs.get(run_id)
        assert (row.state, row.message) == ("failed", "Der Dienst wurde beendet; bitte erneut starten")
    finally:
        service.close()


def listen(url: str) -> None:
    """Read an event stream to its end, or until a busy machine cuts it off."""
    with suppress(ConnectionError), urllib.request.urlopen(url, timeout=60) as reply:
        reply.read()
