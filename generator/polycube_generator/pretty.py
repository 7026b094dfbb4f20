"""A Python expression laid out as ruff's formatter leaves it, from its text on one line."""

from __future__ import annotations

import ast

from polycube_generator.python import WIDTH

_STEP = " " * 4
_LINE = "\n"


def returned(code: str, indent: int) -> str:
    """Return ``return code``, on several lines if it is long."""
    flat = f"return {code}"
    if len(_STEP) * indent + len(flat) <= WIDTH:
        return flat
    tree = ast.parse(code, mode="eval").body
    negated = isinstance(tree, ast.UnaryOp) and isinstance(tree.operand, ast.Call)
    if negated or isinstance(tree, ast.Call | ast.Set | ast.List):
        return f"return {_Layout(code).broken(tree, indent)}"
    if isinstance(tree, ast.BoolOp | ast.Compare) and (split := _Layout(code).split(tree, indent)):
        return f"return {split}"
    inner = _STEP * (indent + 1)
    return f"return (\n{inner}{_Layout(code).lines(tree, indent + 1)}\n{_STEP * indent})"


def assigned(name: str, code: str) -> str:
    """Return ``name = code``."""
    flat = f"{name} = {code}"
    if len(flat) <= WIDTH:
        return flat
    return f"{name} = {_Layout(code).broken(ast.parse(code, mode='eval').body, 0)}"


def _word(node: ast.BoolOp) -> str:
    return "and" if isinstance(node.op, ast.And) else "or"


def _is_loose(node: ast.expr) -> bool:
    """Tell whether something is in brackets as a side of a comparison."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    return isinstance(node, ast.IfExp | ast.BoolOp | ast.Compare)


class _Layout:
    """Breaks what does not fit; the text of what does stays as it is."""

    def __init__(self, code: str) -> None:
        self.code = code.encode()  # the columns of ast are bytes

    def text(self, node: ast.expr) -> str:
        return self.code[node.col_offset : node.end_col_offset].decode()

    def fits(self, text: str, indent: int, spare: int = 0) -> bool:
        return len(_STEP) * indent + len(text) + spare <= WIDTH

    def split(self, node: ast.BoolOp | ast.Compare, indent: int) -> str:
        """Return two operands of which one or both are broken in their brackets, if they can be.

        ruff puts brackets around both unless one of them is at an end of the whole.
        """
        match node:
            case ast.BoolOp(values=[first, last]):
                word = _word(node)
            case ast.Compare(left=first, comparators=[last]):
                if _is_loose(first) or _is_loose(last):
                    return ""
                word = self.operator(node)
            case _:
                return ""
        if not (isinstance(first, ast.BoolOp) or self._closes(last)):
            return ""
        head, body = self.parenthesised(first), self.operand_broken(last, indent)
        if self.fits(f"return {head} {word} {body.partition(_LINE)[0]}", indent):
            return f"{head} {word} {body}"
        head = self.operand_broken(first, indent)
        tail = self.parenthesised(last)
        if not self.fits(f") {word} {tail}", indent):
            tail = body
        return f"{head} {word} {tail}"

    def _closes(self, node: ast.expr) -> bool:
        """Tell whether a bracket is the last of an operand."""
        if isinstance(node, ast.UnaryOp):
            return self._closes(node.operand)
        if isinstance(node, ast.Compare):
            return self._closes(node.comparators[-1])
        return isinstance(node, ast.Call | ast.BoolOp)

    def operand_broken(self, node: ast.expr, indent: int) -> str:
        if isinstance(node, ast.BoolOp | ast.Compare):
            # A comparison gets brackets, without which ruff would break it in the middle.
            return f"(\n{_STEP * (indent + 1)}{self.lines(node, indent + 1)}\n{_STEP * indent})"
        return self.broken(node, indent)

    def lines(self, node: ast.expr, indent: int) -> str:
        """Return an expression whose operands are on lines of their own."""
        text = self.text(node)
        if self.fits(text, indent) or isinstance(node, ast.IfExp):
            return text
        if isinstance(node, ast.Compare):
            return self.compared(node, indent)
        if isinstance(node, ast.BoolOp):
            word = _word(node)
            first, *rest = node.values
            lines = [self.operand(first, indent, 0)]
            lines += [f"{word} {self.operand(one, indent, len(word) + 1)}" for one in rest]
            return f"\n{_STEP * indent}".join(lines)
        return self.broken(node, indent)

    def operand(self, node: ast.expr, indent: int, before: int) -> str:
        text = self.parenthesised(node)
        if self.fits(text, indent, before):
            return text
        inner = _STEP * (indent + 1)
        if isinstance(node, ast.BoolOp):
            return f"(\n{inner}{self.lines(node, indent + 1)}\n{_STEP * indent})"
        if isinstance(node, ast.Compare):
            return self.compared(node, indent, before)
        return self.broken(node, indent)

    def parenthesised(self, node: ast.expr) -> str:
        text = self.text(node)
        return f"({text})" if isinstance(node, ast.BoolOp | ast.IfExp) else text

    def broken(self, node: ast.expr, indent: int) -> str:
        """Return an expression with what is in its outermost brackets on lines of its own."""
        inner, outer = _STEP * (indent + 1), _STEP * indent
        match node:
            case ast.Call(args=[ast.GeneratorExp() as generator]):
                body = self.generator(generator, indent + 1)
                return f"{self.text(node.func)}(\n{inner}{body}\n{outer})"
            case ast.Call(args=arguments, keywords=named) if arguments:
                items = [self.item(argument, indent + 1) for argument in arguments]
                items += [f"{one.arg}={self.text(one.value)}" for one in named]
                body = "".join(f"{inner}{item},\n" for item in items)
                return f"{self.text(node.func)}(\n{body}{outer})"
            case ast.Set(elts=elements) | ast.List(elts=elements):
                body = "".join(f"{inner}{self.item(one, indent + 1)},\n" for one in elements)
                opening, closing = "{}" if isinstance(node, ast.Set) else "[]"
                return f"{opening}\n{body}{outer}{closing}"
            case ast.ListComp():
                return f"[\n{inner}{self.clauses(node, indent + 1)}\n{outer}]"
            case ast.Dict(keys=keys, values=values):
                pairs = zip(map(self.text, filter(None, keys)), values, strict=True)
                body = "".join(
                    f"{inner}{key}: {self.item(value, indent + 1)},\n" for key, value in pairs
                )
                return f"{{\n{body}{outer}}}"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"not {self.broken(operand, indent)}"
            case ast.BoolOp():
                return f"(\n{inner}{self.lines(node, indent + 1)}\n{outer})"
            case ast.Compare():
                return self.compared(node, indent)
            case ast.IfExp():
                return f"({self.text(node)})"
            case _:
                return self.text(node)

    def compared(self, node: ast.Compare, indent: int, before: int = 0) -> str:
        """Return a comparison whose operator begins a line."""
        left, right, word = node.left, node.comparators[0], self.operator(node)
        first = self.bracketed(left, self.text(left))
        if not (_is_loose(left) or self.fits(first, indent, before)):
            first = self.broken(left, indent)
        text = self.bracketed(right, self.text(right))
        if not (_is_loose(right) or self.fits(f"{word} {text}", indent)):
            text = self.broken(right, indent)
        return f"{first}\n{_STEP * indent}{word} {text}"

    def operator(self, node: ast.Compare) -> str:
        left, right = node.left, node.comparators[0]
        return self.code[left.end_col_offset : right.col_offset].decode().strip(" ()")

    def bracketed(self, node: ast.expr, text: str) -> str:
        """Return a side of a comparison, in the brackets that are no part of it for ast."""
        return f"({text})" if _is_loose(node) else text

    def item(self, node: ast.expr, indent: int) -> str:
        text = self.text(node)
        return text if self.fits(text, indent, 1) else self.broken(node, indent)

    def generator(self, node: ast.GeneratorExp, indent: int) -> str:
        text = (
            self.text(node).removeprefix("(").removesuffix(")")
            if self._own(node)
            else self.text(node)
        )
        return text if self.fits(text, indent) else self.clauses(node, indent)

    def clauses(self, node: ast.GeneratorExp | ast.ListComp, indent: int) -> str:
        """Return a comprehension without its brackets, each clause on a line."""
        parts = [self.item(node.elt, indent)]
        for clause in node.generators:
            source = f"for {self.text(clause.target)} in "
            text = self.text(clause.iter)
            fits = self.fits(source + text, indent)
            parts.append(source + (text if fits else self.broken(clause.iter, indent)))
            parts += [f"if {self.item(test, indent)}" for test in clause.ifs]
        return f"\n{_STEP * indent}".join(parts)

    def _own(self, node: ast.GeneratorExp) -> bool:
        return self.text(node).startswith("(") and self.text(node).endswith(")")
