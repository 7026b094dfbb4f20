"""Why the daemon does not start.

- `StartError`: something is in the way
    - `OptionError`: it was told something that makes no sense
"""

from __future__ import annotations

EXIT_FAILED, EXIT_USAGE = 1, 2


class StartError(Exception):
    """The daemon cannot start; the message says why and what mends it."""

    exit_code = EXIT_FAILED


class OptionError(StartError):
    """A flag, an environment variable or a line of the file is wrong; the message says which."""

    exit_code = EXIT_USAGE
