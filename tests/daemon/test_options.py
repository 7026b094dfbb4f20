"""What polycubed is told: file, environment, flags; merged, checked, and named when wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from polycube_runtime.daemon import configfile, options
from polycube_runtime.daemon.errors import OptionError
from polycube_runtime.daemon.settings import OPTIONS
from polycube_runtime.daemon.sources import gather, variable
from polycube_runtime.daemon.start import main

NOWHERE = Path("/no/such/file.conf")


def merged(tmp_path, file="", environ=None, *flags):
    path = tmp_path / "p.conf"
    path.write_text(file)
    return gather(["--configfile", str(path), *flags], environ or {}, NOWHERE)


def test_the_defaults_are_the_originals():
    settings = options([])
    assert (settings.port, settings.addr, settings.loglevel) == (9000, "localhost", "info")
    assert str(settings.logfile) == "/var/log/polycube/polycubed.log"
    assert str(settings.pidfile) == "/run/polycube.pid"
    assert str(settings.cubes_dump_file) == "/etc/polycube/cubes.yaml"
    assert (settings.daemon, settings.cubes_dump_enable, settings.cert) == (False, False, None)


def test_a_second_instance_has_files_of_its_own():
    settings = options(["--name", "two", "--run-dir", "/x"])
    assert str(settings.logfile) == "/var/log/polycube/two.log"
    assert str(settings.pidfile) == "/x/two.pid"
    assert str(settings.socket) == "/x/polycube/two.sock"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--port", "0"], "'0' is not a port; expected 1 to 65535"),
        (["--port", "65536"], "is not a port"),
        (["--port", "x"], "is not a port"),
        (["--name", "a-b"], "'a-b' is not a name"),
        (["--name", "größe"], "is not a name"),
        (["--name", "x" * 13], "expected 1 to 12 letters and digits"),
        (["--loglevel", "loud"], "'loud' is unknown; expected one of trace, debug, info"),
        (["--log-format", "xml"], "expected one of text, json"),
        (["--daemon=maybe"], "'maybe' is neither true nor false"),
        (["--addr", "a/b"], "is not an address"),
        (["--teardown=some"], "expected one of kernel, all"),
        (["--logfile", ""], "a path is missing"),
        (["--nope"], "unrecognized arguments"),
    ],
)
def test_flags_are_checked(argv, words, capsys):
    with pytest.raises(SystemExit) as ended:
        options(argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value"),
    [("-d", True), ("--daemon", True), ("--daemon=true", True), ("--daemon=false", False),
     ("-d=no", False)],
)  # fmt: skip
def test_the_switch_of_the_original_takes_a_value_or_none(flag, value):
    assert options([flag]).daemon is value


def test_the_environment_goes_before_the_file_and_the_flags_before_both(tmp_path):
    file = "port: 1001\nloglevel: err\naddr: 10.0.0.1\n"
    environ = {"POLYCUBED_PORT": "1002", "POLYCUBED_LOGLEVEL": "warn"}
    given = merged(tmp_path, file, environ, "--port", "1003")
    settings = given.settings
    assert (settings.port, settings.loglevel, settings.addr) == (1003, "warn", "10.0.0.1")
    assert given.origins["port"] == "command line"
    assert given.origins["loglevel"] == "POLYCUBED_LOGLEVEL"
    assert given.origins["addr"] == str(tmp_path / "p.conf")
    assert given.origins["name"] == "default"
    assert "port: 1003 of the command line goes before 1002 of POLYCUBED_PORT" in given.notes
    assert any(note.startswith("loglevel: warn of the POLYCUBED_LOGLEVEL") for note in given.notes)


def test_the_file_may_be_named_in_the_environment(tmp_path):
    file = tmp_path / "elsewhere.conf"
    file.write_text("port: 1234\n")
    assert gather([], {"POLYCUBED_CONFIGFILE": str(file)}, NOWHERE).settings.port == 1234


def test_the_default_file_is_read_if_it_is_there_and_none_switches_it_off(tmp_path):
    file = tmp_path / "polycubed.conf"
    assert gather([], {}, file).settings.port == 9000
    file.write_text("port: 1234\n")
    assert gather([], {}, file).settings.port == 1234
    assert gather(["--configfile", "none"], {}, file).settings.port == 9000


def test_the_file_has_comments_quotes_and_both_spellings(tmp_path):
    file = """# comment
    port: 1001   # behind a value
---
addr: "10.0.0.1"
logfile: /var/log/a#b.log
cert: /c
key: /k
cert-white-list: /w

cubes-dump-enable: true
"""
    settings = merged(tmp_path, file).settings
    assert (settings.port, settings.addr) == (1001, "10.0.0.1")
    assert settings.logfile == Path("/var/log/a#b.log")
    assert settings.cert_whitelist == Path("/w")
    assert settings.cubes_dump_enable is True


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("\nprot: 1", r"p\.conf:2: there is no parameter 'prot'; did you mean 'port'\?"),
        ("zzzzz: 1", r"p\.conf:1: there is no parameter 'zzzzz'; there are name, port, addr"),
        ("p: 1", r"there is no parameter 'p'"),
        ("configfile: /x", r"there is no parameter 'configfile'"),
        ("port: many", r"p\.conf:1: port: 'many' is not a port; expected 1 to 65535"),
        ("port 9000", r"p\.conf:1: 'port 9000' is not a parameter; expected 'parameter: value'"),
        ("port: 1\nport: 2", r"p\.conf:2: port is set twice"),
        ("daemon: maybe", r"daemon: 'maybe' is neither true nor false"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, file, words):
    with pytest.raises(OptionError, match=words):
        merged(tmp_path, file)


def test_a_file_that_was_named_must_be_there():
    with pytest.raises(OptionError, match=r"cannot read /no/such/file.conf: No such file"):
        gather(["--configfile", str(NOWHERE)], {}, NOWHERE)


def test_a_wrong_variable_is_an_error_and_an_unknown_one_is_noted():
    with pytest.raises(OptionError, match="POLYCUBED_PORT: 'x' is not a port"):
        gather([], {"POLYCUBED_PORT": "x"}, NOWHERE)
    given = gather([], {"POLYCUBED_PROT": "1"}, NOWHERE)
    assert given.notes == ("POLYCUBED_PROT in the environment means nothing to polycubed",)


def test_every_option_can_be_given_in_all_three_ways(tmp_path):
    samples = {bool: "true", int: "1234"}
    special = {"loglevel": "warn", "log-format": "json", "name": "abc", "addr": "::1"}
    for option in OPTIONS:
        above = {"name": "abc", "run_dir": "/r"}
        preset = option.preset(above)
        text = special.get(option.name) or samples.get(type(preset), "/some/where")
        needs = {
            "cubes-dump-file": ["--cubes-dump-enable"],
            "cubes-dump-clean-init": ["--cubes-dump-enable"],
            "cert": ["--key=/k"], "key": ["--cert=/c"],
            "cacert": ["--cert=/c", "--key=/k"],
            "cert-whitelist": ["--cert=/c", "--key=/k"],
            "cert-blacklist": ["--cert=/c", "--key=/k", "--cacert=/a"],
        }.get(option.name, [])  # fmt: skip
        field = option.name.replace("-", "_")
        found = [
            getattr(merged(tmp_path, *ways).settings, field)
            for ways in (
                ("", {}, f"--{option.name}={text}", *needs),
                ("", {variable(option.name): text}, *needs),
                (f"{option.name}: {text}", {}, *needs),
            )
        ]
        assert found == [option.read(text)] * 3
        assert found[0] != preset


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--cert", "c"], "cert needs key"),
        (["--key", "k"], "key needs cert"),
        (["--cacert", "a"], "cacert needs cert and key"),
        (["--cert-whitelist", "w"], "cert-whitelist needs cert and key"),
        (
            ["--cert", "c", "--key", "k", "--cacert", "a", "--cert-whitelist", "w"],
            "cacert and cert-whitelist exclude each other",
        ),
        (
            ["--cert", "c", "--key", "k", "--cert-whitelist", "w", "--cert-blacklist", "b"],
            "cert-whitelist and cert-blacklist exclude each other",
        ),
        (["--cert", "c", "--key", "k", "--cert-blacklist", "b"], "cert-blacklist needs cacert"),
        (["--cubes-dump-file", "f"], "cubes-dump-file needs cubes-dump-enable"),
        (["--cubes-dump-clean-init"], "cubes-dump-clean-init needs cubes-dump-enable"),
        (["--addr", "none", "--socket", "none"], "addr and socket are both none"),
    ],
)
def test_contradictions_are_refused(flags, words):
    with pytest.raises(OptionError, match=words):
        options(flags)


def test_a_server_certificate_alone_is_fine():
    assert options(["-c", "c", "-k", "k"]).cert == Path("c").absolute()


def test_the_template_names_every_parameter_and_sets_none(tmp_path):
    file = tmp_path / "etc" / "polycubed.conf"
    assert configfile.write_template(file)
    assert configfile.read(file) == {}
    assert re.findall(r"^#([a-z-]+):", file.read_text(), re.MULTILINE) == [
        one.name for one in OPTIONS
    ]
    assert "#port: 9000\n" in file.read_text()
    file.write_text("port: 1\n")
    assert not configfile.write_template(file), "it is the operator's from now on"
    assert file.read_text() == "port: 1\n"


def test_uncommented_the_template_says_what_held_before(tmp_path):
    lines = configfile.template().splitlines()
    filled = [line[1:] for line in lines if re.match(r"#[a-z-]+: .", line)]
    assert merged(tmp_path, "\n".join(filled)).settings == options([])


def test_a_configuration_can_be_checked_without_starting(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("POLYCUBED_PORT", "1234")
    file = tmp_path / "p.conf"
    file.write_text("addr: ::1\n")
    assert main(["--configfile", str(file), "--check-config"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "port: 1234  # POLYCUBED_PORT" in said
    assert f"addr: ::1  # {file}" in said
    assert "cert: none  # default" in said
    file.write_text("prot: 1\n")
    assert main(["--configfile", str(file), "--check-config"]) == 2
    assert f"polycubed: {file}:1: there is no parameter 'prot'" in capsys.readouterr().err
