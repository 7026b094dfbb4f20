"""The daemon's address."""

import errno
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from polycube_client.config import Settings
from polycube_client.endpoint import Endpoint
from polycube_client.errors import UnreachableError, UsageError


@pytest.mark.parametrize(
    ("url", "host", "port", "base", "shown"),
    [
        ("http://localhost:9000", "localhost", 9000, "/polycube/v1/", "http://localhost:9000"),
        ("http://h:1/polycube/v1/", "h", 1, "/polycube/v1/", "http://h:1"),
        ("http://h:1/node3/polycube/v1", "h", 1, "/node3/polycube/v1/", "http://h:1"),
        ("http://h/", "h", 80, "/polycube/v1/", "http://h"),
        ("https://h", "h", 443, "/polycube/v1/", "https://h"),
        ("http://[::1]:9000", "::1", 9000, "/polycube/v1/", "http://[::1]:9000"),
        ("https://[fe80::1]", "fe80::1", 443, "/polycube/v1/", "https://[fe80::1]"),
        ("unix:///run/p.sock", "/run/p.sock", 0, "/polycube/v1/", "unix:///run/p.sock"),
    ],
)
def test_a_url_names_host_port_and_root(
    url: str, host: str, port: int, base: str, shown: str
) -> None:
    endpoint = Endpoint(Settings({"url": url}))
    assert (endpoint.host, endpoint.port, endpoint.base) == (host, port, base)
    assert endpoint.shown == shown


@pytest.mark.parametrize(
    "url",
    ["localhost:9000", "ftp://h", "http://", "http://h:x", "http://h:65536", "http://:9000",
     "http://a b", "http://h/a b", "http://h\u00f6st", "unix://run/p.sock"],
)  # fmt: skip
def test_another_form_is_refused_with_the_accepted_ones(url: str) -> None:
    with pytest.raises(UsageError, match="expected http://HOST:PORT"):
        Endpoint(Settings({"url": url}))


def test_a_host_that_no_resolver_takes_is_a_form_too() -> None:
    with pytest.raises(UsageError, match="expected http://HOST:PORT"):
        Endpoint(Settings({"url": "http://a..b:9000"})).connect()


@pytest.fixture
def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_nobody_listening_is_said_with_the_remedy(free_port: int) -> None:
    url = f"http://localhost:{free_port}"
    with pytest.raises(UnreachableError) as caught:
        Endpoint(Settings({"url": url})).connect()
    assert str(caught.value) == (
        f"cannot reach polycubed at {url}: connection refused; "
        "is it running? start it with `polycubed`"
    )
    assert caught.value.exit_code == 1


def test_a_forbidden_socket_is_said_with_the_remedy() -> None:
    endpoint = Endpoint(Settings({"url": "unix:///run/p.sock"}))
    assert str(endpoint.unreachable(PermissionError(errno.EACCES, "Permission denied"))) == (
        "cannot reach polycubed at unix:///run/p.sock: permission denied; "
        "use sudo, or have its owner let your group in"
    )
    tcp = Endpoint(Settings({"url": "http://h:1"}))
    assert str(tcp.unreachable(PermissionError(errno.EACCES, "Permission denied"))) == (
        "cannot reach polycubed at http://h:1: permission denied"
    )


def test_a_missing_socket_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="no such file or directory; is it running"):
        Endpoint(Settings({"url": f"unix://{tmp_path}/p.sock"})).connect()


def test_other_errors_do_not_blame_the_daemon() -> None:
    error = Endpoint(Settings({"url": "http://localhost:9000"})).unreachable(
        OSError(errno.EHOSTUNREACH, "No route to host")
    )
    assert str(error) == "cannot reach polycubed at http://localhost:9000: no route to host"
    timeout = Endpoint(Settings({"url": "http://h:1"})).unreachable(TimeoutError("timed out"))
    assert str(timeout).endswith(": timed out")


@pytest.mark.parametrize("setting", ["cacert", "cert"])
def test_tls_files_that_cannot_be_used_are_named(setting: str) -> None:
    settings = Settings({"url": "https://localhost:1", setting: "/nowhere.pem"})
    with pytest.raises(
        UsageError, match=r"cannot use the TLS files \(/nowhere.pem\): No such file"
    ):
        Endpoint(settings).connect()


def test_an_encrypted_key_is_refused_instead_of_asking_for_its_password(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2"
    names = ["-subj", "/CN=x", "-passout", "pass:secret", "-keyout", str(key), "-out", f"{key}.c"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    settings = {"url": "https://localhost:1", "cert": f"{key}.c", "key": str(key)}
    with pytest.raises(UsageError, match="is encrypted; polycubectl needs one without a password"):
        Endpoint(Settings(settings)).connect()


@pytest.fixture
def plain_server() -> Iterator[int]:
    """The port of a server that answers a TLS greeting with plain text."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_https_to_a_plain_server_is_unreachable(plain_server: int) -> None:
    with pytest.raises(UnreachableError, match=r"cannot reach polycubed at https://.*ssl"):
        Endpoint(Settings({"url": f"https://127.0.0.1:{plain_server}"})).connect()
