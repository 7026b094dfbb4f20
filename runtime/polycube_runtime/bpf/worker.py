"""The compiler's process: bcc, and through it clang, away from the daemon.

Stand-alone and stdlib-only, so that it runs under whichever Python sees Debian's python3-bpfcc. It
reads one JSON request a line and answers one JSON line:

    {"source": C text, "flags": [...], "functions": {"pcn_main": "TC"}, "explain": bool}
    {"maps": {...}, "programs": {...}}     programs' instructions in base64, map references by name
    {"error": clang's words}               it does not compile
    {"log": the verifier's words, "rewritten": C text}
                                           explain: loaded through bcc, whose debug info has C
                                           lines, counted in the text as bcc rewrote it
    {"missing": what}                      bcc itself is not there
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

Reply = dict[str, Any]
INSN = 8
LD_IMM64 = 0x18
PSEUDO_MAP_FD = 1
DEVMAP_HASH = 25


class Captured:
    """What is written to file descriptor 2 meanwhile: libbcc and clang speak no other way.

    That is a file of the parent's, which finds there the last words of a process that clang ended.
    """

    def __enter__(self) -> Self:
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)
        return self

    def __exit__(self, *_: object) -> None:
        size = os.fstat(2).st_size
        self.text = os.pread(2, size, 0).decode(errors="replace")


def marked(library: Any, module: Any) -> dict[str, str]:
    """Return what functions that pcn/compat.h put beside tables say: table's name to scope."""
    library.bpf_function_name.restype = ctypes.c_char_p
    library.bpf_function_name.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    library.bpf_num_functions.argtypes = [ctypes.c_void_p]
    found = {}
    for number in range(library.bpf_num_functions(module)):
        name = library.bpf_function_name(module, number).decode()
        for scope in ("public", "extern"):
            if name.startswith(f"pcn_{scope}_"):
                found[name.removeprefix(f"pcn_{scope}_")] = scope
    return found


def inners(library: Any, module: Any) -> dict[str, str]:
    """Return, by the name of a map of maps, that of the table which those are like."""
    names = [
        library.bpf_function_name(module, number).decode()
        for number in range(library.bpf_num_functions(module))
    ]
    pairs = [
        name.removeprefix("pcn_inner_").partition("$")
        for name in names
        if name.startswith("pcn_inner_")
    ]
    return {outer: inner for outer, _, inner in pairs}


def hashed(library: Any, module: Any) -> set[str]:
    """Return the names of devmaps that are hashes, which bcc knows nothing of."""
    names = (
        library.bpf_function_name(module, number).decode()
        for number in range(library.bpf_num_functions(module))
    )
    return {one.removeprefix("pcn_hashed_") for one in names if one.startswith("pcn_hashed_")}


def tables(bcc: Any, module: Any) -> Iterable[tuple[int, str, Reply]]:
    """Yield (fd, name, definition) for each map of a compiled module."""
    library = bcc.lib
    library.bpf_table_name.restype = ctypes.c_char_p
    library.bpf_table_name.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

    def ask(what: str, number: int) -> int:
        function = getattr(library, f"bpf_table_{what}_id")
        function.argtypes = [ctypes.c_void_p, ctypes.c_size_t]  # bcc declares only some of them
        return int(function(module, number))

    scopes, held = marked(library, module), inners(library, module)
    hashes = hashed(library, module)
    for number in range(library.bpf_num_tables(module)):
        name = library.bpf_table_name(module, number).decode()
        definition = {
            "kind": DEVMAP_HASH if name in hashes else ask("type", number),
            "key_size": ask("key_size", number),
            "value_size": ask("leaf_size", number),
            "entries": ask("max_entries", number),
            "flags": ask("flags", number),
            "scope": scopes.get(name, "cube"),
            "inner": held.get(name, ""),
        }
        yield ask("fd", number), name, definition


def references(code: bytes, names: dict[int, str]) -> list[tuple[int, str]]:
    """List (instruction number, map name) for each map address in `code`."""
    found, at = [], 0
    while at < len(code):
        if code[at] == LD_IMM64:
            if code[at + 1] >> 4 == PSEUDO_MAP_FD:
                fd = int.from_bytes(code[at + 4 : at + 8], "little")
                found.append((at // INSN, names[fd]))
            at += INSN
        at += INSN
    return found


def compiled(bcc: Any, request: Reply) -> tuple[Any, str]:
    """Compile; return the module, None if that failed, and what clang said."""
    with Captured() as said:
        try:
            debug = bcc.DEBUG_PREPROCESSOR if request["explain"] else 0
            module = bcc.BPF(text=request["source"], cflags=request["flags"], debug=debug)
        except Exception:  # noqa: BLE001 (bcc raises just that; the reason is on stderr)
            module = None
    return module, said.text


def answer(bcc: Any, request: Reply) -> Reply:
    """Serve one request."""
    module, said = compiled(bcc, request)
    if module is None:
        return {"error": said}
    try:
        if request["explain"]:
            return explain(bcc, module, request["functions"]) | {"rewritten": said}
        found = list(tables(bcc, module.module))
        names = {fd: name for fd, name, _ in found}
        programs = {}
        for function in request["functions"]:
            code = module.dump_func(function)
            programs[function] = {
                "insns": base64.b64encode(code).decode(),
                "maps": references(code, names),
            }
        return {"maps": {name: spec for _, name, spec in found}, "programs": programs}
    finally:
        module.cleanup()


def explain(bcc: Any, module: Any, functions: dict[str, str]) -> Reply:
    """Load through bcc for the verifier's log with C lines."""
    kinds = {"TC": bcc.BPF.SCHED_CLS, "XDP": bcc.BPF.XDP}
    with Captured() as said:
        for function, hook in functions.items():
            try:
                module.load_func(function, kinds[hook])
            except Exception:  # noqa: BLE001 (as above)
                break
    return {"log": said.text}


def main() -> None:
    """Answer requests until standard input closes."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libbcc prints must not garble the replies
    try:
        import bcc  # noqa: PLC0415 (costs 74 MB and 50 to 100 ms: here, and nowhere else)
    except ImportError as error:
        bcc, missing = None, str(error)
    for line in sys.stdin:
        reply = answer(bcc, json.loads(line)) if bcc else {"missing": missing}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
