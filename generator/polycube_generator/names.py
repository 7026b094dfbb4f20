# ruff: noqa: SIM905  (tables of words read better as text)
"""Names: from YANG's kebab-case to identifiers of Python and C.

The tables of reserved words are frozen here, not taken from the running interpreter: the same
model gives the same code everywhere.
"""

from __future__ import annotations

import re
from functools import cache

_PYTHON_KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except "
    "finally for from global if import in is lambda nonlocal not or pass raise return self try "
    "while with yield".split()
)

# Names that generated annotations use: a field of such a name would hide them in its class.
_PYTHON_ANNOTATIONS = frozenset("bool bytes dict field float int list object str tuple".split())

# Attributes of support.ControlPlane: an action of such a name would replace them.
_CONTROL_PLANE = frozenset(
    "SERVICE cube datapath generated log maps name on_packet ports reload start stop".split()
)

# Names that the generated modules import or define for themselves.
_PYTHON_CLASSES = frozenset(
    "ABC ControlPlane Decimal False None SERVICE StrEnum Struct True UNSET UnsetType".split()
)

_C_KEYWORDS = frozenset(
    "asm auto bool break case char const continue default do double else enum extern false float "
    "for goto if inline int long register restrict return short signed sizeof static struct "
    "switch true typedef typeof union unsigned void volatile while "
    "u8 u16 u32 u64 s8 s16 s32 s64 __be16 __be32 __be64".split()
)

# Members that bcc reads as calls when a map of that name has them, and what it defines itself.
_BCC_NAMES = frozenset(
    "ctx delete insert lookup lookup_or_init lookup_or_try_init md perf_submit update "
    "atomic_increment increment call get_stackid push peek pop redirect_map linux unix".split()
)

INTERFACE_WORDS = frozenset(
    "add apply attach completion connect cubes del detach diff disconnect events export metrics "
    "netdevs reload services set show topology version".split()
)
"""Words of REST and polycubectl, which a service of that name would hide (the daemon's are tested
to be among them)."""


@cache
def words(name: str) -> tuple[str, ...]:
    """Split a YANG name at everything that is neither a letter nor a digit."""
    return tuple(word for word in re.split(r"[^A-Za-z0-9]+", name) if word)


def snake(*names: str) -> str:
    """``aging-time`` to ``aging_time``; several names are joined."""
    return "_".join(word.lower() for name in names for word in words(name)) or "_"


def camel(*names: str) -> str:
    """``fdb entry`` to ``FdbEntry``."""
    parts = (word for name in names for word in words(name))
    return "".join(word[0].upper() + word[1:] for word in parts)


def python_field(name: str) -> str:
    """Return the name of a struct's field or a parameter."""
    return _avoid(snake(name), _PYTHON_KEYWORDS | _PYTHON_ANNOTATIONS)


def python_attr(path: tuple[str, ...]) -> str:
    """Return the identifier made of a whole path."""
    return _avoid(snake(*path), _PYTHON_KEYWORDS)


def python_method(attr: str) -> str:
    """Return the name of an action's method."""
    return _avoid(attr, _CONTROL_PLANE)


def python_class(*names: str) -> str:
    """Return the name of a generated class."""
    return _avoid(camel(*names), _PYTHON_CLASSES)


def c_identifier(name: str) -> str:
    """Return the name of a member of a C struct."""
    return _avoid(snake(name), _C_KEYWORDS)


def constant(name: str) -> str:
    """``dynamic`` to ``DYNAMIC``, for members of enumerations; never starts with a digit."""
    text = "_".join(word.upper() for word in words(name))
    if not text:
        text = "_".join(f"U{ord(char):04X}" for char in name)
    return f"V{text}" if text[0].isdigit() else text


def is_c_identifier(name: str) -> bool:
    """Tell whether C and bcc accept ``name`` as that of a map."""
    return is_c_member(name) and name not in _BCC_NAMES


def is_c_member(name: str) -> bool:
    """Tell whether C accepts ``name`` as that of a member."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None and name not in _C_KEYWORDS


def is_service(name: str) -> bool:
    """Tell whether ``name`` will do for a service: a word in URLs, a package in Python."""
    plain = re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name)
    return plain is not None and name not in _PYTHON_KEYWORDS | _PYTHON_ANNOTATIONS


def package(module: str) -> str:
    """Return the name of a module's package: ``ietf-interfaces`` is ``ietf_interfaces``."""
    name = snake(module)
    return _avoid(f"m{name}" if name[0].isdigit() else name, _PYTHON_KEYWORDS)


def _avoid(name: str, reserved: frozenset[str]) -> str:
    return f"{name}_" if name in reserved else name
