"""What can go wrong below the surface, in words for the user.

PolycubeError (support.errors)
├── OperationFailed           400
│   ├── CompileError          the C source does not compile: file, line, clang's words
│   ├── VerifierError         the verifier refuses the program: C line and reason
│   └── NetdevError           a netdev is missing, taken, or cannot do this
└── Unavailable               503
    └── KernelRefused         a capability, feature, file system or memory is missing
"""

from __future__ import annotations

from polycube_runtime.support.errors import OperationFailed, Unavailable


class CompileError(OperationFailed):
    """The C source of a data plane does not compile; the message quotes file, line and clang."""


class VerifierError(OperationFailed):
    """The kernel's verifier refuses a program; `log` is its whole log."""

    def __init__(self, message: str, log: str = "", path: str = "") -> None:
        """Keep the log beside the message, which quotes only the lines that matter."""
        super().__init__(message, path)
        self.log = log


class NetdevError(OperationFailed):
    """A netdev does not exist, is already used, or cannot carry the program."""


class KernelRefused(Unavailable):
    """The kernel lacks or refuses what the runtime needs; the message says what mends it."""
