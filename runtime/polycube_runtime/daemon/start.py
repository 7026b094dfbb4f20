"""polycubed's start and end, in order.

Options, one instance, log, privileges, sockets, kernel, REST; and back. Nothing is compiled at
start, and clang is never in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from polycube_runtime.bpf import bpffs
from polycube_runtime.daemon import configfile, listen, notify
from polycube_runtime.daemon.background import Background, enter
from polycube_runtime.daemon.errors import EXIT_FAILED, StartError
from polycube_runtime.daemon.instance import pid_file, single, sole
from polycube_runtime.daemon.logs import Logs, quieten
from polycube_runtime.daemon.sources import Given, gather
from polycube_runtime.daemon.tls import Tls
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence

    from polycube_runtime.daemon.settings import Settings

_log = logging.getLogger("polycubed")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the daemon; returns its exit code."""
    background: Background | None = None
    try:
        given = gather(argv, os.environ)
        if given.check:
            return _check(given)
        if given.teardown is not None:
            return _tear_down(given)
        background = enter() if given.settings.daemon else None
        _run(given, background)
        code = 0
    except (StartError, PolycubeError) as error:
        sys.stderr.write(f"polycubed: {error}\n")
        code = getattr(error, "exit_code", EXIT_FAILED)
    except Exception:  # noqa: BLE001 (a mistake of ours: logged where it was made)
        sys.stderr.write("polycubed: it made a mistake and ends; its log says which\n")
        code = EXIT_FAILED
    if background is not None:
        background.report(code)
    return code


def _check(given: Given) -> int:
    """Say what would hold and where it came from; TLS files are read."""
    if given.settings.cert is not None:
        Tls(given.settings)
    for name, origin in given.origins.items():
        value = getattr(given.settings, name.replace("-", "_"))
        text = "none" if value is None else configfile.shown(value)
        sys.stdout.write(f"{name}: {text}  # {origin}\n")
    for note in given.notes:
        sys.stderr.write(f"polycubed: {note}\n")
    return 0


def _tear_down(given: Given) -> int:
    from polycube_runtime.daemon import lifecycle, machine  # noqa: PLC0415 (0.2 s)

    settings = given.settings
    logging.getLogger().setLevel(logging.ERROR)  # it says itself what it removed
    with contextlib.ExitStack() as held:
        held.enter_context(single(settings.run_dir, settings.name))
        machine.check(settings.name)
        held.enter_context(sole(bpffs.ROOT / settings.name, settings.name))
        everything = given.teardown == "all"
        removed = asyncio.run(lifecycle.teardown(settings, everything=everything))
        listen.remove(settings.socket)
    words = ", ".join(removed) or "nothing was left"
    sys.stdout.write(f"polycubed: torn down '{settings.name}': {words}\n")
    return 0


def _run(given: Given, background: Background | None) -> None:
    settings = given.settings
    with contextlib.ExitStack() as held:
        held.enter_context(single(settings.run_dir, settings.name))
        logs = Logs(settings, given=given.origins["logfile"] != "default")
        held.callback(logs.close)
        held.enter_context(_last_words(logs))
        if given.configfile is None and configfile.write_template(configfile.PLACE):
            _log.info("wrote %s, which sets nothing yet", configfile.PLACE)
        for note in given.notes:
            _log.warning("%s", note)
        held.enter_context(pid_file(settings.pidfile))
        _check_machine(settings)
        held.enter_context(sole(bpffs.ROOT / settings.name, settings.name))
        tls = Tls(settings) if settings.cert is not None else None
        sockets = held.enter_context(_sockets(settings))

        def up() -> None:
            _announce(settings, tls)
            if background is not None:
                logs.leave_console()
                background.report(0)

        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, sockets, tls, logs, up))
        _log.info("stopped")


@contextlib.contextmanager
def _last_words(logs: Logs) -> Iterator[None]:
    """Log why there is no daemon; the terminal hears it from `main`."""
    try:
        yield
    except (StartError, PolycubeError) as error:
        logs.leave_console()
        _log.critical("%s", error)
        raise
    except Exception:
        _log.exception("polycubed made a mistake")
        raise


def _check_machine(settings: Settings) -> None:
    from polycube_runtime.daemon import machine  # noqa: PLC0415 (--help need not wait for it)

    machine.check(settings.name)
    machine.own_folder(settings.cache_dir, "for compiled programs", "--cache-dir")


@contextlib.contextmanager
def _sockets(settings: Settings) -> Iterator[list[socket.socket]]:
    opened = listen.tcp(settings.addr, settings.port)
    try:
        if not listen.only_loopback(opened) and not (settings.cacert or settings.cert_whitelist):
            _log.warning(
                "whoever reaches %s controls the network: nobody logs in; see --cacert",
                settings.addr,
            )
        local = listen.unix(settings.socket)
        try:
            yield [*opened, *([local] if local else [])]
        finally:
            if local is not None:
                local.close()
                listen.remove(settings.socket)
    finally:
        for one in opened:
            one.close()


def _announce(settings: Settings, tls: Tls | None) -> None:
    scheme = "" if tls is None else "https://"
    places = [f"{scheme}{settings.addr}:{settings.port}"] if settings.addr != "none" else []
    places += [str(settings.socket)] if settings.socket is not None else []
    _log.info("ready on %s as '%s'", " and ".join(places), settings.name)
    notify.tell(f"READY=1\nMAINPID={os.getpid()}\nSTATUS=ready on {', '.join(places)}")


async def _serve(
    settings: Settings,
    sockets: list[socket.socket],
    tls: Tls | None,
    logs: Logs,
    up: Callable[[], None],
) -> None:
    """Run until a signal asks to stop."""
    from polycube_runtime.daemon.lifecycle import Instance  # noqa: PLC0415 (0.4 s; not for --help)
    from polycube_runtime.daemon.server import Server  # noqa: PLC0415
    from polycube_runtime.rest.app import application  # noqa: PLC0415

    quieten()
    gc.freeze()  # modules stay: no collection need look at them while a long list is answered
    instance = await Instance.start(settings)
    try:
        app = application(instance.polycube, settings)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reread, logs, tls)
        await Server(app, tls, up, app.state.events.close).run_until_signal(sockets)
        notify.tell("STOPPING=1")
    finally:
        await instance.stop(keep=not settings.volatile)


def _reread(logs: Logs, tls: Tls | None) -> None:
    """SIGHUP: open the log file anew, and read the server's certificate anew."""
    logs.reopen()
    _log.info("log file opened anew")
    if tls is not None:
        try:
            tls.load_certificate()
        except StartError as error:
            _log.error("the certificate of before stays: %s", error)
