"""A Python expression laid out as ruff's formatter leaves it, from its text on one line."""

from __future__ import annotations

import ast

from polycube_generator.python import WIDTH

_STEP = " " * 4


def returned(code: str, indent: int) -> str:
    """Return ``return code``, on several lines if it is long."""
    flat = f"return {code}"
    if len(_STEP) * indent + len(flat) <= WIDTH:
        return flat
    tree = ast.parse(code, mode="eval").body
    if isinstance(tree, ast.Call | ast.Set | ast.List):
        return f"return {_Layout(code).broken(tree, indent)}"
    if isinstance(tree, ast.BoolOp) and (split := _Layout(code).split_last(tree, indent)):
        return f"return {split}"
    inner = _STEP * (indent + 1)
    return f"return (\n{inner}{_Layout(code).lines(tree, indent + 1)}\n{_STEP * indent})"


def assigned(name: str, code: str) -> str:
    """Return ``name = code``."""
    flat = f"{name} = {code}"
    if len(flat) <= WIDTH:
        return flat
    return f"{name} = {_Layout(code).broken(ast.parse(code, mode='eval').body, 0)}"


class _Layout:
    """Breaks what does not fit; the text of what does stays as it is."""

    def __init__(self, code: str) -> None:
        self.code = code.encode()  # the columns of ast are bytes

    def text(self, node: ast.expr) -> str:
        return self.code[node.col_offset : node.end_col_offset].decode()

    def fits(self, text: str, indent: int, spare: int = 0) -> bool:
        return len(_STEP) * indent + len(text) + spare <= WIDTH

    def split_last(self, node: ast.BoolOp, indent: int) -> str:
        """Return two operands of which the last is broken in its brackets, if that is enough."""
        if len(node.values) != 2 or not self.all().endswith(")"):  # noqa: PLR2004
            return ""
        first, last = node.values
        if not isinstance(
            last.operand if isinstance(last, ast.UnaryOp) else last, ast.Call | ast.BoolOp
        ):
            return ""
        word = "and" if isinstance(node.op, ast.And) else "or"
        head = f"{self.parenthesised(first)} {word} "
        body = self.operand_broken(last, indent)
        opening = body.partition("\n")[0]
        return f"{head}{body}" if self.fits(f"return {head}{opening}", indent) else ""

    def operand_broken(self, node: ast.expr, indent: int) -> str:
        if isinstance(node, ast.BoolOp):
            inner, text = _STEP * (indent + 1), self.text(node)
            body = text if self.fits(text, indent + 1) else self.lines(node, indent + 1)
            return f"(\n{inner}{body}\n{_STEP * indent})"
        return self.broken(node, indent)

    def all(self) -> str:
        return self.code.decode()

    def lines(self, node: ast.expr, indent: int) -> str:
        """Return an expression whose operands are on lines of their own."""
        text = self.text(node)
        if isinstance(node, ast.Compare) and not self.fits(text, indent):
            return self.compared(node, indent)
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            first, *rest = (self.operand(value, indent) for value in node.values)
            return f"\n{_STEP * indent}".join([first, *(f"{word} {operand}" for operand in rest)])
        return text if self.fits(text, indent) else self.broken(node, indent)

    def operand(self, node: ast.expr, indent: int) -> str:
        text = self.parenthesised(node)
        if self.fits(text, indent, 4):
            return text
        inner = _STEP * (indent + 1)
        if isinstance(node, ast.BoolOp):
            return f"(\n{inner}{self.lines(node, indent + 1)}\n{_STEP * indent})"
        return self.broken(node, indent)

    def parenthesised(self, node: ast.expr) -> str:
        text = self.text(node)
        return f"({text})" if isinstance(node, ast.BoolOp) else text

    def broken(self, node: ast.expr, indent: int) -> str:
        """Return an expression with what is in its outermost brackets on lines of its own."""
        inner, outer = _STEP * (indent + 1), _STEP * indent
        match node:
            case ast.Call(args=[ast.GeneratorExp() as generator]):
                body = self.generator(generator, indent + 1)
                return f"{self.text(node.func)}(\n{inner}{body}\n{outer})"
            case ast.Call(args=arguments) if arguments:
                items = [self.item(argument, indent + 1) for argument in arguments]
                body = "".join(f"{inner}{item},\n" for item in items)
                return f"{self.text(node.func)}(\n{body}{outer})"
            case ast.Set(elts=elements) | ast.List(elts=elements):
                body = "".join(f"{inner}{self.item(one, indent + 1)},\n" for one in elements)
                opening, closing = "{}" if isinstance(node, ast.Set) else "[]"
                return f"{opening}\n{body}{outer}{closing}"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"not {self.broken(operand, indent)}"
            case ast.BoolOp():
                return f"(\n{inner}{self.lines(node, indent + 1)}\n{outer})"
            case ast.Compare():
                return self.compared(node, indent)
            case _:
                return self.text(node)

    def compared(self, node: ast.Compare, indent: int) -> str:
        """Return a comparison whose operator begins a line."""
        left, right = node.left, node.comparators[0]
        operator = self.code[left.end_col_offset : right.col_offset].decode().strip(" ()")
        return f"{self.item(left, indent)}\n{_STEP * indent}{operator} {self.text(right)}"

    def item(self, node: ast.expr, indent: int) -> str:
        text = self.text(node)
        return text if self.fits(text, indent, 1) else self.broken(node, indent)

    def generator(self, node: ast.GeneratorExp, indent: int) -> str:
        text = (
            self.text(node).removeprefix("(").removesuffix(")")
            if self._own(node)
            else self.text(node)
        )
        if self.fits(text, indent):
            return text
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
