"""The main job from end to end, told as it happens: what `make demo` runs.

A YANG model becomes a service, the service a switch between three hosts, built and changed over the
API alone. Hosts are network namespaces of this script's own; everything is removed at the end, also
when it is interrupted.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.pktgen import Generator, Stream  # noqa: E402 (the checkout's own folders)
from tests.netns.daemon import Daemon  # noqa: E402
from tests.netns.lab import Lab  # noqa: E402
from tests.netns.leaks import Snapshot, settled  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.netns.host import Host

TRAFFIC_SECONDS = 4.0
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def step(number: int, text: str) -> None:
    """Announce a step."""
    print(f"\n{BOLD}{number}. {text}{PLAIN}", flush=True)


def say(text: str) -> None:
    """Print what came of it, indented; nothing if there is nothing to say."""
    for line in text.rstrip().splitlines():
        print(f"   {line}", flush=True)


def generate() -> None:
    """Run the generator over all models, and see that it had nothing to do."""
    tool = [str(Path(sys.executable).with_name("polycube-gen"))]
    start = time.perf_counter()
    subprocess.run([*tool, "build"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    check = subprocess.run([*tool, "check"], cwd=ROOT, check=False, capture_output=True, text=True)
    took = time.perf_counter() - start
    say(f"$ polycube-gen build && polycube-gen check      # {took:.1f} s")
    say(check.stdout or check.stderr)
    if check.returncode != 0:
        sys.exit("the generated code is not what the models say")


def ctl(daemon: Daemon, *words: str) -> None:
    """Run polycubectl and show what was typed and what it said."""
    start = time.perf_counter()
    told = daemon.ctl(*words)
    took = (time.perf_counter() - start) * 1000
    say(f"{BOLD}$ polycubectl {' '.join(words)}{PLAIN}    {DIM}# {took:.0f} ms{PLAIN}")
    say(told.out + told.err)
    if told.code != 0:
        sys.exit(f"polycubectl failed with {told.code}")


def ping(one: Host, other: Host, address: str) -> None:
    """Ping, and say how many came back."""
    pings = one.ping(address, count=5)
    say(f"{one.name} -> {other.name} ({address}): {pings.received} of {pings.sent} answered")
    if pings.lost:
        sys.exit("packets were lost")


def build_switch(daemon: Daemon, hosts: list[Host]) -> None:
    """Create the bridge and its ports, one command each."""
    ctl(daemon, "simplebridge", "add", "br1")
    for number, host in enumerate(hosts, 1):
        ctl(daemon, "br1", "ports", "add", f"port{number}", f"peer={host.netdev}")


def show_table(daemon: Daemon) -> None:
    """Show the forwarding table as the command line and as REST have it."""
    ctl(daemon, "br1", "fdb", "show")
    say(f"{BOLD}$ curl localhost:{daemon.port}/polycube/v1/simplebridge/br1/fdb/entry/{PLAIN}")
    entries = daemon.get("/simplebridge/br1/fdb/entry/")
    say(json.dumps(entries[:-1], indent=1))


def under_traffic(sender: Host, receiver: Host, work: Callable[[], str]) -> None:
    """Do some work again and again while packets flow; count packets, and say what was done."""
    said, stop = "nothing", threading.Event()
    failed: list[Exception] = []

    def go_on() -> None:
        nonlocal said
        try:
            while not stop.is_set():
                said = work()
        except Exception as error:  # noqa: BLE001 (told by the thread that waits)
            failed.append(error)

    with Generator(sender, receiver, Stream.between(sender, receiver)) as generator:
        generator.run(packets=64)
        worker = threading.Thread(target=go_on)
        worker.start()
        try:
            run = generator.run(seconds=TRAFFIC_SECONDS)
        finally:
            stop.set()
            worker.join()
    if failed:
        raise failed[0]
    say(f"{said} in {TRAFFIC_SECONDS:.0f} s")
    say(f"packets: {run.sent:,} sent, {run.received:,} received, {run.pps / 1e6:.1f} million/s")
    say(f"{BOLD}lost: {run.lost}{PLAIN}")
    if run.lost:
        sys.exit("packets were lost")


def replaces(daemon: Daemon) -> Callable[[], str]:
    """Return what replaces the switch's program."""
    count = itertools.count(1)

    def replace() -> str:
        daemon.post("/reload", {"cube": "br1"})
        return f"program replaced {next(count)} times (POST /reload)"

    return replace


def chains(daemon: Daemon, where: str) -> Callable[[], str]:
    """Return what attaches a transparent cube to a port and detaches it."""
    count = itertools.count(1)

    def swing() -> str:
        daemon.post("/attach", {"cube": "watch", "port": where})
        daemon.post("/detach", {"cube": "watch", "port": where})
        return f"cube attached and detached {next(count)} times (POST /attach, /detach)"

    return swing


def kills(daemon: Daemon) -> Callable[[], str]:
    """Return what kills the daemon and starts it again."""
    count = itertools.count(1)

    def kill() -> str:
        daemon.kill()
        daemon.restart()
        return f"daemon killed (kill -9) and started again {next(count)} times"

    return kill


def show(folder: Path) -> None:
    """Do it all."""
    step(1, "From the YANG models to code: nothing to do, the generated code is up to date")
    generate()
    with Lab() as lab:
        step(2, "Start the daemon, polycubed")
        start = time.perf_counter()
        daemon = Daemon(lab.name, folder, folder / "cache")
        try:
            say(f"ready after {time.perf_counter() - start:.1f} s on localhost:{daemon.port}")
            step(3, "Three hosts, each in a network namespace of its own, cabled to nothing yet")
            hosts = [
                lab.host(f"h{n}", address=f"10.77.0.{n}/24", v6=f"fd77::{n}/64") for n in (1, 2, 3)
            ]
            for host in hosts:
                say(f"{host.name}: {host.ip}, {host.mac}, cable ends at {host.netdev}")
            step(4, "A learning switch between them, in the kernel, built over the API")
            build_switch(daemon, hosts)
            step(5, "Do they reach each other?")
            ping(hosts[0], hosts[1], hosts[1].ip)
            ping(hosts[1], hosts[2], hosts[2].ip)
            ping(hosts[2], hosts[0], "fd77::1")
            step(6, "What it has learnt: an eBPF map bound to the model, as CLI and REST show it")
            show_table(daemon)
            step(7, "Replace the switch's program while packets flow")
            under_traffic(hosts[0], hosts[1], replaces(daemon))
            step(8, "Put a transparent cube between a port and the switch, and take it away")
            ctl(daemon, "transparenthelloworld", "add", "watch")
            under_traffic(hosts[0], hosts[1], chains(daemon, "br1:port2"))
            step(9, "Kill the daemon: the data plane goes on, the next start takes it over")
            under_traffic(hosts[0], hosts[1], kills(daemon))
            ctl(daemon, "cubes", "show")
            step(10, "Clean up")
            ctl(daemon, "simplebridge", "del", "br1")
        finally:
            daemon.stop()
            daemon.tear_down()


def interrupted(*_: object) -> None:
    """End like Ctrl-C, so that everything on the way out runs."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo; returns its exit code."""
    if os.geteuid() != 0:
        sys.stderr.write("demo: run as root: it makes network namespaces and loads eBPF programs\n")
        return 1
    signal.signal(signal.SIGTERM, interrupted)
    os.environ.setdefault("POLYCUBE_SHARED_MACHINE", "1")  # another daemon may run here
    before = Snapshot.take()
    try:
        with tempfile.TemporaryDirectory() as folder:
            show(Path(folder))
    except KeyboardInterrupt:
        print("\ninterrupted: everything is removed", flush=True)
        return 130
    finally:
        left = settled(before)
        say("left behind in the kernel: " + ("\n".join(left) or "nothing"))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
