"""Settings: defaults, below the user's file, below the environment (``POLYCUBECTL_*``).

The file is flat: ``name: value`` lines and ``#`` comments. It is read line by line here, since a
YAML parser would double the run time of every call for seven settings. Environment variables count
with or without a file (the original ignores them without one).
"""

from __future__ import annotations

import os

from polycube_client.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = ".config/polycube/polycubectl_config.yaml"
"""Where the settings are, below the home directory."""
NAMES = ("url", "debug", "expert", "singleparameterworkaround", "cacert", "cert", "key")
SWITCHES = ("debug", "expert", "singleparameterworkaround")
ENVIRONMENT = ("url", "debug", "expert", "cacert", "cert", "key")
"""The settings that ``POLYCUBECTL_<NAME>`` overrides."""
SOCKET = "/run/polycube/polycube.sock"
"""Where a daemon of the default name and run folder listens, beside TCP."""
_WORDS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(
    ("false", "0", "no", "off", ""), False
)


class Settings:
    """What the client needs to know.

    ``url``: of the daemon, ``http://``, ``https://`` or ``unix:///path``, default
    `default_url`. ``debug``: show requests, replies and tracebacks on standard error.
    ``expert``: list the commands that load and unload services in the help. ``single_parameter``:
    send ``set`` with one parameter to the leaf itself. ``cacert``, ``cert``, ``key``: PEM files,
    for ``https://`` (empty: the system's authorities, no client certificate).
    """

    __slots__ = ("cacert", "cert", "debug", "expert", "key", "single_parameter", "url")

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        texts = values or {}
        switches = {name: _switch(name, texts[name]) for name in SWITCHES if name in texts}
        self.url = texts.get("url") or default_url()
        self.debug = switches.get("debug", False)
        self.expert = switches.get("expert", False)
        self.single_parameter = switches.get("singleparameterworkaround", True)
        self.cacert = texts.get("cacert", "")
        self.cert = texts.get("cert", "")
        self.key = texts.get("key", "")


def default_url() -> str:
    """Return the address to use when none is set.

    The daemon's socket if it is there and this user may use it (it says who may, which TCP cannot),
    else the original's ``http://localhost:9000``.
    """
    return f"unix://{SOCKET}" if os.access(SOCKET, os.W_OK) else "http://localhost:9000"


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings of the user that ``environment`` describes.

    Raise `UsageError` on a file or variable that makes no sense: a misspelt ``url`` that were only
    skipped would send commands to another daemon.
    """
    values: dict[str, str] = {}
    if home := environment.get("HOME"):
        path = f"{home}/{FILE}"
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 6 ms
                values = parse(file.read(), path)
        except (FileNotFoundError, NotADirectoryError):
            pass  # every setting has a default
        except (OSError, UnicodeDecodeError) as error:
            msg = f"cannot read {path}: {getattr(error, 'strerror', None) or error}"
            raise UsageError(msg) from None
    for name in ENVIRONMENT:
        if text := environment.get(f"POLYCUBECTL_{name.upper()}"):
            values[name] = text
    return Settings(values)


def parse(text: str, path: str) -> dict[str, str]:
    """Read ``name: value`` lines; raise `UsageError` with file and line for anything else."""
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith(("#", "---")):
            continue
        name, colon, value = content.partition(":")
        if not colon or name.strip() not in NAMES:
            names = ", ".join(NAMES)
            msg = f"{path}, line {number}: '{content}'; expected 'name: value', name one of {names}"
            raise UsageError(msg)
        values[name.strip()] = _scalar(value.strip())
    return values


def _scalar(text: str) -> str:
    for quote in ('"', "'"):
        if text.startswith(quote):
            return text[1:].partition(quote)[0]
    return "" if text.startswith("#") else text.partition(" #")[0].rstrip()


def _switch(name: str, text: str) -> bool:
    try:
        return _WORDS[text.lower()]
    except KeyError:
        msg = f"setting {name}: '{text}'; expected true or false"
        raise UsageError(msg) from None
