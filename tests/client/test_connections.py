"""Ways to the daemon: TCP, TLS, a unix socket; and what is said when there is none."""

import ssl
import subprocess
from pathlib import Path

import pytest

from tests.client.station import API, Ctl, Station, reply, serving


def test_no_daemon_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, ctl: Ctl, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLYCUBECTL_URL", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("HOME", str(tmp_path))
    code, out, err = ctl("br1", "show")
    assert (code, out) == (1, "")
    assert err.startswith(f"polycubectl: cannot reach polycubed at unix://{tmp_path}/none.sock: ")


def test_debug_shows_both_ways_on_standard_error(
    station: Station, ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYCUBECTL_DEBUG", "true")
    station.answers["PATCH br1/x/"] = reply(200, {"a": 1})
    _, out, err = ctl("br1", "set", "x=1")
    sent, received = err.splitlines()
    assert out == ""
    assert sent.startswith("> PATCH http://localhost:")
    assert sent.endswith("/polycube/v1/br1/x/ 1")
    assert received == '< 200 OK {"a": 1}'


def test_the_unix_socket_speaks_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctl: Ctl
) -> None:
    path = f"{tmp_path}/polycubed.sock"
    with serving(Station(path)) as station:
        monkeypatch.setenv("POLYCUBECTL_URL", f"unix://{path}")
        monkeypatch.setenv("HOME", str(tmp_path))
        station.answers["GET br1/"] = reply(308, Location=f"http://localhost{API}simplebridge/br1/")
        station.answers["GET simplebridge/br1/"] = reply(200, {"name": "br1"})
        assert ctl("br1", "show") == (0, "name: br1\n", "")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key").read_text() + (folder / "cert").read_text())
    return both


def test_tls_trusts_the_named_authority_and_shows_the_client_certificate(
    station: Station, ctl: Ctl, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(Station(("127.0.0.1", 0))) as secured:
        secured.answers["GET version/"] = reply(200, {"polycubed": {"version": "1"}})
        secured.socket = context.wrap_socket(
            secured.socket, server_side=True, do_handshake_on_connect=False
        )
        url = f"https://localhost:{secured.server_address[1]}"
        monkeypatch.setenv("POLYCUBECTL_URL", url)
        code, _, err = ctl("version")
        assert code == 1
        assert err == (
            f"polycubectl: cannot reach polycubed at {url}: its certificate is not trusted: "
            "self-signed certificate; name its authority with cacert (POLYCUBECTL_CACERT)\n"
        )
        for name in ("CACERT", "CERT", "KEY"):
            monkeypatch.setenv(f"POLYCUBECTL_{name}", str(certificate))
        assert ctl("version") == (0, "polycubed:\n  version: 1\n", "")
    assert station.heard == []
