"""The systemd unit asks for what the daemon needs, in words that it understands."""

import configparser
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from polycube_runtime.daemon import machine, options

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "packaging" / "polycubed.service"


@pytest.fixture
def service():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(UNIT)
    return unit["Service"]


def test_the_capabilities_are_those_that_the_daemon_checks(service):
    needed = sorted(one.name for one in machine.NEEDED)
    assert service["AmbientCapabilities"].split() == needed
    assert service["CapabilityBoundingSet"].split() == needed


def test_its_folders_are_the_defaults_below_the_systems(service):
    settings = options(shlex.split(service["ExecStart"])[1:])
    assert settings.socket.parent == Path("/run", service["RuntimeDirectory"])
    assert settings.pidfile.parent == Path("/run", service["RuntimeDirectory"])
    assert settings.state_dir == Path("/var/lib", service["StateDirectory"])
    assert settings.cache_dir == Path("/var/cache", service["CacheDirectory"])
    assert settings.logfile.parent == Path("/var/log", service["LogsDirectory"])
    assert Path(f"/sys/fs/bpf/{settings.name}") == Path(service["ExecStartPre"].split()[-1])


def test_it_waits_for_readiness_and_is_reloaded_by_sighup(service):
    assert service["Type"] == "notify"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert int(service["WatchdogSec"]) >= 10


def test_the_unit_of_further_instances_is_made_of_it():
    script = (ROOT / "scripts" / "install.sh").read_text()
    (commands,) = re.findall(r"^sed (-e .*?) \\\n    \"\$UNITS", script, re.MULTILINE | re.DOTALL)
    made = subprocess.run(
        ["sh", "-c", f"sed {commands} {shlex.quote(str(UNIT))}"],
        capture_output=True, text=True, check=True, timeout=10,
    ).stdout  # fmt: skip
    (start,) = re.findall(r"^ExecStart=(.*)", made, re.MULTILINE)
    settings = options(shlex.split(start.replace("%i", "second"))[1:3])
    assert settings.name == "second"
    assert "--configfile /etc/polycube/%i.conf" in start
    assert "-o polycube -g polycube /sys/fs/bpf/%i\n" in made
    assert "(%i)" in made
