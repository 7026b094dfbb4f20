"""`/metrics`: the exposition of Prometheus and OpenMetrics, and the meter of requests.

Written here and not by prometheus_client, because scripts of the original know the model's metrics
by names that the library would change (a counter must end in `_total` for it) and by their six
decimals; the tests read what is written with that library's parsers.
"""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polycube_runtime.core.observed.meters import Histogram
from polycube_runtime.core.observed.metrics import Family, collect, labelled
from polycube_runtime.rest.links import PREFIX
from polycube_runtime.support.schema import Action, Container, List

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from polycube_runtime.core.observed.meters import Sample
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.control import ControlPlane

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
DURATION = "polycubed_http_request_duration_seconds"
OTHER = "other"
"""The route of requests for what is not there: their paths are anybody's."""
_TOTAL = "_total"
_QUALITY = re.compile(r";\s*q=([\d.]+)")


def add_routes(app: FastAPI, polycube: Polycube) -> None:
    """Give `app` the route of the metrics, and meter its requests.

    To be called before middleware that changes paths is added: the meter has to be inside of it.
    """
    requests: dict[tuple[str, ...], Histogram] = {}
    app.add_middleware(Meter, polycube=polycube, requests=requests)

    async def metrics(request: Request) -> Response:
        """Show the numbers of all cubes and of the daemon, for Prometheus."""
        families = await collect(polycube)
        durations = Family(DURATION, "histogram", "Time until an answer begins")
        durations.samples = labelled(requests, ("method", "route", "status"))
        families.append(durations)
        opened = _wants_open_metrics(request.headers.get("accept", ""))
        text = "".join(_lines(families, open_metrics=opened))
        return Response(text, headers={"Content-Type": OPEN_METRICS if opened else TEXT})

    metrics.__annotations__ = {"request": Request, "return": Response}  # for FastAPI to read
    app.add_api_route(
        f"{PREFIX}/metrics/",
        metrics,
        methods=["GET"],
        operation_id="get_metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )


class Meter:
    """ASGI middleware: how long requests take until the answer begins, by route (10 us each)."""

    def __init__(
        self, app: ASGIApp, *, polycube: Polycube, requests: dict[tuple[str, ...], Histogram]
    ) -> None:
        """Wrap `app`, and count into `requests` by method, route and status."""
        self.app = app
        self._polycube = polycube
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and take the time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, path = time.perf_counter(), scope["path"]
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._take(scope, path, status, time.perf_counter() - began)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except BaseException:
            if not status:
                self._take(scope, path, 500, time.perf_counter() - began)
            raise

    def _take(self, scope: Scope, path: str, status: int, seconds: float) -> None:
        route = route_of(path, self._polycube.services, scope.get("route"))
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        key = (method, route, str(status))
        histogram = self._requests.get(key)
        if histogram is None:
            histogram = self._requests[key] = Histogram()
        histogram.observe(seconds)


_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def route_of(path: str, services: Mapping[str, type[ControlPlane]], route: object) -> str:
    """Return the template of a path: its keys by their names, so that there are not many.

    Those of a service are told by its model, all others by the `route` that was found.
    """
    first, *below = path.removeprefix(PREFIX).strip("/").split("/")
    service = services.get(first)
    if service is not None:
        return _template(service, below)
    if isinstance(route, Route):
        return route.path.removeprefix(PREFIX).rstrip("/") or "/"
    return OTHER


def _template(service: type[ControlPlane], steps: list[str]) -> str:
    parts = ["", service.SERVICE.name]
    children: Mapping[str, object] = service.SERVICE.by_name
    waiting = ["name"]
    for step in steps:
        if waiting:
            parts.append(f"{{{waiting.pop(0)}}}")
            continue
        node = children.get(step)
        if node is None:
            return OTHER
        parts.append(step)
        children = node.by_name if isinstance(node, Container | List) else {}
        waiting = list(node.keys) if isinstance(node, List) else []
        if isinstance(node, Action) and step != steps[-1]:
            return OTHER
    return "/".join(parts)


def _wants_open_metrics(accept: str) -> bool:
    """Whether a client would rather have OpenMetrics; who does not say gets what all can read."""
    quality = {}
    for part in accept.split(","):
        named, *_ = part.strip().split(";")
        found = _QUALITY.search(part)
        quality[named.strip().lower()] = float(found[1]) if found else 1.0
    plain = max(quality.get(one, 0.0) for one in ("text/plain", "text/*"))
    return quality.get("application/openmetrics-text", 0.0) > plain


def _lines(families: Iterable[Family], *, open_metrics: bool) -> Iterator[str]:
    number = {True: _six_decimals, False: _number}
    for family in families:
        if not family.samples:
            continue
        name, kind = _naming(family, open_metrics=open_metrics)
        if family.help:
            text = family.help.replace("\\", r"\\").replace("\n", r"\n")
            text = text.replace('"', r"\"") if open_metrics else text
            yield f"# HELP {name} {text}\n"
        yield f"# TYPE {name} {kind}\n"
        yield from map(partial(_line, family.name, number[family.modelled]), family.samples)
    yield "# EOF\n"  # OpenMetrics wants it; for others it is a comment


def _naming(family: Family, *, open_metrics: bool) -> tuple[str, str]:
    """Return how a family is announced: OpenMetrics knows suffixes that belong to kinds."""
    if not open_metrics:
        return family.name, "gauge" if family.kind == "info" else family.kind
    if family.kind == "info":
        return family.name.removesuffix("_info"), "info"
    if family.kind == "counter":
        if family.name.endswith(_TOTAL):
            return family.name.removesuffix(_TOTAL), "counter"
        return family.name, "unknown"  # the model's name is what scripts know; it stays
    return family.name, family.kind


def _line(name: str, number: Callable[[float], str], sample: Sample) -> str:
    labels = ",".join(f'{label}="{_escaped(value)}"' for label, value in sample.labels)
    braces = f"{{{labels}}}" if labels else ""
    return f"{name}{sample.suffix}{braces} {number(sample.value)}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _six_decimals(value: float) -> str:
    """Write as the original did; of integers, all digits."""
    return f"{value}.000000" if isinstance(value, int) else f"{value:.6f}"


def _number(value: float) -> str:
    return repr(value)
