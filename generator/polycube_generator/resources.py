"""Where the templates, the models and pyang's own modules are: in a checkout or a wheel."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parents[1]


def checkout() -> Path | None:
    """Return the root of the repository that this package is in, or None if it is installed."""
    return _ROOT if (_ROOT / "templates").is_dir() and (_ROOT / "generator").is_dir() else None


def templates() -> Path:
    """Return the folder of the jinja2 templates."""
    return _data("templates")


def models() -> Path:
    """Return the folder of the YANG modules."""
    return _data("yang")


def standard_models() -> Path:
    """Return the folder of the IETF and IANA modules that pyang brings along."""
    import pyang  # noqa: PLC0415  (plugin.py must load without the cost)

    installed = Path(pyang.__file__).resolve().parents[4] / "share" / "yang" / "modules"
    return installed if installed.is_dir() else Path(sys.prefix) / "share" / "yang" / "modules"


def _data(name: str) -> Path:
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _ROOT / name
