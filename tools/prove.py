"""Run what is too long for `make test` and record it in docs/proofs.

Tests marked `prove`, the benchmarks, the exact cases; the tables of README and
docs follow. Each writes its figures with the machine they were measured on; a
failed proof is recorded as such and fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from benchmarks import machine

ROOT = Path(__file__).resolve().parent.parent
PROOFS = ROOT / "docs" / "proofs"
JUNIT = ROOT / ".setup" / "prove.xml"
NO_TEST_RAN = 5


def prove(arguments: list[str]) -> tuple[int, list[dict[str, object]]]:
    """Run the marked tests; give pytest's exit code and one row per test."""
    JUNIT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-m", "prove", f"--junitxml={JUNIT}", *arguments]
    code = subprocess.run(command, cwd=ROOT).returncode
    if code == NO_TEST_RAN:
        return 0, []
    if not JUNIT.exists():
        return code, []
    return code, [row(case) for case in ET.parse(JUNIT).getroot().iter("testcase")]


def row(case: ET.Element) -> dict[str, object]:
    outcome = next((name for name in ("failure", "error", "skipped") if case.find(name) is not None), "passed")
    figures = {p.get("name"): p.get("value") for p in case.iter("property")}
    name = f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name')}"
    return {"test": name, "outcome": outcome, "seconds": round(float(case.get("time", 0)), 1), "figures": figures}


def main() -> int:
    PROOFS.mkdir(parents=True, exist_ok=True)
    started = time.time()
    code, rows = prove(sys.argv[1:])
    record = {
        "machine": machine.describe(),
        "wall_s": round(time.time() - started, 1),
        "tests": rows,
    }
    (PROOFS / "tests.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    bench = subprocess.run([sys.executable, "-m", "benchmarks", "--json", str(PROOFS / "benchmarks.json")], cwd=ROOT)
    docs = subprocess.run([sys.executable, "-m", "tools.make_docs", "--measure"], cwd=ROOT)
    print(f"prove: {len(rows)} tests, recorded in docs/proofs with the exact cases and the benchmarks")
    return code or bench.returncode or docs.returncode


if __name__ == "__main__":
    sys.exit(main())
