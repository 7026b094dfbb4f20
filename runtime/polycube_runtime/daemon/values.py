"""How the options' values are written: one reader for flags, environment and file alike.

Each reader turns text into a value, or raises `ValueError` with what would be right.
"""

from __future__ import annotations

import logging
from pathlib import Path

LEVELS = {
    "trace": 5,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "err": logging.ERROR,
    "critical": logging.CRITICAL,
    "off": logging.CRITICAL + 10,
}
"""The original's log levels, from all to nothing, and Python's numbers for them."""
FORMATS = ("text", "json")
TEARDOWNS = ("kernel", "all")
NONE = "none"
"""What switches an option off that names a place."""
_WORDS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(
    ("false", "no", "off", "0"), False
)
_MAX_NAME = 12


def port(text: str) -> int:
    """Read a TCP port."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        message = f"'{text}' is not a port; expected 1 to 65535"
        raise ValueError(message)
    return int(text)


def name(text: str) -> str:
    """Read an instance's name: it starts those of netdevs, which have 15 characters at most."""
    if not (text.isascii() and text.isalnum()) or len(text) > _MAX_NAME:
        message = f"'{text}' is not a name; expected 1 to {_MAX_NAME} letters and digits"
        raise ValueError(message)
    return text


def address(text: str) -> str:
    """Read an address or host name to listen on, or "none"."""
    if not text or any(letter.isspace() or letter in "/[]" for letter in text):
        message = f"'{text}' is not an address; expected one such as localhost, 0.0.0.0 or ::1"
        raise ValueError(message)
    return text


def switch(text: str) -> bool:
    """Read yes or no."""
    try:
        return _WORDS[text.lower()]
    except KeyError:
        message = f"'{text}' is neither true nor false"
        raise ValueError(message) from None


def path(text: str) -> Path:
    """Read a file or folder; a relative one is taken from here, wherever the daemon goes."""
    if not text:
        message = "a path is missing"
        raise ValueError(message)
    return Path(text).absolute()


def path_or_none(text: str) -> Path | None:
    """Read a file, or "none"."""
    return None if text == NONE else path(text)


def level(text: str) -> str:
    """Read a log level."""
    return _one_of(text.lower(), tuple(LEVELS))


def log_format(text: str) -> str:
    """Read the form of log lines."""
    return _one_of(text, FORMATS)


def teardown(text: str) -> str:
    """Read how much a teardown removes."""
    return _one_of(text, TEARDOWNS)


def hosts(text: str) -> tuple[str, ...]:
    """Read a list of host names, separated by commas."""
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not found:
        message = "expected host names separated by commas, or * for any"
        raise ValueError(message)
    return found


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        message = f"'{text}' is unknown; expected one of {', '.join(words)}"
        raise ValueError(message)
    return text
