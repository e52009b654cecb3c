"""The scenarios of the invented town, one for each preset of rain: data/dem/musterstadt_<preset>.yaml.

python -m tools.town_scenarios            write them
python -m tools.town_scenarios --check    say which are not what the presets make
"""

from __future__ import annotations

import sys
from pathlib import Path

from flood_sim.rain.presets import PRESETS, Preset
from flood_sim.scenario import Scenario, text

FOLDER = Path(__file__).resolve().parent.parent / "data" / "dem"
BASE = FOLDER / "musterstadt.yaml"


def scenario_text(preset: Preset) -> str:
    """The demo scenario with the storm of a preset, as YAML with its source."""
    base = text.read(BASE)
    base["title"] = f"Musterstadt (erfunden): {preset.label_de}"
    base["storm"] = preset.storm
    base["numerics"]["duration_min"] = preset.duration_min
    Scenario.parse(base)
    head = [
        f"Musterstadt (erfunden): {preset.label_de}", f"Invented town: {preset.label_en}", f"Quelle: {preset.source}",
        preset.note_de, "Made by python -m tools.town_scenarios; file names are relative to this file.",
    ]  # fmt: skip
    return "".join(f"# {line}\n" for line in head if line) + text.to_yaml(base)


def written() -> dict[Path, str]:
    return {FOLDER / f"musterstadt_{preset.key}.yaml": scenario_text(preset) for preset in PRESETS}


def main() -> int:
    stale = [
        path for path, words in written().items() if not path.exists() or path.read_text(encoding="utf-8") != words
    ]
    if "--check" in sys.argv[1:]:
        print("stale:", ", ".join(path.name for path in stale)) if stale else None
        return 1 if stale else 0
    for path in stale:
        path.write_text(written()[path], encoding="utf-8")
        print("written:", path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
