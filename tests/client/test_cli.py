"""The whole client against a small daemon, over TCP, TLS and a unix socket."""

import json
import os
import signal
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

import polycube_client
from polycube_client import cli

API = "/polycube/v1/"
Answer = tuple[int, dict[str, str], bytes]


def reply(status: int, value: object = None, **headers: str) -> Answer:
    """Return an answer with ``value`` as JSON, or with no body."""
    return status, headers, b"" if value is None else json.dumps(value).encode()


def invalid(path: str, message: str) -> Answer:
    """Return a refusal as the daemon words it."""
    error = {"error-tag": "invalid-value", "error-path": path, "error-message": message}
    return reply(400, {"ietf-restconf:errors": {"error": [error]}})


class Station(ThreadingHTTPServer):
    """A daemon of answers: by method and target, or 404; ``heard`` keeps what was asked."""

    daemon_threads = False

    def __init__(self, server_address: tuple[str, int] | str) -> None:
        self.answers: dict[str, Answer | Callable[[object], Answer]] = {}
        self.heard: list[tuple[str, object]] = []
        self.address_family = 1 if isinstance(server_address, str) else 2
        super().__init__(server_address, Handler)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name, which a unix socket has not."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, *_: object) -> None:
        """Keep quiet when a client refuses our certificate or goes away."""

    @property
    def requests(self) -> list[str]:
        """Method and target of every request so far."""
        return [asked for asked, _ in self.heard]


class Handler(BaseHTTPRequestHandler):
    """Answers every method from the station's table."""

    server: Station

    def answer(self) -> None:
        """Look the request up, note it, answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        value: object = json.loads(body) if body else None
        asked = f"{self.command} {self.path.removeprefix(API)}"
        self.server.heard.append((asked, value))
        found = self.server.answers.get(asked, reply(404, {"detail": "No cube found"}))
        status, headers, content = found(value) if callable(found) else found
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(station: Station) -> Iterator[Station]:
    """Serve in a thread."""
    thread = threading.Thread(target=station.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield station
    finally:
        station.shutdown()
        thread.join()
        station.server_close()


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Station]:
    """A daemon that the environment points at, and a home without settings."""
    with serving(Station(("127.0.0.1", 0))) as running:
        monkeypatch.setenv("POLYCUBECTL_URL", f"http://localhost:{running.server_address[1]}")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("POLYCUBECTL_DEBUG", raising=False)
        monkeypatch.setenv("PYTHONPATH", str(Path(polycube_client.__file__).parent.parent))
        yield running


@pytest.fixture
def ctl(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run polycubectl in this process; return exit code, standard output and error."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["polycubectl", *words])
        code = cli.main()
        out, err = capfd.readouterr()
        return code, out, err

    return run


Ctl = Callable[..., tuple[int, str, str]]
CTL = [sys.executable, "-m", "polycube_client"]


def test_show_prints_the_reply(station: Station, ctl: Ctl) -> None:
    station.answers["GET br1/ports/"] = reply(200, [{"name": "p1", "peer": "veth1"}])
    assert ctl("br1", "ports", "show") == (0, "name  peer\np1    veth1\n", "")


def test_a_leaf_is_printed_bare(station: Station, ctl: Ctl) -> None:
    station.answers["GET fw/chain/INGRESS/stats/0/pkts/"] = reply(200, 2)
    assert ctl(*["fw", "chain", "INGRESS", "stats", "0", "show", "pkts"])[1] == "2\n"


def test_text_that_is_no_json_is_printed_as_it_is(station: Station, ctl: Ctl) -> None:
    station.answers["GET metrics/"] = (200, {}, b"nat_rules 4.0\n# EOF\n")
    assert ctl("metrics", "show")[1] == "nat_rules 4.0\n# EOF\n"


@pytest.mark.parametrize(
    ("words", "asked", "body"),
    [
        ("simplebridge add br1", "POST simplebridge/br1/", {}),
        ("br1 set loglevel=debug", "PATCH br1/loglevel/", "debug"),
        ("br1 ports del p1", "DELETE br1/ports/p1/", None),
        ("connect br1:p1 veth1", "POST connect/", {"peer1": "br1:p1", "peer2": "veth1"}),
    ],
)
def test_changes_succeed_silently(
    station: Station, ctl: Ctl, words: str, asked: str, body: object
) -> None:
    station.answers[asked] = reply(201 if body is not None else 204)
    assert ctl(*words.split()) == (0, "", "")
    assert station.heard == [(asked, body)]


def test_an_action_prints_its_output(station: Station, ctl: Ctl) -> None:
    station.answers["POST fw/chain/INGRESS/append/"] = reply(201, {"id": 0})
    assert ctl(*["fw", "chain", "INGRESS", "append", "action=DROP"]) == (0, "id: 0\n", "")


def test_help_is_a_table_or_by_json_what_the_daemon_said(station: Station, ctl: Ctl) -> None:
    answer = {"commands": ["add"], "params": {}}
    station.answers["OPTIONS br1/ports/?help=NONE"] = reply(200, answer)
    assert ctl("br1", "ports", "?")[1].splitlines()[0].split() == [
        "Keyword",
        "Type",
        "Description",
        "Example",
    ]
    assert json.loads(ctl("br1", "ports", "-json", "?")[1]) == answer


def test_help_of_an_alias_needs_no_daemon(ctl: Ctl) -> None:
    code, out, _ = ctl("attach", "?")
    assert code == 0
    assert out.startswith("attach CUBE PORT [position=")


@pytest.mark.parametrize("absolute", [False, True])
def test_a_cube_name_is_redirected_with_method_body_and_query(
    station: Station, ctl: Ctl, *, absolute: bool
) -> None:
    # The daemon may believe in another address for itself: only the path counts.
    host = "http://127.0.0.1:1" if absolute else ""
    for asked in ("PATCH br1/", "OPTIONS br1/?help=SET"):
        station.answers[asked] = reply(308, Location=f"{host}{API}simplebridge/br1/")
    station.answers["PATCH simplebridge/br1/"] = reply(200)
    station.answers["OPTIONS simplebridge/br1/?help=SET"] = reply(200, {})
    assert ctl("br1", "set", "a=1", "b=2")[0] == 0
    assert station.heard[-1] == ("PATCH simplebridge/br1/", {"a": 1, "b": 2})
    assert ctl("br1", "set", "?")[0] == 0


def test_a_circle_of_redirects_ends(station: Station, ctl: Ctl) -> None:
    station.answers["GET br1/"] = reply(308, Location=f"{API}br1/")
    code, out, err = ctl("br1", "show")
    assert (code, out) == (1, "")
    assert "redirects in a circle" in err


def test_a_refusal_is_worded_on_standard_error(station: Station, ctl: Ctl) -> None:
    station.answers["POST simplebridge/br1/"] = reply(
        409,
        {"ietf-restconf:errors": {"error": [{"error-tag": "data-exists", "error-info": "br1"}]}},
    )
    assert ctl("simplebridge", "add", "br1") == (2, "", "polycubectl: br1: this exists already\n")
    assert ctl("nowhere", "show") == (2, "", "polycubectl: No cube found\n")


def test_a_wrong_guess_is_corrected_by_the_model(station: Station, ctl: Ctl) -> None:
    def strict(body: object) -> Answer:
        right = body == {"name": "10", "port": 80, "opts": {"tag": "7"}, "on": True, "other": 5}
        return reply(201) if right else invalid("/lb/backend/name", "10 is not a string")

    path = "lb/backend/x/"
    station.answers[f"POST {path}"] = strict
    station.answers[f"OPTIONS {path}?help=ADD"] = reply(
        200,
        {
            "params": {},
            "optional-params": {
                "name": {"simpletype": "string"},
                "port": {"simpletype": "unsigned"},
                "on": {"simpletype": "boolean"},
            },
        },
    )
    station.answers[f"OPTIONS {path}opts/?help=SET"] = reply(
        200, {"params": {"tag": {"simpletype": "string"}}}
    )
    words = ["lb", "backend", "add", "x", "name=10", "port=080", "opts.tag=7", "on=t", "other=5"]
    assert ctl(*words) == (0, "", "")
    assert station.requests.count(f"POST {path}") == 2


def test_a_refusal_that_types_cannot_mend_is_not_repeated(station: Station, ctl: Ctl) -> None:
    station.answers["PATCH br1/fdb/aging-time/"] = invalid("/br1/fdb/aging-time", "too big")
    station.answers["OPTIONS br1/fdb/?help=SET"] = reply(
        200, {"params": {"aging-time": {"simpletype": "unsigned"}}}
    )
    code, _, err = ctl("br1", "set", "fdb.aging-time=99999")
    assert (code, err) == (2, "polycubectl: /br1/fdb/aging-time: too big\n")
    assert station.requests == ["PATCH br1/fdb/aging-time/", "OPTIONS br1/fdb/?help=SET"]


def test_a_usage_error_sends_nothing(station: Station, ctl: Ctl) -> None:
    code, out, err = ctl("br1", "add", "del")
    assert (code, out) == (2, "")
    assert err.startswith("polycubectl: 'add' and 'del' on one line")
    assert station.heard == []


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


def test_a_bug_is_one_line_and_by_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, ctl: Ctl
) -> None:
    def fail(*_: object) -> str:
        message = "unforeseen"
        raise ValueError(message)

    monkeypatch.setattr(cli, "run", fail)
    monkeypatch.delenv("POLYCUBECTL_DEBUG", raising=False)
    code, _, err = ctl("br1")
    assert code == 2
    assert err.startswith("polycubectl: internal error: ValueError: unforeseen;")
    monkeypatch.setenv("POLYCUBECTL_DEBUG", "1")
    assert "Traceback" in ctl("br1")[2]


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
        assert err.startswith(
            f"polycubectl: cannot reach polycubed at {url}: its certificate is not"
        )
        for name in ("CACERT", "CERT", "KEY"):
            monkeypatch.setenv(f"POLYCUBECTL_{name}", str(certificate))
        assert ctl("version") == (0, "polycubed:\n  version: 1\n", "")
    assert station.heard == []


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ([], "polycubectl - configure"),
        (["-h"], "polycubectl - configure"),
        (["br1", "--help"], "polycubectl - configure"),
        (["completion", "fish"], "# fish completion"),
    ],
)
def test_texts_need_no_daemon(ctl: Ctl, words: list[str], start: str) -> None:
    code, out, err = ctl(*words)
    assert (code, err) == (0, "")
    assert out.startswith(start)
    assert max(map(len, out.splitlines())) <= 110


def test_the_version_is_that_of_the_package(ctl: Ctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", {cli.DISTRIBUTION: "1.2.3"}.__getitem__)
    assert ctl("--version") == (0, "polycubectl 1.2.3\n", "")


def test_completion_prints_one_word_a_line(station: Station, ctl: Ctl) -> None:
    station.answers["OPTIONS br1/ports/?help=SHOW&completion"] = reply(200, ["p1", "p2", "q"])
    assert ctl("--complete", "br1", "ports", "show", "p") == (0, "p1\np2\n", "")
    assert ctl("--complete", "br1", "-h") == (0, "-hide=\n", "")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as a user of bash would."""
    words = ["bash", "-c", command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=20)


STDIN_FORMS = [
    "{ctl} cubes add < {file}",
    "cat {file} | {ctl} cubes add",
    "(sleep 0.2; cat {file}) | {ctl} cubes add",
    '{ctl} cubes add <<< "$(cat {file})"',
    "{ctl} cubes add < <(cat {file})",
    "mkfifo {file}.fifo; (cat {file} > {file}.fifo &) ; {ctl} cubes add < {file}.fifo",
]


@pytest.mark.parametrize("form", STDIN_FORMS)
def test_every_form_of_standard_input_reaches_the_daemon(
    station: Station, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "cubes.yaml"
    file.write_text("- name: br1\n  service-name: simplebridge\n  fdb: {aging-time: 60}\n")
    station.answers["POST cubes/"] = reply(201)
    command = form.format(ctl=" ".join(CTL), file=file)
    result = shell(command)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    body = [{"name": "br1", "service-name": "simplebridge", "fdb": {"aging-time": 60}}]
    assert station.heard == [("POST cubes/", body)]


def test_a_flow_list_in_a_here_string_is_the_value_of_an_empty_parameter(station: Station) -> None:
    station.answers["POST fw/chain/INGRESS/batch/"] = reply(201)
    command = (
        'batch="[{operation: append, src: 10.0.0.1, sport: 80}]"; '
        f"{' '.join(CTL)} fw chain INGRESS batch rules=<<<$batch"
    )
    subprocess.run(["bash", "-c", command], check=True, timeout=20)
    rule = {"operation": "append", "src": "10.0.0.1", "sport": 80}
    assert station.heard == [("POST fw/chain/INGRESS/batch/", {"rules": [rule]})]


def test_a_loop_over_a_file_keeps_its_lines(station: Station, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("br1\nbr2\nbr3\n")
    for name in ("br1", "br2", "br3"):
        station.answers[f"POST simplebridge/{name}/"] = reply(201)
    loop = f"while read -r name; do {' '.join(CTL)} simplebridge add $name; done < {names}"
    subprocess.run(["bash", "-c", loop], check=True, timeout=20)
    assert station.requests == [f"POST simplebridge/br{n}/" for n in (1, 2, 3)]


def test_an_inherited_pipe_that_nobody_writes_does_not_hang(station: Station) -> None:
    station.answers["POST simplebridge/br1/"] = reply(201)
    reader, writer = os.pipe()
    try:
        command = [*CTL, "simplebridge", "add", "br1"]
        subprocess.run(command, stdin=reader, check=True, capture_output=True, timeout=20)
    finally:
        os.close(reader)
        os.close(writer)
    assert station.heard == [("POST simplebridge/br1/", {})]


def test_a_reader_that_leaves_early_is_no_error(station: Station) -> None:
    station.answers["GET br1/"] = reply(200, [{"n": n, "text": "x" * 100} for n in range(5000)])
    command = f"{' '.join(CTL)} br1 show | head -1; exit ${{PIPESTATUS[0]}}"
    result = shell(command)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.split() == ["n", "text"]


@pytest.mark.parametrize(
    ("redirect", "code", "words"),
    [(">&-", 0, ""), ("> /dev/full", 2, "cannot write the result: No space left on device")],
)
def test_an_output_that_cannot_be_written(
    station: Station, redirect: str, code: int, words: str
) -> None:
    station.answers["GET br1/"] = reply(200, {"name": "br1"})
    command = f"{' '.join(CTL)} br1 show {redirect}"
    result = shell(command)
    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 1


def test_control_c_ends_quietly_with_130(station: Station) -> None:
    asked, answer = threading.Event(), threading.Event()

    def hold(_: object) -> Answer:
        asked.set()
        answer.wait(10)
        return reply(200, 1)

    station.answers["GET br1/"] = hold
    with subprocess.Popen([*CTL, "br1", "show"], stderr=subprocess.PIPE) as process:
        assert asked.wait(10)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        answer.set()
    assert (process.returncode, err) == (130, b"")


def test_an_ordinary_call_imports_nothing_slow(station: Station) -> None:
    """The run time is defended by what it is made of: a clock is at the mercy of the machine."""
    station.answers["PATCH br1/a/"] = reply(200)
    station.answers["GET br1/"] = reply(200, {"name": "br1", "ports": [{"name": "p1"}]})
    program = (
        "import sys; before = set(sys.modules); from polycube_client.cli import main\n"
        "for sys.argv in (['', 'br1', 'show'], ['', 'br1', 'set', 'a=1']): assert main() == 0\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.append({str(cli_root())!r}); {program}",
    ]
    result = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
    )
    slow = {
        "typing",
        "dataclasses",
        "http.client",
        "email",
        "urllib.parse",
        "yaml",
        "ssl",
        "pathlib",
    }
    slow |= {
        "argparse",
        "importlib.metadata",
        "shutil",
        "subprocess",
        "logging",
        "polycube_runtime",
    }
    assert slow.isdisjoint(result.stderr.split())
    assert len(station.heard) == 2


def cli_root() -> Path:
    """The folder to import the client from."""
    return Path(polycube_client.__file__).parent.parent
