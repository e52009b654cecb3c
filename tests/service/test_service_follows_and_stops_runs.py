"""A run can be followed, stopped and survives what happens to its worker and its service.

Cancelling is cooperative: the worker looks at a flag after every step, so a
computing run must stop within 2 s (the service's promise) on a machine that is
not overloaded; the test allows 5 s. States are those of the HTTP interface.
"""

import json
import multiprocessing
import os
import signal
import threading
import time

import pytest
from fastapi.testclient import TestClient

from flood_sim_api.main import create_app
from flood_sim_api.services.service import Service
from flood_sim_api.services.worker import Job, Outcome, execute
from flood_sim_api.settings import Settings

from .conftest import FINAL, Parked, scenario_for

LONG = {"duration_min": 20_000, "max_step_s": 0.5}
"""Millions of steps: such a run ends only when somebody ends it."""


def start_long(world, title: str, seed: float) -> str:
    scenario = world.scenario_for(
        title=title, numerics=LONG, storm={"kind": "block", "depth_mm": seed, "duration_min": 5}
    )
    run_id = world.client.post("/runs", json=scenario).json()["id"]
    wait_for(world.client, run_id, {"running"})
    return run_id


def wait_for(client, run_id: str, states: set[str], seconds: float = 60) -> dict:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        run = client.get(f"/runs/{run_id}").json()
        if run["state"] in states | FINAL:
            assert run["state"] in states, run
            return run
        time.sleep(0.05)
    raise AssertionError(f"not {states} within {seconds} s: {run['state']}")


def events_of(text: str) -> list[dict]:
    """The data of every event in a stream."""
    blocks = [b.splitlines() for b in text.split("\n\n") if b.startswith("event: run")]
    return [json.loads(next(x for x in lines if x.startswith("data: "))[6:]) for lines in blocks]


def test_a_computing_run_stops_within_seconds_and_leaves_nothing(world):
    run_id = start_long(world, "lang", 33)
    started = time.monotonic()
    reply = world.client.post(f"/runs/{run_id}/cancel")
    assert reply.status_code == 202 and reply.json()["cancel_requested"]
    run = wait_for(world.client, run_id, {"cancelled"})
    assert time.monotonic() - started < 5.0
    assert run["message"] == "Vom Benutzer abgebrochen" and 0 < run["progress"] < 1
    assert [p.name for p in (world.data / "runs").iterdir() if run_id in p.name] == []
    assert world.client.post(f"/runs/{run_id}/cancel").json()["state"] == "cancelled"


def test_a_cancelled_run_can_be_asked_for_again(world):
    run_id = start_long(world, "noch einmal", 34)
    world.client.post(f"/runs/{run_id}/cancel")
    wait_for(world.client, run_id, {"cancelled"})
    again = start_long(world, "noch einmal", 34)
    assert again != run_id
    world.client.post(f"/runs/{again}/cancel")
    wait_for(world.client, again, {"cancelled"})


def test_events_tell_every_state_and_end_with_the_run(world):
    scenario = world.scenario_for(
        storm={"kind": "block", "depth_mm": 81, "duration_min": 5}, numerics={"duration_min": 60}
    )
    run_id = world.client.post("/runs", json=scenario).json()["id"]
    told = events_of(world.client.get(f"/runs/{run_id}/events").text)
    assert told[-1]["state"] == "done" and told[-1]["manifest"]["ledger"]
    assert [t["progress"] for t in told] == sorted(t["progress"] for t in told)
    assert told[-1] == world.client.get(f"/runs/{run_id}").json()


def test_a_reconnected_stream_begins_with_the_state_and_a_known_end_is_not_repeated(world):
    with world.client.stream("GET", f"{world.url}/events") as reply:
        text = reply.read().decode()
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert len(events_of(text)) == 1
    last_id = next(x for x in text.splitlines() if x.startswith("id: "))[4:]
    again = world.client.get(f"{world.url}/events", headers={"last-event-id": last_id})
    assert again.status_code == 204  # an EventSource stops reconnecting on 204


def test_a_silent_stream_is_kept_alive_and_ends_with_the_service(make_data):
    """A queued run changes nothing, so only comments come; the end of the service ends the stream."""
    data, terrain = make_data()
    settings = Settings(data_dir=data, heartbeat_s=0.1)
    service = Service(settings, Parked)
    with TestClient(create_app(settings, service), base_url="http://localhost") as client:
        run_id = client.post("/runs", json=scenario_for(client, terrain)).json()["id"]
        timer = threading.Timer(1.5, service.stopping.set)
        timer.start()
        text = client.get(f"/runs/{run_id}/events").text
        timer.join()
    assert len(events_of(text)) == 1
    assert text.count("\n: ") >= 1


def test_a_waiting_run_is_cancelled_at_once(parked):
    client, service, terrain = parked
    run_id = client.post("/runs", json=scenario_for(client, terrain)).json()["id"]
    assert client.post(f"/runs/{run_id}/cancel").json()["state"] == "cancelled"
    service.runs.progress({"run_id": run_id, "phase": "running", "simulated_s": 5.0, "duration_s": 480.0})
    assert client.get(f"/runs/{run_id}").json()["state"] == "cancelled"


def test_a_result_that_is_gone_at_the_end_is_not_done(parked):
    client, service, terrain = parked
    run = client.post("/runs", json=scenario_for(client, terrain)).json()
    service._finished(run["id"], Outcome("done"))
    ended = client.get(f"/runs/{run['id']}").json()
    assert ended["state"] == "failed" and "no such folder" in ended["message"]


def test_a_killed_worker_fails_its_run_and_the_next_one_works(world):
    run_id = start_long(world, "wird getötet", 35)
    os.kill(worker_process().pid, signal.SIGKILL)
    run = wait_for(world.client, run_id, {"failed"})
    assert run["message"].startswith("Der Rechenprozess wurde von außen beendet")
    assert [p.name for p in (world.data / "runs").iterdir() if run_id in p.name] == []
    scenario = world.scenario_for(storm={"kind": "block", "depth_mm": 82, "duration_min": 5})
    next_id = world.client.post("/runs", json=scenario).json()["id"]
    assert world.wait_final(next_id)["state"] == "done"


def test_the_worker_writes_no_checkpoints(tmp_path, monkeypatch):
    """The service removes what a run leaves that did not end, and starts none again: they would only take time."""
    asked = {}
    monkeypatch.setattr("flood_sim.runner.run", lambda *_, **options: asked.update(options))
    scenario = {"terrain": {"dem": "a"}, "storm": {"kind": "none"}, "numerics": {"duration_min": 1}}
    job = Job("r", scenario, {"a": "a.tif"}, {"a": "Tal"}, str(tmp_path / "out"), str(tmp_path / "flag"), 1, 1.0)
    assert execute(job, lambda message: None) == Outcome("done") and asked["checkpoints"] is None


def worker_process() -> multiprocessing.Process:
    """The process that computes runs, by the name that Dask gives it: previews have processes of their own."""
    children = multiprocessing.active_children()
    workers = [c for c in children if c.name.startswith("Dask Worker")]
    assert len(workers) == 1, [c.name for c in children]
    return workers[0]


def test_a_run_that_cannot_be_built_fails_with_its_reason(world):
    scenario = world.scenario_for(gauges=[{"id": "weit_weg", "x": 0.0, "y": 0.0}])
    run = world.wait_final(world.client.post("/runs", json=scenario).json()["id"])
    assert run["state"] == "failed"
    assert "weit_weg" in run["message"] and str(world.data) not in run["message"]


@pytest.mark.parametrize("finished", [False, True, None])
def test_rows_left_by_an_ended_service_are_settled(make_data, world, finished):
    """Without a result (or with a damaged one) the row fails and says so; with a complete one it is done after all."""
    import shutil

    data, terrain = make_data()
    settings = Settings(data_dir=data)
    first = Service(settings, Parked)
    with TestClient(create_app(settings, first), base_url="http://localhost") as client:
        run_id = client.post("/runs", json=scenario_for(client, terrain)).json()["id"]
        first.runs.progress({"run_id": run_id, "phase": "running", "simulated_s": 5.0, "duration_s": 480.0})
        first.runs.active = list  # a service that is killed settles nothing
    (data / "runs" / f".{run_id}.partial-0123").mkdir()
    if finished is not False:
        shutil.copytree(world.folder, data / "runs" / run_id)
    if finished is None:
        (data / "runs" / run_id / "manifest.json").write_text("{")
    with TestClient(create_app(settings, Service(settings, Parked)), base_url="http://localhost") as client:
        run = client.get(f"/runs/{run_id}").json()
    if finished:
        assert run["state"] == "done" and run["max_depth_m"] == world.run["max_depth_m"]
    elif finished is None:
        assert run["state"] == "failed" and "manifest.json: is damaged" in run["message"]
    else:
        assert run["state"] == "failed" and run["message"] == "Der Dienst wurde beendet; bitte erneut starten"
        assert list((data / "runs").iterdir()) == []


def test_results_of_other_commands_are_adopted(make_data, world):
    """`flood-sim demo` computes into runs/ without the service; a damaged folder beside it is left alone."""
    import shutil

    data, terrain = make_data()
    shutil.copytree(world.folder, data / "runs" / "demo-0123456789abcdef")
    (data / "runs" / "damaged-1").mkdir()
    (data / "runs" / "damaged-1" / "manifest.json").write_text("{")
    for name, wrong in (("damaged-2", {"storm": [1]}), ("damaged-3", {"grid": 5}), ("damaged-4", {"inputs": ["x"]})):
        shutil.copytree(world.folder, data / "runs" / name)
        manifest = json.loads((world.folder / "manifest.json").read_text())
        (data / "runs" / name / "manifest.json").write_text(json.dumps(manifest | wrong))
    settings = Settings(data_dir=data)
    with TestClient(create_app(settings, Service(settings, Parked)), base_url="http://localhost") as client:
        listed = client.get("/runs").json()
        assert [(r["id"], r["state"], r["origin"]) for r in listed] == [("demo-0123456789abcdef", "done", "found")]
        assert listed[0]["terrain"] == terrain and listed[0]["synthetic"]
        adopted = client.get("/runs/demo-0123456789abcdef").json()
        assert adopted["scenario"]["terrain"]["dem"] == terrain
        again = client.post("/runs", json=scenario_for(client, terrain))
        assert again.status_code == 200 and again.json()["id"] == "demo-0123456789abcdef"


def test_a_result_that_was_removed_can_be_computed_again(make_data, world):
    import shutil

    data, terrain = make_data()
    shutil.copytree(world.folder, data / "runs" / "found-0001")
    settings = Settings(data_dir=data)
    with TestClient(create_app(settings, Service(settings, Parked)), base_url="http://localhost") as client:
        assert client.post("/runs", json=scenario_for(client, terrain)).json()["id"] == "found-0001"
        shutil.rmtree(data / "runs" / "found-0001")
        lost = client.get("/runs/found-0001").json()
        assert (lost["state"], lost["message"]) == ("failed", "Das Ergebnis wurde aus dem Datenordner entfernt")
        assert client.get("/runs/found-0001/files").status_code == 409
        again = client.post("/runs", json=scenario_for(client, terrain))
        assert again.status_code == 202 and again.json()["id"] != "found-0001"


def test_a_full_disk_is_a_problem_and_not_a_riddle(parked, monkeypatch):
    """SQLite reports a full disk as OperationalError (injected); 507 is the status of StorageError."""
    from sqlalchemy.exc import OperationalError

    client, service, terrain = parked

    def full(*_args, **_fields):
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(service.runs, "add", full)
    reply = client.post("/runs", json=scenario_for(client, terrain))
    assert reply.status_code == 507 and "disk is full" in reply.json()["detail"]
    assert "INSERT" not in reply.text
