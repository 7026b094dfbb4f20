"""The body on standard input: ``polycubectl cubes add < cubes.yaml``.

Standard input says nothing about whether it is meant for us. Commands run from terminals, cron,
daemons, ssh and loops inherit one that is not, and reading it would hang, or eat what the loop
around us wants to read next. So it is read by kind:

- a regular file: read, if it stands at its start. Farther in, it belongs to someone else: to a loop
  (``while read c; do polycubectl add …; done < names``) or to a shell that reads its script from
  there.
- a pipe (FIFO) or socket: read to its end, once it has something to say. What if it stays silent? A
  pipe made for this command is as young as the command; one that was open long before is the
  inherited end of some supervisor. The kernel knows the age: `YOUNG` tells them apart, and each
  gets its own patience.
- anything else (a terminal, /dev/null, closed): never read.

Who writes ``set`` without a parameter or ``cubes add`` wants standard input for certain: such a
command waits `NEEDED` seconds, then says what it waited for. Once the first byte is there, reading
goes on to the end.
"""

import os
import select
import stat
import time

from polycube_client.console import note
from polycube_client.errors import UsageError

YOUNG = 1.0
"""Seconds up to which a pipe counts as made for this command: two processes start, machine busy."""
PATIENCE = 1.0
"""Seconds to wait for a silent young pipe; a slow producer gets a warning on standard error."""
INHERITED = 0.05
"""Seconds to wait for a silent old pipe or a socket, which has no age."""
NEEDED = 30.0
"""Seconds to wait for a body without which the command means nothing."""


def read(*, needed: bool = False, descriptor: int = 0) -> str:
    """Return the text on standard input, or an empty string when there is none for us.

    ``needed``: the command makes no sense without. Raise `UsageError` for a text that is not UTF-8,
    and for a needed one that does not come.
    """
    try:
        status = os.fstat(descriptor)
    except OSError:  # closed, as by `<&-`
        return ""
    if stat.S_ISREG(status.st_mode):
        if os.lseek(descriptor, 0, os.SEEK_CUR):
            return ""
    elif stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode):
        if not _speaks(descriptor, created=status.st_ctime, needed=needed):
            return ""
    else:
        return ""
    return _decode(_read_all(descriptor))


def _speaks(descriptor: int, *, created: float, needed: bool) -> bool:
    """Whether the pipe has data or an end within its patience."""
    young = (
        abs(time.time() - created) < YOUNG
    )  # a socket's time is zero, a stepped clock may put it ahead
    patience = NEEDED if needed else PATIENCE if young else INHERITED
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if poll.poll(patience * 1000):
        return True
    if needed:
        msg = f"nothing came on standard input for {NEEDED:.0f} s; this command needs a body there"
        raise UsageError(msg)
    if young:
        note(
            f"standard input was silent for {PATIENCE:.0f} s, went on without it; "
            "use < /dev/null if there is nothing to read, or < file"
        )
    return False


def _read_all(descriptor: int) -> bytes:
    chunks = []
    while chunk := os.read(descriptor, 1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"standard input is not UTF-8 text (byte {error.start})"
        raise UsageError(msg) from None
