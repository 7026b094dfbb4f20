"""What changed choices mean to clients: names of choices and cases are not in their data.

So what counts is which nodes exclude each other, and which of them there must be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from polycube_generator import ir

Choices = tuple["ir.Choice", ...]
Pair = tuple[str, str]


def changes(old: Choices, new: Choices, known: Collection[str]) -> Iterator[tuple[bool, str]]:
    """Yield each change of choices at one place: whether it breaks, and what it is.

    ``known`` are the nodes there, in their order, that both versions have.
    """
    before, after = dict(_pairs(old)), dict(_pairs(new))
    for one, other in _among(after.keys() - before.keys(), known):
        yield True, f"{one} and {other} exclude each other now (choice {after[one, other]})"
    for one, other in _among(before.keys() - after.keys(), known):
        yield False, f"{one} and {other} no longer exclude each other"
    yield from _needed(old, new)
    for choice in _all(new):
        if (former := _former(choice, old)) is not None:
            yield from _default(former, choice)


def excluded(name: str, choices: Choices) -> Iterator[str]:
    """Yield the nodes that exclude a node, in the order of the model."""
    yield from dict.fromkeys(other for (one, other), _ in _pairs(choices) if one == name)


def needed(name: str, choices: Choices) -> Iterator[tuple[str, ...]]:
    """Yield the members of each mandatory choice that a node is in."""
    for choice in _all(choices):
        if choice.mandatory and name in _members(choice):
            yield tuple(member for case in choice.cases for member in case.members)


def _among(pairs: Collection[Pair], known: Collection[str]) -> list[Pair]:
    """Return the pairs of known nodes, each once, in the order of the model."""
    order = {name: at for at, name in enumerate(known)}
    found = [pair for pair in pairs if set(pair) <= order.keys()]
    kept = {pair for pair in found if order[pair[0]] < order[pair[1]]}
    return sorted(kept, key=lambda pair: (order[pair[0]], order[pair[1]]))


def _pairs(choices: Choices) -> Iterator[tuple[Pair, str]]:
    """Yield two nodes that exclude each other, in both orders, and the name of the choice."""
    for choice in choices:
        for case in choice.cases:
            yield from _pairs(case.choices)
            others = (name for other in choice.cases if other is not case for name in other.members)
            yield from (((one, other), choice.name) for other in others for one in case.members)


def _needed(old: Choices, new: Choices) -> Iterator[tuple[bool, str]]:
    """Compare what is needed: one of the members of a mandatory choice."""
    for choice in _all(new):
        satisfied = any(_members(one) <= _members(choice) for one in _all(old) if one.mandatory)
        if choice.mandatory and not satisfied:
            members = ", ".join(name for case in choice.cases for name in case.members)
            yield True, f"choice {choice.name} is mandatory: one of {members}"
    for choice in _all(old):
        former = _former(choice, new)
        if choice.mandatory and (former is None or not former.mandatory):
            yield False, f"choice {choice.name} is no longer mandatory"


def _default(old: ir.Choice, new: ir.Choice) -> Iterator[tuple[bool, str]]:
    before, after = _default_members(old), _default_members(new)
    if before == after:
        return
    if not old.default:
        yield False, f"choice {new.name}: default {new.default} is new"
    elif not new.default:
        yield True, f"choice {new.name}: default {old.default} is gone"
    elif not before & after:
        yield True, f"choice {new.name}: default is {new.default}, was {old.default}"


def _default_members(choice: ir.Choice) -> set[str]:
    return {name for case in choice.cases if case.name == choice.default for name in case.members}


def _former(choice: ir.Choice, others: Choices) -> ir.Choice | None:
    """Return the choice that this one was, or is: it has the most nodes in common."""
    found = [one for one in _all(others) if _members(one) & _members(choice)]
    return max(found, key=lambda one: len(_members(one) & _members(choice)), default=None)


def _all(choices: Choices) -> Iterator[ir.Choice]:
    for choice in choices:
        yield choice
        for case in choice.cases:
            yield from _all(case.choices)


def _members(choice: ir.Choice) -> set[str]:
    return {name for case in choice.cases for name in case.members}
