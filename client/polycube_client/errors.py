"""The errors of the client; each knows the exit code it ends the process with.

::

    ClientError                2
    ├── UsageError            64  command line, configuration or standard input make no sense
    ├── RefusedError           2  the daemon answered with a status other than 2xx
    └── UnreachableError       1  no answer: no daemon, no route, no trust, a broken connection

The original exits with 0 on a syntax error, by a slip; a script could not tell. 64 is ``EX_USAGE``
of sysexits.h: no other command exits with it by accident, and 0, 1 and 2 keep their meanings.
"""


class ClientError(Exception):
    """An error to tell the user, in words that say what to do."""

    exit_code = 2


class UsageError(ClientError):
    """What the user wrote cannot be understood; nothing was sent."""

    exit_code = 64


class RefusedError(ClientError):
    """The daemon understood the request and refused it."""


class UnreachableError(ClientError):
    """There was no daemon to ask, or its answer never came whole."""

    exit_code = 1
