"""Where RESTCONF is: `/.well-known/host-meta` (RFC 8040, section 3.1; RFC 6415)."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

_XML, _JSON = "application/xrd+xml", "application/json"


def types(path: str) -> tuple[str, ...]:
    """Return the media type of the document at `path`."""
    return (_JSON,) if path.endswith(".json") else (_XML, "application/xml")


def answer(path: str, root: str) -> Response:
    """Answer the document: that RESTCONF is at `root`."""
    if path.endswith(".json"):
        links = {"links": [{"rel": "restconf", "href": root}]}
        return Response(msgspec.json.encode(links), media_type=_JSON)
    text = (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n"
        f"  <Link rel='restconf' href='{root}'/>\n"
        "</XRD>\n"
    )
    return Response(text, media_type=_XML)
