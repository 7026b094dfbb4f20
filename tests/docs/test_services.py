"""Every command on the reference pages works, in a daemon in memory; the pages are of services."""

import http.client
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from polycube_client import cli
from polycube_generator import reference, schema
from polycube_services.ddosmitigator import Ddosmitigator
from polycube_services.simpleforwarder import Simpleforwarder
from tests import fakes
from tests.client.live import Live, living

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "services"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != reference.INDEX)
GOLDEN = FOLDER.parents[1] / "tests" / "golden" / "yang"
STATE = re.compile(r"^- state, read-only$", re.MULTILINE)


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    more = {"ddosmitigator": Ddosmitigator, "simpleforwarder": Simpleforwarder}
    with pytest.MonkeyPatch.context() as patch:
        for name, service in more.items():
            patch.setitem(fakes.SERVICES, name, service)
        with living() as daemon:
            yield daemon


@pytest.fixture(scope="module")
def golden() -> dict[str, str]:
    """The pages of models that have what no service of ours has."""
    return reference.render(schema.load(GOLDEN))


def steps(page: str) -> Iterator[tuple[str, bool]]:
    """Each command, and whether it reads state, which may not be there."""
    for section in re.split(r"^##+ ", page, flags=re.MULTILINE):
        for block in re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                assert line.startswith("$ "), line
                yield line.removeprefix("$ "), STATE.search(section) is not None


def curl(url: str, words: list[str]) -> int:
    method, body = "GET", None
    rest = iter(words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-d":
                body = next(rest)
            case _:
                assert word.startswith("$P/")
                target = f"/polycube/v1/{word[3:]}"
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(method, target, body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 500, text
    return answer.status


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_works(page: Path, live: Live, tmp_path: Path) -> None:
    work(page.read_text(), live, tmp_path)


@pytest.mark.parametrize("name", ["conditions", "maps", "nodes", "values"])
def test_the_commands_of_harder_models_work(
    golden: dict[str, str], name: str, live: Live, tmp_path: Path
) -> None:
    work(golden[f"{name}.md"], live, tmp_path)


def work(page: str, live: Live, home: Path) -> None:
    """Do what a page says."""
    run = 0
    for command, state in steps(page):
        program, *words = shlex.split(command)
        if program == "export":
            assert words == ["P=http://localhost:9000/polycube/v1"]
            continue
        if program == "curl":
            status = curl(live.url, words)
            assert status < 300 or (state and status == 404), (command, status)
        else:
            assert program == "polycubectl"
            environment = {"POLYCUBECTL_URL": live.url, "HOME": str(home)}
            if state:
                with suppress(cli.ClientError):  # what is not there cannot be shown
                    cli.run(words, environment)
            else:
                assert cli.run(words, environment)[1] == 0, command
        run += 1
    assert run > 5


def test_links_lead_to_headings_and_files(golden: dict[str, str]) -> None:
    pages = {str(page): page.read_text() for page in PAGES}
    for name, text in (pages | golden).items():
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        anchors = {
            re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in headings
        }
        for target in re.findall(r"\]\(#([^)]+)\)", text):
            assert target in anchors, (name, target)
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (FOLDER / target).exists(), (page, target)


def test_there_is_a_page_for_every_service_and_the_index_leads_to_it() -> None:
    services = {path.parent.name for path in FOLDER.parents[1].glob("generated/*/*/nodes.py")}
    assert {page.stem.replace("-", "_") for page in PAGES} == services
    links = re.findall(r"\]\((\w[\w-]*\.md)\)", (FOLDER / reference.INDEX).read_text())
    assert links == [page.name for page in PAGES]
