"""What clang and the verifier say, in words for whoever wrote the C.

- `clang_words`: clang's diagnostics, and what to do about the usual ones
- `verifier_words`: the C line that the verifier stopped at, its reason, and what that means
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polycube_runtime.bpf.source import Source

NOISE = re.compile(
    r"^(WARNING: (Linux version|Due to this)|Running from kernel directory).*\n?", re.MULTILINE
)
"""What bcc says of every program."""
_POSITION = re.compile(r"^; .*@ ([\w./-]+):(\d+)\s*$")
_WANTED_STATE = ("old state", "cur state", "HINT: ")
_CLANG_LINES = 40

_CLANG_ADVICE = {
    r"' file not found": (
        "data planes see the kernel's user API (Debian's linux-libc-dev), bcc/helpers.h,"
        " bcc/proto.h, linux/jhash.h, linux/kernel.h and linux/string.h; what else they need of"
        " the kernel they declare themselves"
    ),
    r"-Wimplicit-function-declaration": (
        "a data plane may call functions of its own, the kernel's helpers (bpf_…) and the"
        " runtime's (pcn_…); there is no C library"
    ),
    r"cannot use map function inside a macro": (
        "bcc rewrites calls of a table's methods, but not in macros: make it a"
        " static __always_inline function"
    ),
    r"cannot call non-static helper function": (
        "all functions of a data plane are static, handle_rx too"
    ),
    r"stack limit of 512 bytes is exceeded": (
        "large variables belong in a table: BPF_PERCPU_ARRAY(name, struct large, 1)"
    ),
}
_VERIFIER_ADVICE = {
    r"invalid access to packet|outside of the packet": (
        "compare with ctx->data_end before, and again after what moves the packet"
    ),
    r"map_value_or_null": "compare the pointer that lookup returned with NULL before",
    r"infinite loop|too complex|too large|back-edge|loop is not bounded": (
        "give the loop a bound that the verifier can count to (for (n = 0; n < 16; n++)), or split"
        " the program in several"
    ),
    r"invalid mem access 'scalar'": (
        "a program has no constant data: write arrays and text member by member, or keep them in a"
        " table"
    ),
    r"invalid( indirect)? read from stack|!read_ok": (
        "set the variable first; set a key to zero before filling it, its padding counts too"
    ),
    r"combined stack size|stack depth": "large variables belong in a table",
    r"unknown func": "this kernel has no such helper for this kind of program (TC or XDP)",
}


def clang_words(text: str) -> str:
    """Keep clang's diagnostics, without bcc's own lines around them, and add advice."""
    lines = [line for line in NOISE.sub("", text).splitlines() if line.strip()]
    said = "\n".join(lines[:_CLANG_LINES])
    return f"the data plane does not compile:\n{said}{_advice(said, _CLANG_ADVICE)}"


def verifier_words(source: Source, log: str, rewritten: str = "") -> str:
    """Say which C line the verifier stopped at, and why.

    `rewritten` is what bcc made of the source: the log counts lines there, and bcc adds some.
    """
    lines = [line for line in log.splitlines() if line.strip()]
    end = next((n for n, line in enumerate(lines) if line.startswith("processed ")), len(lines))
    words = [line.strip() for line in lines[:end] if not line.startswith(_WANTED_STATE)]
    reason = words[-1] if words else "no reason given"
    advice = _advice("\n".join(words[-2:]), _VERIFIER_ADVICE)
    positions = [
        (_full_name(source, match[1]), int(match[2]))
        for line in lines[:end]
        if (match := _POSITION.match(line)) and match[2] != "0"
    ]
    if not positions:
        return f"the verifier refuses the program: {reason}{advice}"
    ours = [at for at in positions if not at[0].startswith("pcn/")]
    name, number = (ours or positions)[-1]
    number = _true_line(source, rewritten, name, number)
    text = source.line(name, number)
    return f"the verifier refuses the program at {name}:{number}: {reason}\n    {text}{advice}"


def _advice(said: str, known: dict[str, str]) -> str:
    found = [advice for pattern, advice in known.items() if re.search(pattern, said)]
    return "".join(f"\n({advice})" for advice in found)


def _true_line(source: Source, rewritten: str, name: str, number: int) -> int:
    """Find the line of a file of which bcc made line `number`.

    bcc puts a line of attributes before every function and joins the lines of a map operation.
    """
    marker = f'#line 1 "{name}"'
    if marker not in rewritten:
        return number
    before = next((part.text for part in source.parts if part.name == name), "").splitlines()
    after = rewritten.rpartition(f"{marker}\n")[2].splitlines()
    after = after[: next((n for n, line in enumerate(after) if line.startswith("#line 1 ")), None)]
    matcher = difflib.SequenceMatcher(None, after, before, autojunk=False)
    found = number
    for start, true_start, size in matcher.get_matching_blocks():
        if start >= number:
            break
        found = true_start + min(number - start, size + 1) if size else found
    return min(found, len(before)) or number


def _full_name(source: Source, name: str) -> str:
    """Return a file's whole name; the kernel keeps only the last part of its path."""
    return next(
        (part.name for part in source.parts if part.name == name or part.name.endswith(f"/{name}")),
        name,
    )
