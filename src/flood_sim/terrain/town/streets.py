"""The streets: names, courses, and how they are cut into the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.terrain.town.frame import Frame, cell_of
from flood_sim.terrain.town.lines import Curve, curve, graded, heights_along, nearest
from flood_sim.terrain.town.railway import PASSAGES_X, UNDERPASS_X, Railway

KERB = 0.12
UNDERPASS_CLEARANCE = 6.15  # street below track in the underpass
PASSAGE_CLEARANCE = 4.25


@dataclass(frozen=True)
class Plan:
    """A street as drawn: name, width in metres, the kind of houses along it, points to pass."""

    name: str
    width: float
    zone: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Street:
    """A street as built: its axis and the height of its surface along it (n,)."""

    plan: Plan
    line: Curve
    level: np.ndarray


# Zones: core (closed rows), town (houses with narrow gaps), homes, villas, works, none.
PLANS = (
    Plan("Talstraße", 10, "town", ((2060, 604), (1850, 592), (1700, 587), (1572, 574), (1400, 545), (1230, 515), (1050, 501), (900, 488), (760, 496), (604, 500), (450, 470), (300, 455), (150, 470), (-60, 462))),
    Plan("Bahnhofstraße", 9, "core", ((1412, 547), (1384, 582), (1320, 601), (1240, 602), (1040, 592), (900, 586), (720, 580), (590, 572), (500, 548), (458, 510), (444, 469))),
    Plan("Schulstraße", 8, "town", ((1040, 592), (1041, 550), (1049, 501))),
    Plan("Marktstraße", 9, "core", ((898, 586), (897, 540), (900, 488), (904, 404))),
    Plan("Rathausgasse", 8, "core", ((829, 584), (826, 540), (830, 491))),
    Plan("Poststraße", 8, "core", ((760, 582), (757, 540), (760, 496), (766, 438))),
    Plan("Lindenstraße", 8, "town", ((622, 575), (613, 540), (604, 500))),
    Plan("Gartenstraße", 8, "town", ((1160, 598), (1162, 560), (1168, 509))),
    Plan("Kornstraße", 8, "town", ((1270, 602), (1276, 560), (1286, 525))),
    Plan("Uferstraße", 8, "town", ((1384, 542), (1352, 492), (1310, 452), (1250, 448), (1170, 472), (1080, 459), (1000, 422), (904, 404), (820, 422), (730, 456), (640, 460), (580, 493))),
    Plan("Kirchgasse", 8, "none", ((832, 491), (830, 421))),
    Plan("Brückenstraße", 9, "none", ((904, 404), (914, 366), (921, 302))),
    Plan("Südstraße", 8, "homes", ((690, 336), (760, 322), (840, 304), (921, 302), (1030, 326), (1150, 360), (1250, 352), (1370, 336))),
    Plan("Fabrikstraße", 9, "works", ((345, 458), (352, 520), (330, 560), (250, 572), (165, 556), (150, 470))),
    Plan("Siefenstraße", 9, "homes", ((1040, 592), (1040, 651), (1040, 700), (1024, 742), (996, 768), (940, 785))),
    Plan("Mühlenweg", 8, "homes", ((690, 498), (690, 579), (690, 640), (692, 690), (694, 776))),
    Plan("Hangweg", 7, "homes", ((940, 785), (880, 792), (820, 786), (760, 806), (694, 776), (640, 771), (580, 764), (535, 752))),
    Plan("Am Siefen", 7, "homes", ((1034, 718), (1034, 755), (1032, 788))),
    Plan("Kornweg", 8, "homes", ((1300, 601), (1300, 664), (1300, 690), (1303, 714))),
    Plan("Quellweg", 7, "homes", ((1040, 692), (1076, 706), (1118, 728), (1180, 730), (1240, 724), (1303, 714), (1370, 724), (1440, 738), (1510, 756), (1574, 770))),
    Plan("Ostfeldweg", 7, "homes", ((1572, 574), (1572, 640), (1572, 686), (1573, 730), (1574, 770), (1590, 830), (1590, 890))),
    Plan("Birkenweg", 7, "homes", ((1572, 624), (1640, 632), (1720, 644), (1762, 632), (1766, 590))),
    Plan("Ahornweg", 7, "homes", ((1572, 612), (1500, 612), (1452, 604), (1384, 582))),
    Plan("Höhenweg", 7, "homes", ((530, 908), (580, 922), (640, 927), (700, 942), (760, 962), (820, 935), (905, 918), (960, 922), (1010, 926), (1036, 948), (1062, 962), (1092, 953), (1124, 938), (1180, 918), (1240, 926), (1300, 948), (1360, 930), (1420, 926), (1480, 930))),
    Plan("Bergstraße", 7, "homes", ((806, 788), (742, 836), (692, 866), (650, 892), (600, 924))),
    Plan("Amselweg", 7, "homes", ((694, 866), (724, 872), (760, 888), (800, 874), (860, 862), (928, 862))),
    Plan("Sonnenhang", 7, "homes", ((1336, 719), (1372, 752), (1442, 824), (1456, 862), (1424, 900), (1370, 930))),
    Plan("Rosenweg", 7, "homes", ((1130, 826), (1180, 818), (1260, 812), (1310, 822), (1380, 826), (1440, 824))),
    Plan("Panoramaweg", 6, "villas", ((582, 922), (640, 962), (700, 1000), (760, 1032), (830, 1018), (900, 1010), (960, 1014), (1004, 1044))),
    Plan("Villenweg", 6, "villas", ((1050, 332), (1130, 290), (1210, 262), (1290, 232), (1340, 196))),
    Plan("Burgweg", 6, "villas", ((704, 334), (764, 296), (822, 264), (838, 240), (806, 218), (740, 206))),
)  # fmt: skip


def build(
    height: np.ndarray, frame: Frame, railway: Railway, keep: np.ndarray
) -> tuple[np.ndarray, list[Street], np.ndarray]:
    """Cut the streets into the ground, one after the other.

    Cells of `keep` (bool, ROWS x COLS: the track) stay as they are, and so does
    a street already built. Returns the heights, the streets and the
    cells of their surface (bool).
    """
    height = height.copy()
    paved = np.zeros(height.shape, bool)
    streets: list[Street] = []
    for plan in PLANS:
        line = _joined(curve(plan.points), streets)
        level = _level(plan, line, height, paved, railway)
        window, distance, index = nearest(line, frame, reach=plan.width / 2 + 26.0)
        surface = level[index]
        edge = np.maximum(np.where(np.isfinite(distance), distance, 1e6) - plan.width / 2, 0.0)
        free = ~(paved[window] | keep[window])
        steep = np.where(_under_railway(line, railway)[index], 6.0, 0.5)
        kerb = surface + KERB
        ground = np.clip(height[window], kerb - steep * edge, kerb + steep * edge)
        on = free & (edge <= 0.0)
        height[window] = np.where(on, surface, np.where(free & np.isfinite(distance), ground, height[window]))
        paved[window] |= on
        streets.append(Street(plan, line, level))
    return height, streets, paved


def _joined(line: Curve, streets: list[Street]) -> Curve:
    """The line with its ends moved onto the street they meet, if one is within 14 m."""
    xy = line.xy.copy()
    for end in (0, -1):
        for street in streets:
            gap = np.hypot(*(street.line.xy - xy[end]).T)
            if gap.min() < 14.0:
                shift = street.line.xy[int(np.argmin(gap))] - xy[end]
                along = np.abs(line.s - line.s[end])
                xy += shift * np.clip(1.0 - along / 30.0, 0.0, 1.0)[:, None]
                break
    return curve(xy, smooth=False)


def _under_railway(line: Curve, railway: Railway) -> np.ndarray:
    """Samples (n,) where a street runs below the track, between retaining walls."""
    out = np.zeros(len(line.s), bool)
    for x in (UNDERPASS_X, *PASSAGES_X):
        y, _ = railway.at(x)
        out |= (np.abs(line.xy[:, 0] - x) < 8.0) & (np.abs(line.xy[:, 1] - y) < 15.0)
    return out


def _level(plan: Plan, line: Curve, height: np.ndarray, paved: np.ndarray, railway: Railway) -> np.ndarray:
    """Surface (n,) along a street: graded on the ground, level with the streets it meets, low under the track."""
    ground = heights_along(line, height)
    weight = np.ones(len(ground))
    rows, cols = np.transpose([cell_of(*np.clip(p, (0, 0), (1999, 1199))) for p in line.xy])
    met = paved[rows, cols]
    ground[met] += KERB
    weight[met] = 300.0
    for x in (UNDERPASS_X, *PASSAGES_X):
        y, track = railway.at(x)
        if np.min(np.hypot(line.xy[:, 0] - x, line.xy[:, 1] - y)) > 4.0:
            continue
        away = np.abs(line.xy[:, 1] - y)
        weight[away < 34.0] = 0.0
        inside = away < (7.0 if x == UNDERPASS_X else 3.0)
        ground[inside] = track - (UNDERPASS_CLEARANCE if x == UNDERPASS_X else PASSAGE_CLEARANCE)
        weight[inside] = 30.0
    stiffness = 14.0
    return graded(ground, line.step, weight, stiffness) - KERB
