"""The pyang plugin: validates the project's extensions, and emits with ``-f polycube``.

pyang imports this module at every start, in every environment that has this package, so it
imports nothing that can fail or takes time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyang import error, plugin

from polycube_generator import bindings, deviations

if TYPE_CHECKING:
    from typing import TextIO

ERROR = "POLYCUBE"
"""The tag of our errors among pyang's."""

_FORMAT = "polycube"
_registered = False


class PolycubePlugin(plugin.PyangPlugin):  # type: ignore[misc]
    """``pyang -f polycube --polycube-out DIR yang/nat.yang``."""

    def __init__(self) -> None:
        """Name the plugin."""
        super().__init__(_FORMAT)
        self.multiple_modules = True

    def add_output_format(self, fmts: dict[str, Any]) -> None:
        """Offer the format."""
        fmts[_FORMAT] = self

    def add_opts(self, optparser: Any) -> None:
        """Add the option for where to write."""
        optparser.add_option(
            "--polycube-out",
            dest="polycube_out",
            metavar="DIR",
            help="folder for the packages of the services",
        )

    def post_validate_ctx(self, ctx: Any, modules: list[Any]) -> None:
        """Tell what is wrong with services among pyang's own errors."""
        validate(ctx, modules)

    def emit(self, ctx: Any, modules: list[Any], fd: TextIO) -> None:
        """Write the packages of ``modules``; pyang calls this even if it has found errors."""
        from polycube_generator import emit, publish, resolve  # noqa: PLC0415
        from polycube_generator.problems import GeneratorError  # noqa: PLC0415

        if not ctx.opts.polycube_out:
            message = "-f polycube needs --polycube-out DIR"
            raise error.EmitError(message)
        if any(error.is_error(error.err_level(tag)) for _, tag, _ in ctx.errors):
            message = "nothing is written: the models have errors"
            raise error.EmitError(message)
        services = [module.i_polycube for module in modules if resolve.is_service(module)]
        try:
            written = publish.write(ctx.opts.polycube_out, emit.render(services))
        except GeneratorError as failure:
            raise error.EmitError(str(failure)) from None
        fd.writelines(f"{path}\n" for path in written)


def pyang_plugin_init() -> None:
    """Register with pyang; its plugin loader calls this. Doing it twice is harmless."""
    global _registered  # noqa: PLW0603  (what we register with is global in pyang, too)
    if _registered:
        return
    _registered = True
    plugin.register_plugin(PolycubePlugin())
    bindings.register()
    deviations.register()
    error.add_error_code(ERROR, 1, "%s")


def validate(ctx: Any, modules: list[Any]) -> None:
    """Resolve the services among ``modules``, but those in which pyang itself has found errors.

    Not as a phase of pyang's validation, which takes one module after the other: what a later one
    augments or deviates is there only at the end.
    """
    from polycube_generator import resolve  # noqa: PLC0415

    for module in modules:
        if resolve.is_service(module) and not _has_errors(ctx, module):
            _resolve(ctx, module)


def _resolve(ctx: Any, module: Any) -> None:
    from polycube_generator import parsing, resolve  # noqa: PLC0415

    module.i_polycube, problems = resolve.service(module)
    for problem in problems:
        at = problem.place
        position = parsing.Position(error.Position(at.file), at.line, at.column)
        position.top = module
        error.err_add(ctx.errors, position, ERROR, problem.message)


def _has_errors(ctx: Any, module: Any) -> bool:
    """Tell whether there are errors in ``module`` or in what it imports."""
    imported = {name for name, _ in module.i_prefixes.values()} | {module.arg}
    found = (pos for pos, tag, _ in ctx.errors if error.is_error(error.err_level(tag)))
    return any(pos.top is None or pos.top.arg in imported for pos in found)
