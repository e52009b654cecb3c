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
# # Von „dieses Viertel, dieser Regen, diese Idee“ zur Rechnung
#
# Regenstatistik, Oberfläche, erste Antwort in Sekunden, Maßnahme, Vergleich: jeder Schritt einzeln, auf der erfundenen Stadt.
#
# *Rain statistics, surface, a first answer in seconds, a measure and its comparison; each step can be called alone.*

# %%
import matplotlib.pyplot as plt
import numpy as np

from flood_sim import Scenario
from flood_sim.terrain.shipped import town_folder

town = town_folder()

# %% [markdown]
# ## Wie viel Regen?
#
# Eine Menge steht nie allein: Statistik, Wiederkehrzeit und Toleranzbereich gehören dazu. Mitgeliefert sind Werte für Wuppertal;
# für einen anderen Ort lädt man KOSTRA-DWD-2020 (`flood-sim rain kostra add`).
#
# *A depth never stands alone: statistics, return period and tolerance belong to it.*

# %%
from flood_sim.rain.shipped import buchenhofen, shipped_cell
from flood_sim.rain.starkregenindex import index_of, why_indices_differ

kostra, gauge = shipped_cell(), buchenhofen()
for statistics in (kostra, gauge):
    value = statistics.value(120, 100)
    print(value.text_de)
    print("   42 l/m² in 2 Stunden:", index_of(42, 120, statistics).text_de)
print(why_indices_differ(gauge, kostra, 120, 100)[0])

# %% [markdown]
# ## Der Verlauf: Modellregen Euler Typ II
#
# *The course over time: model rain of type Euler II.*

# %%
from flood_sim.rain.storms import hyetograph

storm = kostra.euler_ii(60, 100)
plan = Scenario.parse({"terrain": {"dem": "dem.tif"}, "storm": storm, "numerics": {"duration_min": 120}})
course = hyetograph(plan.storm)
edges, rates = np.array(course.edges_s) / 60, np.array(course.rates_m_s) * 3.6e6
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
axes.bar(edges[:-1], rates, width=np.diff(edges), align="edge", color="#3D66FF", edgecolor="white")
axes.set(xlabel="Minuten nach Regenbeginn", ylabel="Regenstärke in mm/h", title=course.label)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Das Szenario: Oberfläche mit Versickerung, Rohre, Häuser
#
# Die Werte jeder Oberfläche stehen in einer Tabelle, jeder mit seiner Herkunft. Angenommene Werte sind als solche gekennzeichnet.
#
# *The values of each land cover stand in one table, each with its source; assumed ones are marked.*

# %%
from flood_sim.surface.land_cover import load_table

table = load_table()
for key in ("asphalt", "garden", "forest"):
    entry = next(c for c in table.classes if c.key == key)
    print(f"{entry.label_de:<18} n {entry.n:g} (flach {entry.n_shallow:g}), versiegelt {entry.sealed:.0%}; Versickerung: {table.mark(key, 'horton')[:18]}")

base = Scenario.load(town / "musterstadt.yaml").model_dump(mode="json", exclude_none=True)
base["terrain"]["cell_m"] = 8
base |= {"title": "Musterstadt: T 100 nach KOSTRA", "storm": storm, "gauges": [], "sections": [], "outputs": {"every_min": 10}}
base["numerics"]["duration_min"] = 90
scenario = Scenario.parse(base)

# %% [markdown]
# ## Erste Antwort: wo sammelt sich das Wasser, welche Wege nimmt es?
#
# Eine Schnellabschätzung ist keine Simulation. Sie sagt selbst, was sie weglässt.
#
# *A preview is no simulation, and says itself what it leaves out.*

# %%
from flood_sim.build import build
from flood_sim.preview import sinks

answer = sinks(build(scenario), keep=False)
print(answer.preview.label.label_de)
print(answer.preview.label.leaves_out_de)
figures = answer.preview.figures
ran, stands, left = (f"{volume:,.0f} m³".replace(",", "\u202f") for volume in (figures.in_m3, figures.stored_m3, figures.left_m3))
print(f"{ran} laufen ab: {stands} stehen in Senken, {left} verlassen das Gebiet")

# %% [markdown]
# ### Woher kommt das Wasser hier?
#
# *Where does the water at this place come from?*

# %%
source = answer.origin(361057, 6040556)
print(f"Vor der Grundschule: {source.area_ha:.1f} ha, {source.volume_m3:.0f} m³ Regen".replace(".", ","))

# %% [markdown]
# ## Eine Maßnahme: prüfen, dann mit und ohne rechnen
#
# *A measure: check it first, then compute with and without.*

# %%
from flood_sim.comparing import compare
from flood_sim.measures.linter import check
from flood_sim.measures.reading import read_site, with_measures

words = {"note": "Auskunft", "warning": "Hinweis", "error": "Fehler"}
planned = with_measures(scenario, town / "musterstadt_measures_hang.geojson")
for remark in check(planned.measures, read_site(planned)):
    print(f"{words[remark.severity]}: {remark.text_de}")
comparison = compare(planned, "../runs/hang", overwrite=True)
for sentence in comparison.sentences()["de"]:
    print("-", sentence)

# %%
difference = comparison[slice(0, comparison.shape[0]), slice(0, comparison.shape[1])]
west, south, east, north = comparison.without.grid.bounds
figure, axes = plt.subplots(figsize=(9, 5.4), layout="constrained")
image = axes.imshow(difference * 100, extent=(west, east, south, north), cmap="RdBu_r", vmin=-50, vmax=50)
axes.set(xlim=(360700, 361400), ylim=(6040350, 6040900), title="Musterstadt (erfunden): Unterschied der Wassertiefe (mit − ohne)")
figure.colorbar(image, label="cm (blau weniger, rot mehr Wasser)");
