# ruff: noqa: SIM905  (tables of words read better as text)
"""What templates show of compiled constraints."""

from __future__ import annotations

import re

from polycube_generator import ir, pretty, python
from polycube_generator.xpath.flows import unquoted

_VOCABULARY = frozenset(
    "NAN Tree after at before bit_is_set ceiling chain content count derived differs distinct "
    "divided enum_value first floor greatest implied inside least matches normalized nth nth_last "
    "number numbers one remainder rounded rows same substring text texts total translate truth "
    "unequal values within".split()
)

_HELPERS = {
    "any": ("bool", "Whether there is one."),
    "count": ("int", "How many there are."),
    "entries": ("list[Node]", "The entries of which some are meant."),
    "greatest": ("float", "The greatest of them."),
    "least": ("float", "The least of them."),
    "numbers": ("set[float]", "The numbers that are compared to."),
    "sum": ("float", "What they come to."),
    "texts": ("set[str]", "The values that are compared to."),
    "values": ("list[object]", "The values of which some are meant."),
}
"""What the functions that many conditions share return, and what it is."""


def rules_imports(functions: tuple[ir.Function | ir.Helper, ...]) -> str:
    """Return the imports of rules.py."""
    source = " ".join(unquoted(function.code) for function in functions)
    used = {
        name for name in _VOCABULARY if re.search(rf"(?<![\w.]){name}\(|\b{name}\b(?=\W*$)", source)
    }
    if "NAN" in source:
        used.add("NAN")
    if any(isinstance(function, ir.Function) for function in functions):
        used.add("Tree")
    used.add("Node")
    own = python.imports("polycube_runtime.support.xpath", used)
    return python.import_block(["from __future__ import annotations"], [own])


def is_constant(item: ir.Function | ir.Helper) -> bool:
    """Tell whether something is a constant, in spite of its class."""
    return isinstance(item, ir.Helper) and not item.parameter


def function(item: ir.Function | ir.Helper) -> str:
    """Return a function, or a constant, as source."""
    if isinstance(item, ir.Helper):
        return _helper(item)
    words = set(re.findall(r"\b(tree|this|up)\d*\b", unquoted(item.code)))
    is_object = re.search(r"\bthis\.get\(", unquoted(item.code))
    this = "this: Node" if is_object else "this: object"
    given = {"tree": "tree: Tree", "this": this, "up": "*up: Node"}
    parameters = [text if name in words else _unused(text) for name, text in given.items()]
    head = python.definition(f"def {item.name}", tuple(parameters), " -> bool:", 0)
    code = _ancestors(item.code)
    return f"{head}\n    {python.docstring(item.text, 1)}\n    {pretty.returned(code, 1)}"


def _unused(parameter: str) -> str:
    return f"*_{parameter[1:]}" if parameter.startswith("*") else f"_{parameter}"


def _ancestors(code: str) -> str:
    """Return code in which ``up1``, the parent, is the first of the function's ``up``."""
    parts = re.split(r"(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')", code)
    parts[::2] = (
        re.sub(r"\bup(\d+)\b", lambda f: f"up[{int(f[1]) - 1}]", part) for part in parts[::2]
    )
    return "".join(parts)


def _helper(item: ir.Helper) -> str:
    if not item.parameter:
        return pretty.assigned(item.name, item.code)
    returns, about = _HELPERS[item.kind]
    name = "root" if item.parameter == "root" else "above"
    head = f"def {item.name}({name}: Node) -> {returns}:"
    code = re.sub(rf"\b{item.parameter}\b", name, item.code)
    return f'{head}\n    """{about}"""\n    {pretty.returned(code, 1)}'
