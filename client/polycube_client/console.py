"""What goes to which stream: results to standard output, all other words to standard error."""

import sys


def result(text: str) -> None:
    """Write ``text`` to standard output whole, or raise `OSError`; a reader may leave early."""
    if not text or sys.stdout is None:  # closed, as by `>&-`
        return
    try:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not fail a second time, at exit, where Python complains of it.
        sys.stdout = None
        if not isinstance(error, BrokenPipeError):  # `polycubectl … | head -1`: no error of ours
            raise


def note(text: str, prefix: str = "polycubectl: ") -> None:
    """Write each line of ``text`` to standard error."""
    if sys.stderr is not None:  # closed, as by `2>&-`
        sys.stderr.write("".join(f"{prefix}{line}\n" for line in text.splitlines()))
