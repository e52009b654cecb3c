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
# # Is the engine right? Every claim, computed here and now
#
# Flows with a known answer: computed by the engine that computes a city, compared with the exact solution, and judged by
# a limit that was set before. The same checks are `flood-sim verify` and tests; the test named in the last column says
# which equation, whose, and why this limit. All of it takes about a minute on an idle machine.
#
# *Strömungen, deren Lösung man kennt, hier und jetzt gerechnet, neben der exakten Lösung. Das prüft das Rechenverfahren, nicht
# das Geländemodell einer Stadt.*

# %%
only = ""  # part of a name, such as "dam break": compute only these

from pathlib import Path

from IPython.display import Markdown

from flood_sim.verify import CHECKS


def said(figure):
    """`speed_m_s` as "speed (m/s)"."""
    for ending, unit in (("_m_s", " (m/s)"), ("_m", " (m)")):
        if figure.endswith(ending):
            return figure.removesuffix(ending).replace("_", " ") + unit
    return figure.replace("l1", "L1").replace("_", " ")


def table(checks):
    """One line per figure; what is in bold missed its limit."""
    lines = ["| case | figure | measured | allowed | met | test with equation and source |", "|:--|:--|--:|--:|:-:|:--|"]
    for name, check in checks.items():
        link = f"[{Path(check.test).stem.removeprefix('test_').replace('_', ' ')}](../{check.test})"
        for figure, limit in check.limits.items():
            value, least = check.figures[figure], figure in check.at_least
            met = value >= limit if least else value <= limit
            shown = f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}"
            lines.append(
                f"| {name} | {said(figure)} | {shown if met else f'**{shown}**'} | {'≥' if least else '≤'} {limit:.4g} "
                f"| {'yes' if met else '**no**'} | {link} |"
            )
            name = link = ""
    return Markdown("\n".join(lines))


checks = {name: make() for name, make in CHECKS.items() if only in name}
print(f"{sum(c.passed for c in checks.values())} of {len(checks)} cases within all their limits")
table(checks)

# %% [markdown]
# ## How much of each limit is used
#
# One dot per figure; a limit reached lies on the line. What must not fall below its limit (orders of convergence) is shown as
# limit / figure, the Nash-Sutcliffe efficiency by what it lacks of 1. Open dots at the left edge: zero, or nearly so. One
# figure belongs on the line: the fastest water on evil terrain runs as fast as its head allows, and no faster.
#
# *Wie weit die Grenze ausgeschöpft ist: links ist viel Luft, auf der Linie keine.*

# %%
import matplotlib.pyplot as plt
import numpy as np

INK, QUIET, WATER, FLOW, EXACT, GROUND = "#1f2a33", "#5d6871", "#cfe3f3", "#1f6fb2", "#d9772b", "#b9ada0"
plt.rcParams.update({
    "figure.dpi": 110, "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.edgecolor": QUIET, "axes.labelcolor": INK, "text.color": INK, "xtick.color": QUIET, "ytick.color": QUIET,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "figure.constrained_layout.use": True,
})

LEFT = 1e-4


def share_of_limit(check, figure):
    value, limit = check.figures[figure], check.limits[figure]
    if figure == "nash_sutcliffe":
        return (1 - value) / (1 - limit)
    if figure in check.at_least:
        return limit / value if value > 0 else 0.0
    return value / limit if limit > 0 else 0.0


figure, axes = plt.subplots(figsize=(9, 0.24 * len(checks) + 1.0))
for row, check in enumerate(checks.values()):
    for used in (share_of_limit(check, name) for name in check.limits):
        axes.plot(max(used, LEFT), row, "o", ms=5.5, mfc=FLOW if used > LEFT else "white", mec=FLOW, alpha=0.8, clip_on=False)
axes.axvline(1, color=EXACT, linewidth=1.5)
axes.set(xscale="log", xlim=(LEFT, 1.6), ylim=(len(checks) - 0.4, -0.6), yticks=range(len(checks)), title="Measured / allowed")
axes.set_yticklabels(checks, fontsize=8.5, color=INK)
axes.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["≤ 0.0001", "0.001", "0.01", "0.1", "1"])
axes.grid(axis="y", color="#e6eaed", linewidth=0.8)
axes.set_axisbelow(True)
axes.tick_params(axis="y", length=0)

# %% [markdown]
# ## A dam breaks: Ritter and Stoker
#
# A wall of water of 2 m vanishes at x = 100 m. On a dry bed (Ritter 1892) a thin tongue runs ahead at $2\sqrt{g h_0}$; on a
# bed under water (Stoker 1957) a shock does. No friction, nothing calibrated. The shock stands where it should, one or two cells
# wide, its last cell a tenth of its height too high; the thin tip of the tongue is late, the more so the larger the cells.
#
# *Ein Damm bricht, auf trockenem und auf nassem Boden.*

# %%
from flood_sim.cases import DamBreak
from flood_sim.solver.simulation import Simulation

figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for axes, case, name in zip(panels, (DamBreak(), DamBreak(right=0.5)), ("Dry bed (Ritter)", "Wet bed (Stoker)")):
    x = np.linspace(0, case.length, 2001)
    axes.fill_between(x, case.depth(x), color=WATER, linewidth=0)
    axes.plot(x, case.depth(x), color=EXACT, linewidth=1.5, label="exact")
    for cells, style in ((100, dict(ls="", marker="o", ms=3.5, mfc="white")), (800, dict(linewidth=1.2))):
        sim = Simulation(case.domain(cells))
        sim.advance(case.time)
        axes.plot(case.centres(cells), sim.depth[1], color=FLOW, label=f"{cells} cells", **style)
    axes.axvline(case.dam, color=QUIET, linewidth=0.8, linestyle=":")
    axes.annotate("dam", (case.dam, 2.13), (3, 0), textcoords="offset points", color=QUIET, fontsize=9)
    axes.set(title=f"{name}, after {case.time:g} s", xlabel="x in m", xlim=(40, 180), ylim=(0, 2.25))
panels[0].set_ylabel("depth in m")
panels[1].legend(loc="upper right");

# %% [markdown]
# ## A bump and a hydraulic jump
#
# 0.18 m²/s over a bump (Goutal and Maurel 1997): slow before the crest, critical on it, fast behind, until a jump makes it slow
# again. Three things must come out by themselves: the discharge, the same through every face; the energy head, level up to
# the jump; and the place of the jump, where the momentum of both sides agrees and head is lost. The head drifts by a few
# millimetres, because momentum comes from one cell upstream; it shrinks with the cell.
#
# *Wechselsprung hinter einer Schwelle: Abfluss, Energiehöhe und Ort des Sprungs müssen sich von selbst ergeben.*

# %%
from flood_sim.cases import CREST, bump, bump_centres
from flood_sim.kernels.constants import G
from flood_sim.verify.steady_flow import JUMP, discharge

cells = 200
sim = Simulation(JUMP.domain(cells), record=False)
sim.advance(JUMP.settled)
x, fine = bump_centres(cells), np.linspace(0.0, 25.0, 2501)
h, exact = sim.depth[1].astype(float), JUMP.depth(fine)
jump = JUMP.jump()

figure, (upper, lower) = plt.subplots(2, 1, figsize=(10, 5.2), sharex=True, height_ratios=(2.2, 1))
upper.fill_between(fine, bump(fine), bump(fine) + exact, color=WATER, linewidth=0)
upper.fill_between(fine, 0, bump(fine), color=GROUND, linewidth=0)
upper.plot(fine, bump(fine) + exact, color=EXACT, linewidth=1.5, label="exact level")
upper.plot(x, bump(x) + h, "o", ms=3, mfc="white", color=FLOW, label=f"computed, cells of {25 / cells:g} m")
upper.axvline(jump, color=QUIET, linewidth=0.8, linestyle=":")
upper.annotate(f"jump, {jump:.2f} m", (jump, 0.06), (5, 0), textcoords="offset points", color=QUIET, fontsize=9)
upper.set(ylabel="height in m", ylim=(0, 0.48), xlim=(5, 16), title="Level over the bump")
upper.legend(loc="upper right", ncols=2)

faces = discharge(sim, cells)
there = h + bump(x) + (0.5 * (faces[:-1] + faces[1:])) ** 2 / (2 * G * h**2)
lower.plot(fine, bump(fine) + exact + JUMP.velocity_head(exact), color=EXACT, linewidth=1.5)
lower.plot(x, there, "o", ms=3, mfc="white", color=FLOW)
lower.axvline(jump, color=QUIET, linewidth=0.8, linestyle=":")
lower.set(xlabel="x in m", ylabel="energy head in m", ylim=(0.32, 0.44), yticks=(0.33, 0.36, 0.39, 0.42), title="Energy head")
off = np.abs(faces / JUMP.discharge - 1).max()
print(f"discharge: the same through all {faces.size} faces within {off:.0e} of its value")

# %% [markdown]
# ## Rain on a slope
#
# 50 mm/h on a plane of 100 m with a fall of 5 %, Manning's n 0.03: a sheet of 2 to 3 mm. The outflow at the foot rises until
# the characteristic from the top arrives ($t_e$), stays at what falls, and recedes after the rain. Exact: Henderson and
# Wooding (1964). Such sheets are what a heavy-rain model computes on most of its cells. Just after $t_e$ the outflow overshoots
# by 1 to 2 % for a moment; the volume is right.
#
# *Regen auf einen Hang: anlaufender, voller und ablaufender Abfluss am Fuß.*

# %%
from dataclasses import replace

from flood_sim.cases import RainOnPlane
from flood_sim.verify.rain import metered

plane = RainOnPlane(slope=0.05, n=0.03, length=100.0)
t_e = plane.time_to_equilibrium()
plane = replace(plane, duration=2 * t_e)
full = plane.rain * plane.length

figure, axes = plt.subplots(figsize=(10, 3.8))
t = np.linspace(0, 4 * t_e, 1000)
axes.axvspan(0, 2 * t_e / 60, color=WATER, alpha=0.55, linewidth=0, label="it rains")
axes.plot(t / 60, plane.hydrograph(t) / full, color=EXACT, linewidth=2.5, label="exact, kinematic wave")
for cell, style in ((10.0, ":"), (2.0, "-")):
    ends, q, _, _ = metered(replace(plane, cell=cell), 4 * t_e)
    axes.plot((ends[1:] + ends[:-1]) / 120, q / full, style, color=FLOW, linewidth=1.4, label=f"computed, cells of {cell:g} m")
axes.axvline(t_e / 60, color=QUIET, linewidth=0.8, linestyle=":")
axes.annotate("$t_e$", (t_e / 60, 0.04), (4, 0), textcoords="offset points", color=QUIET)
axes.set(xlabel="minutes", ylabel="outflow / rain on the plane", xlim=(0, 4 * t_e / 60), ylim=(0, 1.08), title="Outflow at the foot of a plane")
axes.legend(loc="upper right");

# %% [markdown]
# ## Two slopes and a channel
#
# The V-catchment of Di Giammarco, Todini and Lamberti (1996): two planes of 800 m x 1,000 m shed 10.8 mm/h of rain into a channel
# 20 m wide; here the planes fall towards the channel only, which has an exact answer: the characteristics of planes and channel.
# Open circles: the published curve of Shen (2010), as digitised by L. Shu.
#
# *Zwei Hänge und ein Gerinne: Ganglinie am Auslass, neben der exakten und der veröffentlichten.*

# %%
from flood_sim.cases import V_PUBLISHED, VCatchment

figure, (axes, off) = plt.subplots(2, 1, figsize=(10, 5.0), sharex=True, height_ratios=(2.6, 1))
t = np.arange(0.0, 10801.0, 5.0)
case = VCatchment(rain_on_channel=False)
exact = case.hydrograph(t)
axes.axvspan(0, case.duration / 60, color=WATER, alpha=0.55, linewidth=0, label="it rains")
axes.plot(t / 60, exact, color=EXACT, linewidth=2.5, label="exact, kinematic wave")
axes.plot(*V_PUBLISHED.T, "o", ms=5, mfc="white", mec=INK, label="published, Shen (2010)")
for cell, style in ((20.0, ":"), (10.0, "-")):
    sim = Simulation(replace(case, cell=cell).domain(), record=False)
    passed = [0.0]
    for end in t[12::12]:
        sim.advance(end)
        passed.append(sim.balance().outflow_m3)
    q, middle = np.diff(passed) / 60, t[6::12]
    axes.plot(middle / 60, q, style, color=FLOW, linewidth=1.4, label=f"computed, cells of {cell:g} m")
    off.plot(middle / 60, 100 * (q - exact[6::12]) / case.equilibrium, style, color=FLOW, linewidth=1.4)
off.axhline(0, color=EXACT, linewidth=1.5)
axes.set(ylabel="outflow in m³/s", ylim=(0, 5.4), title="Outflow of the V-catchment")
off.set(xlabel="minutes", ylabel="off by, % of\nequilibrium", xlim=(0, 180), title="Computed less exact")
axes.legend(loc="upper right");

# %% [markdown]
# ## Finer cells, smaller error
#
# The same cases on finer and finer grids. Order 1 halves the error with the cell, order 2 quarters it. Depth at the face is of second
# order, the velocity it carries along of first: smooth flow, even with a moving shore (Thacker), comes out between the two. A front
# (Ritter, Stoker) is never met better than to the cell.
#
# *Feinere Zellen, kleinerer Fehler.*

# %%
from flood_sim.cases import PulsingBowl, SwayInTrough
from flood_sim.verify.oscillations import swing
from flood_sim.verify.steady_flow import FAST_RAIN


def dam_break_error(case, cells):
    sim = Simulation(case.domain(cells), record=False)
    sim.advance(case.time)
    exact = case.depth(case.centres(cells))
    return np.abs(sim.depth[1] - exact).sum() / exact.sum()


def channel_error(case, cells):
    sim = Simulation(case.domain(cells), record=False)
    sim.advance(2000.0)
    x = case.x(cells)
    exact = case.depth(x)[x > 0]
    return np.abs(sim.depth[1][x > 0] - exact).sum() / exact.sum()


def swing_error(case, cells):
    return swing(case, cells, 1, np.float32).l1[0]


grids = np.array([50, 100, 200, 400])
CURVES = (
    ("Ritter", dam_break_error, DamBreak(), grids, EXACT, "o-"),
    ("Stoker", dam_break_error, DamBreak(right=0.5), grids, "#a2462a", "s-"),
    ("channel with friction and rain", channel_error, FAST_RAIN, grids, FLOW, "D-"),
    ("Thacker, trough", swing_error, SwayInTrough(), grids, "#2b8a6e", "^-"),
    ("Thacker, pulsing bowl", swing_error, PulsingBowl(), grids[:3], "#6f5aa8", "v-"),
)
figure, axes = plt.subplots(figsize=(8, 4.6))
for name, error, case, sizes, colour, style in CURVES:
    axes.loglog(sizes, [error(case, int(n)) for n in sizes], style, color=colour, ms=5, mfc="white", label=name)
for order, text in ((1, "order 1"), (2, "order 2")):
    line = 0.08 * (grids / 50.0) ** -order
    axes.loglog(grids, line, color=QUIET, linewidth=0.8, linestyle="--")
    axes.annotate(text, (grids[-1], line[-1]), (4, -3), textcoords="offset points", color=QUIET, fontsize=9)
axes.set(xlabel="cells", ylabel="L1 error of depth", title="Error against the number of cells")
axes.set_xticks(grids, [str(n) for n in grids])
axes.minorticks_off()
axes.legend(loc="lower left");

# %% [markdown]
# ## What this does not say
#
# The solver was checked here, not a terrain. Heights from the air are good to 15 to 20 cm, roughness to a factor of about two, and
# walls, kerbs and culverts decide more than any scheme. How the engine works stands in `docs/engine.md`, equations, sources and
# reasons of the limits in `docs/accuracy.md`.
#
# *Geprüft ist hier das Rechenverfahren, nicht das Gelände.*
