"""Comparisons: with measures minus without, the normal way to look at a measure."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, status
from fastapi.responses import FileResponse

from flood_sim.results.legend import legend
from flood_sim_api.deps import Column, ServiceDep, Zoom, cached, unchanged
from flood_sim_api.schemas import Ask, ComparisonOut, FileOut, LegendOut
from flood_sim_api.services import comparisons, tiles
from flood_sim_api.services.comparisons import Pair
from flood_sim_api.services.service import Service

router = APIRouter(prefix="/comparisons", tags=["comparisons"])
ComparisonId = Annotated[str, Path(description="id of a comparison")]
DIFFERENCE = "difference"


@router.post(
    "", status_code=status.HTTP_202_ACCEPTED, summary="Compare a scenario with the state without its measures",
    responses={200: {"model": ComparisonOut, "description": "Both runs were there before"}},
)  # fmt: skip
def start(service: ServiceDep, response: Response, ask: Ask) -> ComparisonOut:
    """Starts, or finds, both runs: the scenario as it is, and without its measures. Another measure costs one run.

    Follow the runs `without` and `with` by their events; when both are done, `GET` the comparison.
    """
    pair, new = comparisons.start(service, ask.scenario)
    if not new:
        response.status_code = status.HTTP_200_OK
    response.headers["location"] = f"/comparisons/{comparisons.id_of(pair)}"
    return _shape(service, pair)


@router.get("", summary="The comparison of two runs")
def of_runs(
    service: ServiceDep,
    without: Annotated[str, Query(description="id of the run without measures")],
    with_: Annotated[str, Query(alias="with", description="id of the run with measures")],
) -> ComparisonOut:
    """Any two runs on the same cells; figures and lists once both are done, disadvantages first."""
    return _shape(service, (service.get(without), service.get(with_)))


@router.get("/{comparison_id}", summary="One comparison")
def one(service: ServiceDep, comparison_id: ComparisonId) -> ComparisonOut:
    """Its state; figures, sentences and lists of buildings once both runs are done."""
    return _shape(service, comparisons.find(service, comparison_id))


@router.get("/{comparison_id}/tiles/difference/{z}/{x}/{y}.png", summary="Tile of the difference",
            response_class=Response, responses={200: {"content": {"image/png": {}}}})  # fmt: skip
def tile(request: Request, service: ServiceDep, comparison_id: ComparisonId, z: Zoom, x: Column, y: Column) -> Response:
    """256 px, Web Mercator (XYZ): less water blue, more orange, less than 5 cm transparent."""
    pair = comparisons.find(service, comparison_id)
    etag = f'"{comparison_id}-{z}-{x}-{y}"'
    if (known := unchanged(request, etag)) is not None:
        return known
    path = comparisons.file(comparisons.folder(service, pair), "difference.tif")
    return Response(tiles.of_file(path, DIFFERENCE, z, x, y), media_type="image/png", headers=cached(etag))


@router.get("/{comparison_id}/files", summary="Files of a comparison")
def files(service: ServiceDep, comparison_id: ComparisonId) -> list[FileOut]:
    """The difference as GeoTIFF (COG), the buildings as CSV, figures and sentences as JSON."""
    place = comparisons.folder(service, comparisons.find(service, comparison_id))
    found = ((name, kind, comparisons.file(place, name).stat().st_size) for name, kind in comparisons.FILES.items())
    return [FileOut(name=name, bytes=size, media_type=kind) for name, kind, size in found]


@router.get("/{comparison_id}/files/{name}", summary="Download a file of a comparison", response_class=FileResponse,
            responses={200: {"content": {"application/octet-stream": {}}}})  # fmt: skip
def download(
    service: ServiceDep, comparison_id: ComparisonId, name: Annotated[str, Path(description="a name of the list")]
) -> FileResponse:
    """`difference.tif` (m, with minus without), `buildings.csv` (cm, disadvantages first) or `comparison.json`."""
    path = comparisons.file(comparisons.folder(service, comparisons.find(service, comparison_id)), name)
    return FileResponse(path, media_type=comparisons.FILES[name], filename=f"{comparison_id[:8]}_{name}")


def _shape(service: Service, pair: Pair) -> ComparisonOut:
    comparison_id = comparisons.id_of(pair)
    here = f"/comparisons/{comparison_id}"
    known: dict[str, Any] = {"figures": None, "sentences": None, "worse": [], "better": []}
    state = comparisons.state(pair)
    if state == "done":
        told = comparisons.told(comparisons.folder(service, pair))
        known = {key: told[key] for key in known}
    return ComparisonOut.model_validate({
        "id": comparison_id, "state": state, "progress": sum(row.progress for row in pair) / 2,
        "without": pair[0].id, "with": pair[1].id, **known,
        "legend": [LegendOut.model_validate(c) for c in legend(DIFFERENCE)],
        "links": {
            "self": here, "tiles": f"{here}/tiles/difference/{{z}}/{{x}}/{{y}}.png", "files": f"{here}/files",
            "without": f"/runs/{pair[0].id}", "with": f"/runs/{pair[1].id}",
        },
    })  # fmt: skip
