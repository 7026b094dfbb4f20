"""TLS: who gets in, over real sockets through uvicorn, with certificates that openssl made."""

import asyncio
import contextlib
import logging
import socket
import ssl

import pytest

from polycube_runtime.daemon import listen, options
from polycube_runtime.daemon.errors import StartError
from polycube_runtime.daemon.server import Server
from polycube_runtime.daemon.tls import Tls, fingerprint
from tests.daemon.authority import list_in

asked = []


async def hello(scope, _receive, send):
    asked.append(scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def tls(certificates, *flags):
    server = certificates.server
    return Tls(options(["--cert", str(server.cert), "--key", str(server.key), *map(str, flags)]))


@contextlib.asynccontextmanager
async def serving(made, sockets):
    up = asyncio.Event()
    server = Server(hello, made, up.set, lambda: None)
    task = asyncio.create_task(server._serve(sockets))
    await asyncio.wait_for(up.wait(), 5)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 5)


async def ask(port, certificates, identity=None, *, trust=True):
    """Send a request; return the status line, or raise as the connection does."""
    context = ssl.create_default_context(cafile=certificates.authority.cert if trust else None)
    if identity is not None:
        context.load_cert_chain(identity.cert, identity.key)
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n")[0]
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(made, certificates, *identities):
    """Whether each identity got an answer; the application hears of no others."""
    asked.clear()

    async def all_of_them():
        port = free_port()
        said = []
        async with serving(made, listen.tcp("127.0.0.1", port)):
            for identity in identities:
                try:
                    said.append(await ask(port, certificates, identity))
                except (ssl.SSLError, ConnectionError):
                    said.append(b"")
        return [line == b"HTTP/1.1 200 OK" for line in said]

    found = asyncio.run(all_of_them())
    assert len(asked) == sum(found)
    return found


def test_a_server_certificate_alone_lets_everybody_in(certificates):
    assert answers(tls(certificates), certificates, None, certificates.stranger) == [True, True]


def test_a_client_that_does_not_know_the_authority_does_not_trust_the_server(certificates):
    async def distrust():
        port = free_port()
        async with serving(tls(certificates), listen.tcp("127.0.0.1", port)):
            with pytest.raises(ssl.SSLCertVerificationError):
                await ask(port, certificates, trust=False)

    asyncio.run(distrust())


def test_with_cacert_only_those_whom_it_signed_get_in(certificates):
    made = tls(certificates, "--cacert", certificates.authority.cert)
    c = certificates
    assert answers(made, c, c.client, c.other, None, c.stranger, c.foreign, c.expired) == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_a_certificate_on_the_blacklist_is_refused_from_its_next_connection_on(
    certificates, tmp_path, caplog
):
    c = certificates
    denied = list_in(tmp_path / "denied", c.other)
    made = tls(c, "--cacert", c.authority.cert, "--cert-blacklist", denied)
    with caplog.at_level(logging.WARNING):
        assert answers(made, c, c.client, c.other) == [True, False]
    der = ssl.PEM_cert_to_DER_cert(c.other.cert.read_text())
    assert f"client certificate {fingerprint(der)} is in cert-blacklist" in caplog.text
    list_in(denied, c.client)
    assert answers(made, c, c.client, c.other) == [False, False]


def test_the_whitelist_needs_no_authority_and_lets_nobody_else_in(certificates, tmp_path):
    c = certificates
    allowed = list_in(tmp_path / "allowed", c.stranger, c.foreign, c.expired)
    made = tls(c, "--cert-white-list", allowed)
    assert answers(made, c, c.stranger, c.foreign, c.client, None, c.expired) == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_whom_a_listed_authority_signed_is_not_listed(certificates, tmp_path):
    c = certificates
    made = tls(c, "--cert-whitelist", list_in(tmp_path / "allowed", c.authority))
    assert answers(made, c, c.client) == [False]


def test_the_whitelist_follows_its_folder(certificates, tmp_path):
    c = certificates
    allowed = list_in(tmp_path / "allowed", c.stranger)
    made = tls(c, "--cert-whitelist", allowed)
    assert answers(made, c, c.stranger, c.client) == [True, False]
    list_in(allowed, c.client)
    for link in allowed.iterdir():
        if link.resolve() == c.stranger.cert:
            link.unlink()
    assert answers(made, c, c.stranger, c.client) == [False, True]
    for link in allowed.iterdir():
        link.unlink()
    allowed.rmdir()
    assert answers(made, c, c.stranger, c.client) == [False, False]


def test_a_new_certificate_of_the_server_is_shown_once_it_was_read(certificates, tmp_path):
    c = certificates
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(c.stranger.cert.read_bytes())
    key.write_bytes(c.stranger.key.read_bytes())
    made = Tls(options(["--cert", str(cert), "--key", str(key)]))
    assert answers(made, c, None) == [False]
    cert.write_bytes(c.server.cert.read_bytes())
    key.write_bytes(c.server.key.read_bytes())
    made.load_certificate()
    assert answers(made, c, None) == [True]


def test_the_unix_socket_stays_in_the_clear_beside_tls(certificates, tmp_path):
    path = tmp_path / "p.sock"

    async def ask_unix():
        port = free_port()
        local = listen.unix(path)
        async with serving(tls(certificates), [*listen.tcp("127.0.0.1", port), local]):
            assert await ask(port, certificates) == b"HTTP/1.1 200 OK"
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await writer.wait_closed()
        return answer

    assert asyncio.run(ask_unix()).startswith(b"HTTP/1.1 200 OK")


def test_files_that_are_no_certificates_are_named(certificates, tmp_path):
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing\n")
    c = certificates
    good = ["--cert", str(c.server.cert), "--key", str(c.server.key)]
    for flags, words in (
        (["--cert", str(c.server.cert), "--key", str(c.client.key)], "is not that of the cert"),
        (["--cert", str(nothing), "--key", str(c.server.key)], "nothing.pem with key .*: it is no"),
        (["--cert", "/no/such.pem", "--key", str(c.server.key)], "No such file"),
        ([*good, "--cacert", str(nothing)], "nothing.pem: there is no certificate"),
        ([*good, "--cert-whitelist", "/no/such"], "in /no/such: No such file"),
        ([*good, "--cert-whitelist", str(tmp_path)], "there is no certificate in"),
    ):
        with pytest.raises(StartError, match=words):
            Tls(options(flags))


def test_an_encrypted_key_is_refused_instead_of_asked_for(certificates, tmp_path):
    import subprocess  # noqa: PLC0415

    key = tmp_path / "encrypted.key"
    subprocess.run(
        ["openssl", "ec", "-in", certificates.server.key, "-aes128", "-passout", "pass:secret",
         "-out", key],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    with pytest.raises(StartError, match="the key is encrypted"):
        Tls(options(["--cert", str(certificates.server.cert), "--key", str(key)]))
