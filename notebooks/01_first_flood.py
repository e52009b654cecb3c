# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Der erste Starkregen: vom Geländemodell zur Karte der Wassertiefe
#
# Zehn Zeilen: ein Geländemodell, Häuser, ein Regen – und die Karte. Die Stadt ist erfunden und wird
# mitgeliefert. Gerechnet wird hier mit Zellen von 8 m (Übersicht, einige Sekunden); `make demo` nimmt 4 m,
# das Geländemodell selbst hat 2 m.
#
# *From a terrain model to a depth map in ten lines, on the invented town that is shipped. Cells of 8 m for a quick
# overview; the demo uses 4 m.*

# %%
from flood_sim import Scenario, open_result, run
from flood_sim.results.plot import plot_depth
from flood_sim.terrain.shipped import town_folder

town = town_folder()
scenario = Scenario.parse({
    "title": "Mein erster Starkregen",
    "terrain": {"dem": f"{town}/musterstadt_dem.tif", "cell_m": 8, "buildings": {"file": f"{town}/musterstadt_buildings.gpkg"}},
    "surface": {"land_cover": {"file": f"{town}/musterstadt_landcover.tif"}, "roughness": {"kind": "land_cover"}},
    "storm": {"kind": "block", "depth_mm": 90, "duration_min": 60},
    "outputs": {"every_min": 3},
    "numerics": {"duration_min": 120},
})
run(scenario, "../runs/first_flood", overwrite=True)
result = open_result("../runs/first_flood")
school, underpass, station = (361057, 6040556), (361039, 6040650), (360859, 6040617)
figure = plot_depth(result, marks={"Grundschule": school, "Unterführung": underpass, "Bahnhof": station})

# %% [markdown]
# ## Geht die Wasserbilanz auf?
#
# Alles Wasser hat einen Verbleib. Regen auf Dächer ist ein eigener Posten: Er fließt zum Boden rund um das Haus.
#
# *All water is accounted for; rain on roofs is a line of its own.*

# %%
ledger = result.manifest["ledger"]
names = {"rain_m3": "Regen auf das Gelände", "roof_m3": "Regen auf Dächer", "outflow_m3": "Abfluss über den Gebietsrand", "stored_m3": "noch im Gebiet"}
for key, name in names.items():
    print(f"{name:<30} {ledger[key]:>10,.0f} m³".replace(",", "\u202f"))
print(f"{'Abweichung (Anteil)':<30} {ledger['relative_error']:>10.0e}")

# %% [markdown]
# ## Wann kommt das Wasser?
#
# `result.at(x, y)` gibt alle Größen der Zelle an einem Punkt, auch ihren Verlauf über die Zeit. Der Fluss läuft nach
# dem Regen ab; in der Senke an der Schule bleibt das Wasser stehen.
#
# *All variables of the cell at a point, over time.*

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
axes.axvspan(0, 60, color="#e8eef5", label="es regnet")
for name, point, colour in (("Fluss an der Musterbrücke", (360914, 6040366), "#0033CC"), ("Straße an der Grundschule", (361060, 6040548), "#DB7B2B")):
    depth = result.at(*point)["depth"]
    minutes = (depth["time"] - depth["time"][0]).dt.total_seconds() / 60
    axes.plot(minutes, depth * 100, color=colour, linewidth=2, label=name)
axes.axhline(30, color="#5d6871", linewidth=0.8, linestyle="--")
axes.annotate("30 cm: Annahme für Rettungswagen", (120, 30), (0, 3), textcoords="offset points", ha="right", fontsize=8.5, color="#5d6871")
axes.set(xlabel="Minuten nach Regenbeginn", ylabel="Wassertiefe in cm", xlim=(0, 120), ylim=(0, None), title="Musterstadt (erfunden): Wassertiefe an zwei Stellen")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="upper right");

# %% [markdown]
# ## Dieselbe Karte als Tabelle
#
# *The same map as a table: for everybody who cannot, or does not want to, read colours.*

# %%
from flood_sim.results.legend import legend

depth, cell_ha = result.dataset["max_depth"], result.grid.cell**2 / 10_000
print(f"{'Wassertiefe, Maximalwerte':<27} {'Fläche':>9}")
for c in legend("max_depth"):
    share = (depth >= c.lower) & (depth < (c.upper or float("inf")))
    print(f"{c.label_de:<27} {float(share.sum()) * cell_ha:>6.1f} ha".replace(".", ","))

# %% [markdown]
# ## Weiter
#
# Ein anderer Regen ist eine andere Zeile: `"storm": {"kind": "euler_ii", "depth_mm": 49, "duration_min": 60}`.
# Ein anderes Gelände ist ein anderer Dateiname; `flood-sim dem check DATEI` sagt vorher, ob es taugt.
# Alle Schlüssel eines Szenarios stehen in `docs/scenario.md`, alle Dateien eines Ergebnisses in `docs/result-format.md`.
