"""DWD's archives of KOSTRA-DWD answer for any coordinate, offline once added, and nothing else passes for one.

The archives here are made in the published layout: KOSTRA-DWD-2020 as zips of
ESRI ASCII grids Hn_/Rn_/UC_ with 300 x 300 cells of 5 km in EPSG:3035, 2010R as
zipped CSV by INDEX_RC on 79 x 107 cells in EPSG:3034. Cells of known places:
indices printed by the public packages kostra2010R and kostra2020 for their
examples, and the districts of Wuppertal. Values are printed numbers and come
back exactly (kept in float32, rounded to 0.01 as printed to 0.1).
"""

import io
import os
import zipfile

import pytest

from flood_sim.errors import ScenarioError, StorageError
from flood_sim.rain import kostra
from flood_sim.rain.kostra import archive as archives

YEARS = (1, 2, 3, 5, 10, 20, 30, 50, 100)
ELBERFELD = (7.15, 51.256)  # INDEX_RC 133104 of 2020, 51011 of 2010R
HEADER = "ncols 300\nnrows 300\nxllcorner 3600000\nyllcorner 2300000\ncellsize 5000\nNODATA_value -9999\n"

EXAMPLES_2010R = [
    (6.104606, 50.768626, 4326, 57002), (295840, 5628093, 25832, 57002), (2507425, 5625914, 31466, 57002),
    (6.09, 50.46, 4326, 61002), (367773, 5703579, 25832, 49011), (7.8494, 47.99609, 4326, 94016),
    (7.020153, 51.44617, 4326, 49010), (8.7405, 49.1158, 4326, 80024),
    (7.096, 51.284, 4326, 51011), (7.217, 51.287, 4326, 51012), (7.101, 51.208, 4326, 52011), (7.221, 51.211, 4326, 52012),
]  # fmt: skip
EXAMPLES_2020 = [
    (6.19, 50.46, 4326, 150090), (367773, 5703579, "EPSG:25832", 129103), (6.096156, 50.79107, 4326, 143089),
    (7.8494, 47.99609, 4326, 206112), (7.020153, 51.44617, 4326, 129102),
    (*ELBERFELD, 4326, 133104), (7.20, 51.272, 4326, 133105), (7.073, 51.232, 4326, 134103),
    (7.13, 51.205, 4326, 134104), (7.195, 51.228, 4326, 134105),
]  # fmt: skip


def grid(values, header=HEADER):
    rows = [["-9999"] * 300 for _ in range(300)]
    for index, value in values.items():
        row, col = divmod(index, 1000)
        rows[row][col] = f"{value:g}"
    return header + "\n".join(map(" ".join, rows)) + "\n"


GRIDS = {
    **{("Hn", t): grid({133104: 10 + k, 206112: 30 + k}) for k, t in enumerate(YEARS)},
    **{("UC", t): grid({133104: 15 + k, 206112: 20}) for k, t in enumerate(YEARS)},
}


def archive_2020(folder, duration=60, *, leave=(), change=None, name=None):
    path = folder / (name or f"StatRR_KOSTRA-DWD-2020_D{duration:05d}_ASC.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for (kind, t), text in GRIDS.items():
            member = f"{kind}_KOSTRA-DWD-2020_D{duration:05d}_T{t:03d}.asc"
            if (kind, t) not in leave:
                file.writestr(member, change(text) if change and (kind, t) == ("Hn", 100) else text)
            if kind == "Hn":
                file.writestr(member.replace("Hn_", "Rn_"), "not read")
    return path


def archive_2010r(folder, duration=60, *, text=None, name=None):
    path = folder / (name or f"StatRR_KOSTRA-DWD-2010R_D{duration:04d}.csv.zip")
    table = "INDEX_RC;" + ";".join(f"HN_{t:03d}A" for t in YEARS) + "\r\n"
    table += "0;" + ";".join(["-99.9"] * 9) + "\r\n"
    table += "51011;16.4;21.3;24.2;27.9;32.8;37.7;40.6;44.3;49.2\r\n94016;17;22;25;28;33;38;41;45;50\r\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"StatRR_KOSTRA-DWD-2010R_D{duration:04d}.csv", text or table)
        file.writestr(f"StatRR_KOSTRA-DWD-2010R_D{duration:04d}_KOG.csv", "not read")
    return path


@pytest.mark.parametrize(("x", "y", "crs", "index"), EXAMPLES_2010R)
def test_cells_of_2010r_are_those_of_the_published_examples(x, y, crs, index):
    assert kostra.KOSTRA_2010R.cell(x, y, crs) == index


@pytest.mark.parametrize(("x", "y", "crs", "index"), EXAMPLES_2020)
def test_cells_of_2020_are_those_of_the_published_examples(x, y, crs, index):
    assert kostra.KOSTRA_2020.cell(x, y, crs) == index


def test_an_archive_added_once_answers_offline_with_its_tolerance(tmp_path):
    kept = tmp_path / "kept"
    files = [archive_2020(tmp_path, d) for d in (5, 60)]
    added = kostra.add(files, folder=kept)
    assert [(a.edition, a.duration_min, a.cells) for a in added] == [("2020", 5, 2), ("2020", 60, 2)]
    for file in files:
        file.unlink()
    assert kostra.held(folder=kept) == (5, 60) and kostra.held("2010R", folder=kept) == ()
    found = kostra.statistics_at(*ELBERFELD, 4326, folder=kept)
    value = found.value(60, 100)
    assert (value.depth_mm, value.tolerance_percent) == (18.0, 23.0)
    assert found.name == "KOSTRA-DWD-2020 Zelle 133104" and "10.5676" in found.source and "GeoNutzV" in found.licence
    assert found.durations_min == (5.0, 60.0) and "not taken in: 10, 15, 20, 30, 45 min" in str(found.mark)
    east, north = 370878.4, 5679971.1  # the same place in EPSG:25832
    assert kostra.statistics_at(east, north, "EPSG:25832", folder=kept).name == found.name
    assert not list(kept.rglob("*.part"))


def test_a_tolerance_that_is_missing_is_not_made_up(tmp_path, monkeypatch):
    monkeypatch.setitem(GRIDS, ("UC", 100), grid({206112: 20}))
    kostra.add([archive_2020(tmp_path)], folder=tmp_path / "kept")
    found = kostra.statistics_at(*ELBERFELD, 4326, folder=tmp_path / "kept")
    assert found.value(60, 100).tolerance_percent is None and found.value(60, 50).tolerance_percent == 22


def test_the_older_edition_is_read_from_its_csv_with_the_tolerance_it_states_once(tmp_path):
    kept = tmp_path / "kept"
    kostra.add([archive_2010r(tmp_path, 60)], folder=kept)
    found = kostra.statistics_at(*ELBERFELD, 4326, folder=kept)
    assert found.name == "KOSTRA-DWD-2010R Zelle 51011" and found.depth_mm(60, 100) == 49.2
    assert [found.value(60, t).tolerance_percent for t in (5, 30, 100)] == [10, 15, 20]
    assert "memory, unverified" in found.mark
    kostra.add([archive_2020(tmp_path, 60)], folder=kept)
    assert kostra.statistics_at(*ELBERFELD, 4326, folder=kept).name == "KOSTRA-DWD-2020 Zelle 133104"
    assert kostra.statistics_at(*ELBERFELD, 4326, edition="2010R", folder=kept).name == found.name


def test_wuppertal_ships_and_other_places_say_how_to_get_theirs(tmp_path):
    assert kostra.statistics_at(*ELBERFELD, 4326, folder=tmp_path).name == "KOSTRA-DWD-2010R Zelle 51011"
    with pytest.raises(ScenarioError, match="no rain statistics at hand.*rain kostra fetch.*kostra add"):
        kostra.statistics_at(7.85, 48.0, 4326, folder=tmp_path)
    with pytest.raises(ScenarioError, match="KOSTRA-DWD-2020: no rain statistics at hand"):
        kostra.statistics_at(*ELBERFELD, 4326, edition="2020", folder=tmp_path)
    with pytest.raises(ScenarioError, match="2015.*2020, 2010R"):
        kostra.statistics_at(*ELBERFELD, 4326, edition="2015", folder=tmp_path)


@pytest.mark.parametrize(
    ("x", "y", "crs"), [(2.35, 48.86, 4326), (51.256, 7.15, 4326), (370878, 5679971, 4326), (16.4, 48.2, 4326), (0, 0, 25832)]
)  # fmt: skip
def test_a_place_outside_germany_names_the_allowed_area(x, y, crs, tmp_path):
    with pytest.raises(ScenarioError, match="Germany: longitude 5.8 to 15.1, latitude 47.2 to 55.1"):
        kostra.statistics_at(x, y, crs, folder=tmp_path)


def test_a_cell_without_values_is_outside_too(tmp_path):
    kostra.add([archive_2020(tmp_path)], folder=tmp_path)
    with pytest.raises(ScenarioError, match="no rain statistics for this place.*Germany"):
        kostra.statistics_at(10.0, 50.0, 4326, folder=tmp_path)


def test_the_addresses_of_all_archives_are_known():
    assert len(kostra.KOSTRA_2020.archives()) == 22 and len(kostra.KOSTRA_2010R.archives()) == 18
    assert kostra.KOSTRA_2020.archives()[6].endswith("/KOSTRA_DWD_2020/asc/StatRR_KOSTRA-DWD-2020_D00060_ASC.zip")
    assert kostra.KOSTRA_2010R.archives()[0].endswith("/KOSTRA_DWD_2010R/asc/StatRR_KOSTRA-DWD-2010R_D0005.csv.zip")


def other_cells(text):
    return text.replace("cellsize 5000", "cellsize 1000")


def other_place(text):
    return text.replace("xllcorner 3600000", "xllcorner 0")


def cut_short(text):
    return text[: len(text) // 2]


def words(text):
    return text.replace("-9999 ", "none ", 5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda d: archive_2020(d, change=other_cells), "T100.asc is another grid.*1000.*5000"),
        (lambda d: archive_2020(d, change=other_place), "another grid"),
        (lambda d: archive_2020(d, change=cut_short), "another grid.*values"),
        (lambda d: archive_2020(d, change=words), "no ESRI ASCII grid"),
        (lambda d: archive_2020(d, change=lambda t: "<html>404</html>"), "no ESRI ASCII grid"),
        (lambda d: archive_2020(d, change=lambda t: GRIDS["Hn", 1]), "fall with the return period"),
        (lambda d: archive_2020(d, leave={("UC", 50), ("Hn", 3)}), "grids are missing.*Hn T 3, Uc T 50"),
        (lambda d: archive_2020(d, 60, name="StatRR_KOSTRA-DWD-2020_D00120_ASC.zip"), "another duration.*60 min"),
        (lambda d: archive_2020(d, 61), "one duration of KOSTRA-DWD-2020"),
        (lambda d: archive_2010r(d, text="INDEX;HN_001A\n1;2\n"), "other columns.*INDEX_RC"),
        (lambda d: archive_2010r(d, text="INDEX_RC;" + ";".join(f"HN_{t:03d}A" for t in YEARS) + "\n51011;1,5;2\n"), "cannot be read"),
        (lambda d: archive_2010r(d, text="INDEX_RC;" + ";".join(f"HN_{t:03d}A" for t in YEARS) + "\n999999" + ";1" * 9 + "\n"), "numbers its cells"),
    ],
)  # fmt: skip
def test_an_archive_of_another_layout_is_refused_and_nothing_is_kept(make, said, tmp_path):
    kept = tmp_path / "kept"
    good = archive_2020(tmp_path, 5)
    with pytest.raises(ScenarioError, match=f"KOSTRA-DWD-20.*{said}.*leave it packed"):
        kostra.add([good, make(tmp_path)], folder=kept)
    assert not kept.exists()  # checked before the first is kept


def test_what_is_no_archive_is_said(tmp_path):
    page = tmp_path / "StatRR_KOSTRA-DWD-2020_D00060_ASC.zip"
    page.write_text("<html>Not found</html>")
    with pytest.raises(ScenarioError, match="not a zip archive"):
        kostra.add([page], folder=tmp_path)
    whole = archive_2020(tmp_path).read_bytes()
    page.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ScenarioError, match="not a zip archive"):
        kostra.add([page], folder=tmp_path)
    damaged = bytearray(whole)
    damaged[len(whole) // 3] ^= 0xFF
    page.write_bytes(bytes(damaged))
    with pytest.raises(ScenarioError, match="not a zip archive|another grid|no ESRI"):
        kostra.add([page], folder=tmp_path)
    other = tmp_path / "photos.zip"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("a.jpg", "x")
    with pytest.raises(ScenarioError, match=r"photos.zip.*no file in it is one of KOSTRA.*a.jpg"):
        kostra.add([other], folder=tmp_path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        kostra.add([tmp_path / "missing.zip"], folder=tmp_path)
    assert kostra.held(folder=tmp_path) == ()


def test_bombs_and_strange_names_do_no_harm(tmp_path, monkeypatch):
    bomb = tmp_path / "StatRR_KOSTRA-DWD-2020_D00060_ASC.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for kind, t in GRIDS:
            file.writestr(f"{kind}_KOSTRA-DWD-2020_D00060_T{t:03d}.asc", b"0 " * (archives.LARGEST_MEMBER // 2 + 1))
    with pytest.raises(ScenarioError, match="too large.*8,388,608"):
        kostra.add([bomb], folder=tmp_path)
    many = tmp_path / "KOSTRA-DWD-2020_many.zip"
    with zipfile.ZipFile(many, "w") as file:
        for k in range(201):
            file.writestr(f"{k}.txt", "")
    with pytest.raises(ScenarioError, match="too many files"):
        kostra.add([many], folder=tmp_path)
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 100)
    with pytest.raises(ScenarioError, match="too large"):
        kostra.add([many], folder=tmp_path)
    monkeypatch.undo()
    climbing = tmp_path / "KOSTRA-DWD-2020.zip"
    with zipfile.ZipFile(climbing, "w", zipfile.ZIP_DEFLATED) as file:
        for (kind, t), text in GRIDS.items():
            file.writestr(f"../../{kind}_KOSTRA-DWD-2020_D00060_T{t:03d}.asc", text)
    before = set(tmp_path.parent.iterdir())
    kostra.add([climbing], folder=tmp_path / "kept")
    assert set(tmp_path.parent.iterdir()) == before  # a name in an archive is never a path


def test_a_declared_size_is_not_believed(tmp_path):
    """A member that says it is small and unpacks to more is stopped while reading."""
    path = archive_2020(tmp_path, change=lambda t: "0 " * (archives.LARGEST_MEMBER // 2 + 10))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as file:
        size = next(
            m.file_size for m in file.infolist() if m.filename.startswith("Hn") and m.filename.endswith("T100.asc")
        )
    true, lie = size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert data.count(true) >= 2
    path.write_bytes(bytes(data).replace(true, lie))
    with pytest.raises(ScenarioError, match="KOSTRA-DWD"):
        kostra.add([path], folder=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_damaged_kept_statistics_say_what_to_add_again_and_a_failed_import_keeps_the_old(tmp_path, monkeypatch):
    kostra.add([archive_2020(tmp_path)], folder=tmp_path / "kept")
    file = tmp_path / "kept" / "2020" / "D00060.npz"
    whole = file.read_bytes()

    def fails(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fails)
        with pytest.raises(StorageError, match="No space left"):
            kostra.add([archive_2020(tmp_path)], folder=tmp_path / "kept")
    assert file.read_bytes() == whole and [p.name for p in file.parent.iterdir()] == ["D00060.npz"]
    for damaged in (whole[:200], b"", b"not numpy"):
        file.write_bytes(damaged)
        with pytest.raises(ScenarioError, match="damaged.*KOSTRA-DWD-2020 for 60 min again"):
            kostra.statistics_at(*ELBERFELD, 4326, folder=tmp_path / "kept")
    kostra.add([archive_2020(tmp_path)], folder=tmp_path / "kept")
    assert kostra.statistics_at(*ELBERFELD, 4326, folder=tmp_path / "kept").depth_mm(60, 1) == 10
