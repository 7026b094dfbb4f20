"""Settings from file and environment."""

from pathlib import Path

import pytest

from polycube_client import config
from polycube_client.config import FILE, Settings, load
from polycube_client.errors import UsageError


def home(folder: Path, text: str) -> dict[str, str]:
    """Write the settings file of a user and return the environment that leads to it."""
    file = folder / FILE
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return {"HOME": str(folder)}


@pytest.fixture(autouse=True)
def socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the daemon's socket, where none is yet."""
    path = tmp_path / "polycube.sock"
    monkeypatch.setattr(config, "SOCKET", str(path))
    return path


def test_the_default_is_the_daemons_socket_if_it_is_there_for_this_user(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load({}).url == "http://localhost:9000"
    socket.touch()
    assert load({}).url == f"unix://{socket}"
    assert load({"POLYCUBECTL_URL": "http://lab:1"}).url == "http://lab:1"
    monkeypatch.setattr("os.access", lambda *_: False)  # what root never sees
    assert load({}).url == "http://localhost:9000"


def test_everything_has_a_default(tmp_path: Path) -> None:
    for environment in ({}, {"HOME": str(tmp_path)}, {"HOME": "/dev/null"}):
        settings = load(environment)
        assert settings.url == "http://localhost:9000"
        assert settings.single_parameter
        assert not settings.debug
        assert not settings.expert
        assert (settings.cacert, settings.cert, settings.key) == ("", "", "")


def test_the_file_is_flat_yaml(tmp_path: Path) -> None:
    text = """\
    ---
    # of the lab
    url: "http://lab:9000"  # quoted
    debug: true
    singleparameterworkaround: False
    cacert: '/etc/ca #1.pem'
    cert: /etc/me.pem # mine
    key:
    """
    settings = load(home(tmp_path, text))
    assert settings.url == "http://lab:9000"
    assert settings.debug
    assert not settings.single_parameter
    assert (settings.cacert, settings.cert, settings.key) == ("/etc/ca #1.pem", "/etc/me.pem", "")


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    environment = home(tmp_path, "url: http://file:1\ndebug: true\nexpert: true\n")
    environment |= {"POLYCUBECTL_URL": "http://env:2", "POLYCUBECTL_DEBUG": "0"}
    settings = load(environment)
    assert settings.url == "http://env:2"
    assert not settings.debug
    assert settings.expert


def test_the_environment_counts_without_a_file() -> None:
    environment = {f"POLYCUBECTL_{name}": f"/{name}" for name in ("URL", "CERT", "KEY", "CACERT")}
    settings = load(environment)
    assert (settings.url, settings.cert, settings.key, settings.cacert) == (
        "/URL",
        "/CERT",
        "/KEY",
        "/CACERT",
    )


@pytest.mark.parametrize("line", ["ulr: http://x", "url http://x", "- url", "  nested: 1"])
def test_a_line_that_makes_no_sense_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    environment = home(tmp_path, f"debug: true\n{line}\n")
    with pytest.raises(UsageError) as caught:
        load(environment)
    assert str(caught.value) == (
        f"{tmp_path}/{FILE}, line 2: '{line.strip()}'; expected 'name: value', name one of "
        "url, debug, expert, singleparameterworkaround, cacert, cert, key"
    )


def test_a_switch_is_true_or_false() -> None:
    with pytest.raises(UsageError, match="setting debug: 'maybe'; expected true or false"):
        Settings({"debug": "maybe"})


def test_an_unreadable_file_is_an_error_and_not_a_default(tmp_path: Path) -> None:
    environment = home(tmp_path, "")
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        load(environment)
