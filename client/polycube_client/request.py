"""From an `Invocation` to the one HTTP request it means: method, path, body.

==================  ========  ==========================================================
command             method    path and body
==================  ========  ==========================================================
none (an action)    POST      words; parameters as an object
``add``             POST      words; parameters as an object
``set``             PATCH     words; parameters as an object, or for exactly one parameter
                              the leaf's path and its bare value
``show``            GET       words
``del``             DELETE    words
ending in ``?``     OPTIONS   words, ``?help=<COMMAND or NONE>``
==================  ========  ==========================================================

``-dry-run`` adds ``?dry-run`` to whatever changes something.

Aliases, whose first word is a daemon-level route: `PAIRS` name two things, `LISTINGS` are shown by
default.
"""

from __future__ import annotations

import json

from polycube_client.errors import UsageError
from polycube_client.values import guess_any, merge, nest, split_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json, JsonObject
    from polycube_client.values import Convert

METHODS = {"": "POST", "add": "POST", "set": "PATCH", "show": "GET", "del": "DELETE"}
LISTINGS = ("cubes", "netdevs", "services", "topology", "version")
OWN_WORDS = ("apply", "diff", "export", "events", "completion")
"""First words that the client understands by itself; the others are the daemon's."""
PAIRS = {
    "connect": ("peer1", "peer2"),
    "disconnect": ("peer1", "peer2"),
    "attach": ("cube", "port"),
    "detach": ("cube", "port"),
}
"""The members that the two words after the alias fill."""
DRY_RUN = "dry-run"
"""The query that has the daemon tell what a request would change, and change nothing."""
_PLACES = ("position", "after", "before")

# RFC 3986 `pchar` without `%`, `;` and `,`: what Go's PathEscape leaves alone too.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+:=@")


class Request:
    """One request, relative to the root of the API.

    ``path`` is percent-encoded and ends in ``/``, ``query`` comes without its ``?``, ``body`` is
    JSON or absent.
    """

    __slots__ = ("body", "method", "path", "query")

    def __init__(self, method: str, path: str, query: str = "", body: bytes | None = None) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.body = body

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path


def is_alias(line: Invocation, aliases: Iterable[str]) -> bool:
    """Whether ``line`` starts with one of ``aliases``: a command (``X show``) makes it a path."""
    return not line.command and bool(line.path) and line.path[0] in aliases


def method_of(line: Invocation) -> str:
    """Return the method that the words of ``line`` mean, without a final ``?``."""
    return METHODS[_command(line)]


def _command(line: Invocation) -> str:
    return "show" if is_alias(line, LISTINGS) and not line.parameters else line.command


def url_path(words: Iterable[str]) -> str:
    """Percent-encode each word and end each in ``/``: ``10.0.2.0/24`` is one segment."""
    return "".join(f"{_quote(word)}/" for word in words)


def _quote(word: str) -> str:
    raw = word.encode("utf-8", "surrogateescape")  # what is no UTF-8 goes through byte by byte
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)


def takes_body(line: Invocation) -> bool:
    """Whether standard input may hold a body for this line.

    Not for aliases: their body is complete or none, so they are safe to use in a loop that reads.
    """
    takes = line.command in {"", "add", "set"} and not is_alias(line, (*PAIRS, *LISTINGS))
    return takes and not line.wants_help


def needs_body(line: Invocation) -> bool:
    """Whether the line means nothing without a body on standard input."""
    if line.parameters or not line.path:
        return False
    return line.command == "set" or (line.command == "add" and line.path == ["cubes"])


def help_request(line: Invocation, *, completion: bool = False) -> Request:
    """Ask what can follow: as help items, or with ``completion`` as the bare words."""
    query = f"help={line.command.upper() or 'NONE'}"
    return Request("OPTIONS", url_path(line.path), query + "&completion" * completion)


def build(
    line: Invocation,
    document: Json = None,
    *,
    single_parameter: bool = True,
    convert: Convert = guess_any,
) -> Request:
    """Return the request that ``line`` means; ``document`` (standard input) lies under parameters.

    ``single_parameter``: send ``set`` with exactly one parameter to the leaf itself. Raise
    `UsageError` for a line that means no request.
    """
    if line.wants_help:
        return help_request(line)
    request = _meant(line, document, single_parameter, convert)
    if "dry-run" in line.switches:
        if request.method == "GET":
            msg = "'-dry-run' is for commands that change something, and this one only shows"
            raise UsageError(msg)
        request.query = DRY_RUN
    return request


def _meant(
    line: Invocation,
    document: Json,
    single_parameter: bool,  # noqa: FBT001 - as `build` has it
    convert: Convert,
) -> Request:
    if is_alias(line, PAIRS):
        return _pair(line)
    command, method = _command(line), method_of(line)
    if method in {"GET", "DELETE"}:
        return _without_body(method, command, line)
    if not line.path:
        msg = f"'{command}' of what? Name a path, as in: polycubectl simplebridge add br1"
        raise UsageError(msg)
    if document is None and needs_body(line):
        what = "cubes" if command == "add" else "key=value, or an object"
        msg = f"nothing to {command}; give {what} on standard input"
        raise UsageError(msg)
    if command == "set" and single_parameter and document is None and len(line.parameters) == 1:
        return _one_leaf(line, convert)
    return Request(method, url_path(line.path), body=_encode(_body(line, document, convert)))


def _without_body(method: str, command: str, line: Invocation) -> Request:
    if line.parameters:
        msg = f"'{command}' takes no parameters, but '{line.parameters[0][0]}=…' is given"
        raise UsageError(msg)
    if method == "DELETE" and not line.path:
        msg = "'del' of what? Name a path, as in: polycubectl simplebridge del br1"
        raise UsageError(msg)
    return Request(method, url_path(line.path))


def _pair(line: Invocation) -> Request:
    alias, *things = line.path
    members = PAIRS[alias]
    allowed = _PLACES if alias == "attach" else ()
    if len(things) != len(members) or any(key not in allowed for key, _ in line.parameters):
        from polycube_client.usage import SYNTAX  # noqa: PLC0415 - for the one who errs

        syntax = SYNTAX[alias].partition("\n")[0]
        msg = f"'{alias}' is used as: polycubectl {syntax}"
        raise UsageError(msg)
    # All of these are names: a netdev called "10" is a string, so nothing is converted.
    body = nest([*zip(members, things, strict=True), *line.parameters], lambda _path, text: text)
    return Request("POST", url_path([alias]), body=_encode(body))


def _one_leaf(line: Invocation, convert: Convert) -> Request:
    (key, text) = line.parameters[0]
    names = split_key(key)
    return Request("PATCH", url_path([*line.path, *names]), body=_encode(convert(names, text)))


def _body(line: Invocation, document: Json, convert: Convert) -> Json:
    """Join the parameters and the document.

    A document that is not an object, or not the one around it, is the value of the parameter left
    empty: ``rules= < rules.json`` takes ``[…]`` as well as ``{"rules": […]}``.
    """
    empty = [key for key, text in line.parameters if not text]
    # Plain text never fills it: `set peer=` in a loop that reads a pipe would take the rest of it.
    slot = empty[0] if isinstance(document, dict | list) and len(empty) == 1 else ""
    if not slot:
        return _joined(nest(line.parameters, convert), document)
    others = [(key, text) for key, text in line.parameters if key != slot]
    if not (isinstance(document, dict) and split_key(slot)[0] in document):
        for name in reversed(split_key(slot)):
            document = {name: document}
    return _joined(nest(others, convert), document)


def _joined(parameters: JsonObject, document: Json) -> Json:
    if document is None:
        return parameters
    if isinstance(document, dict):
        return merge(document, parameters)
    if isinstance(document, list) and not parameters:
        return document
    kind = "a list" if isinstance(document, list) else "plain text, neither an object nor a list"
    msg = (
        f"standard input holds {kind}, which does not fit this command; "
        "use < /dev/null if it is not meant for polycubectl"
    )
    raise UsageError(msg)


def _encode(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogateescape")
