"""polycubed: the daemon.

Start-up: options, one instance, kernel checks, leftovers of a killed predecessor, REST. Nothing is
compiled at start, and clang is never in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from polycube_runtime.support.control import ControlPlane

_log = logging.getLogger("polycubed")

LEVELS = {
    "trace": 5,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "err": logging.ERROR,
    "critical": logging.CRITICAL,
    "off": logging.CRITICAL + 10,
}
LOOPBACK = ("127.0.0.1", "::1")
EXIT_FAILED, EXIT_USAGE = 1, 2


class StartError(Exception):
    """The daemon cannot start; the message says why and what mends it."""


def options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; names and defaults are the original's."""
    parser = argparse.ArgumentParser(
        prog="polycubed", description="In-kernel network functions, managed over REST."
    )
    parser.add_argument(
        "-p", "--port", type=_port, default=9000, help="port of the REST interface (9000)"
    )
    parser.add_argument(
        "-a", "--addr", default="localhost", help="address to listen on (localhost)"
    )
    parser.add_argument(
        "-l", "--loglevel", choices=LEVELS, default="info", help="daemon's log level (info)"
    )
    parser.add_argument("--logfile", type=Path, help="log to this file too")
    parser.add_argument(
        "--name",
        type=_name,
        default="polycube",
        help="name of this instance; several can run side by side",
    )
    parser.add_argument(
        "--run-dir", type=Path, default=Path("/run"), help="folder of the lock file (/run)"
    )
    parser.add_argument(
        "--cache-dir",
        type=Path,
        default=Path("/var/cache/polycube"),
        help="folder of compiled programs",
    )
    parser.add_argument(
        "-v", "--version", action="version", version=metadata.version("polycube-py")
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        message = f"'{text}' is not a port; expected 1 to 65535"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _name(text: str) -> str:
    """Read an instance's name: it starts those of netdevs, which have 15 characters at most."""
    if not text.isalnum() or len(text) > 12:  # noqa: PLR2004
        message = f"'{text}' is not a name; expected 1 to 12 letters and digits"
        raise argparse.ArgumentTypeError(message)
    return text


@contextlib.contextmanager
def single_instance(run_dir: Path, name: str) -> Iterator[None]:
    """Hold the lock of the only daemon of this name; the kernel drops it with the process."""
    file = run_dir / f"polycubed-{name}.pid"
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        # Not for others to read: whoever can open it can lock it.
        handle = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")
    except OSError as error:
        message = f"cannot open {file}: {error.strerror}; polycubed must run as root"
        raise StartError(message) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            pid = handle.read().strip()
            message = f"another polycubed runs as '{name}' (pid {pid}); choose another --name"
            raise StartError(message) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


def listen(address: str, port: int) -> list[socket.socket]:
    """Open the REST interface's sockets: every address that the name has."""
    # RFC 6761, 6.3: localhost is the loopback addresses, whether or not a resolver knows it.
    names = LOOPBACK if address == "localhost" else (address,)
    try:
        found = [
            one
            for name in names
            for one in socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        ]
    except socket.gaierror as error:
        message = f"cannot listen on '{address}': {error.strerror}"
        raise StartError(message) from error
    opened, failures = [], []
    for family, kind, protocol, _, where in dict.fromkeys(found):
        one = socket.socket(family, kind, protocol)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(where)
            one.listen(128)
        except OSError as error:
            one.close()
            failures.append(error)
        else:
            opened.append(one)
    if not opened or any(error.errno == 98 for error in failures):  # noqa: PLR2004 (EADDRINUSE)
        for one in opened:
            one.close()
        reason = failures[0].strerror if failures else "no address"
        message = f"cannot listen on {address}:{port}: {reason}; choose another --port"
        raise StartError(message)
    return opened


def services() -> dict[str, type[ControlPlane]]:
    """Load every installed service; one that cannot be loaded is named in the log and left out."""
    found: dict[str, type[ControlPlane]] = {}
    for entry in metadata.entry_points(group="polycube.services"):
        try:
            found[entry.name] = entry.load()
        except Exception:  # noqa: BLE001 (a third party's package may fail in any way)
            _log.exception("service %s cannot be loaded", entry.name)
    return found


def check_machine() -> None:
    """Make sure of what the data plane needs, mounting bpffs where it is missing."""
    from polycube_runtime.bpf import bpffs, libbpf  # noqa: PLC0415

    if os.geteuid() != 0:
        message = "polycubed must run as root: it loads programs into the kernel"
        raise StartError(message)
    if not libbpf.available():
        message = f"{libbpf.SONAME} is missing; install Debian's package libbpf1"
        raise StartError(message)
    try:
        bpffs.mount()
    except OSError as error:
        message = f"cannot mount the BPF file system at {bpffs.ROOT}: {error.strerror}"
        raise StartError(message) from error


def check_cache(folder: Path) -> None:
    """Make the folder of compiled programs; only this user may put programs there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot use {folder} for compiled programs: {error.strerror}; see --cache-dir"
        raise StartError(message) from error


async def serve(settings: argparse.Namespace, sockets: list[socket.socket]) -> None:
    """Run until a signal asks to stop; then take everything out of the kernel."""
    import uvicorn  # noqa: PLC0415 (0.1 s; --help need not wait for it)

    from polycube_runtime.bpf import bpffs  # noqa: PLC0415
    from polycube_runtime.bpf.compiler import Compiler  # noqa: PLC0415
    from polycube_runtime.bpf.linux import LinuxKernel  # noqa: PLC0415
    from polycube_runtime.core.leftovers import clear  # noqa: PLC0415
    from polycube_runtime.core.polycube import Polycube  # noqa: PLC0415
    from polycube_runtime.rest.app import application  # noqa: PLC0415

    for talkative in ("uvicorn", "pyroute2", "asyncio"):  # now: pyroute2 resets its own on import
        logging.getLogger(talkative).setLevel(logging.WARNING)
    kernel = LinuxKernel()
    pins = f"{bpffs.ROOT}/{settings.name}"
    await clear(kernel, pins, settings.name)
    compiler = Compiler(settings.cache_dir.resolve())  # clang runs in another working directory
    polycube = Polycube(kernel, compiler, services(), pins, settings.name)
    await polycube.start()
    config = uvicorn.Config(
        application(polycube),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    # uvicorn stops at a signal and then raises it again for whoever handled it before: here, nobody
    # may die of it, there is work to do after.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    try:
        serving = asyncio.create_task(server.serve(sockets=sockets))
        _log.info("ready on %s:%d as '%s'", settings.addr, settings.port, settings.name)
        await serving
    finally:
        await polycube.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the daemon; returns its exit code."""
    settings = options(argv)
    _log_to(settings)
    try:
        with single_instance(settings.run_dir, settings.name):
            check_machine()
            check_cache(settings.cache_dir)
            sockets = listen(settings.addr, settings.port)
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(serve(settings, sockets))
    except (StartError, PolycubeError) as error:
        sys.stderr.write(f"polycubed: {error}\n")
        return EXIT_FAILED
    _log.info("stopped")
    return 0


def _log_to(settings: argparse.Namespace) -> None:
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if settings.logfile is not None:
        try:
            settings.logfile.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(logging.FileHandler(settings.logfile))
        except OSError as error:
            sys.stderr.write(f"polycubed: cannot log to {settings.logfile}: {error.strerror}\n")
    formatter = _Formatter()
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=LEVELS[settings.loglevel], handlers=handlers)


class _Formatter(logging.Formatter):
    """The original's lines: `[time] [polycubed] [level] …`, cubes with service and name."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return f"{super().formatTime(record, '%Y-%m-%d %H:%M:%S')}.{record.msecs:03.0f}"

    def format(self, record: logging.LogRecord) -> str:
        self._style = logging.PercentStyle(_origin(record.name))
        record.levelname = record.levelname.lower()
        return super().format(record)


def _origin(name: str) -> str:
    if name.startswith("polycube.cube."):
        _, _, service, cube = name.split(".", 3)
        where = f"[{service}] [{cube}]".replace("%", "%%")
    else:
        where = "[polycubed]"
    return f"[%(asctime)s] {where} [%(levelname)s] %(message)s"


if __name__ == "__main__":
    sys.exit(main())
