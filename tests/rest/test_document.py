"""docs/rest.md is run from top to bottom."""

import re
import shlex
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "rest.md"
SESSION = re.compile(r"(?<!-->\n)^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Return each command with what is shown of its answer."""
    found = []
    for text in SESSION.findall(DOCUMENT.read_text()):
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            found.append((command, answer.strip()))
    return found


def curl(api, words: list[str]):
    verb, headers, body, follow, url = "GET", {}, None, False, ""
    rest = iter(words)
    for word in rest:
        match word:
            case "-X":
                verb = next(rest)
            case "-d":
                body = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-L":
                follow = True
            case _:
                assert not word.startswith("-")
                url = word
    return api.client.request(verb, url, content=body, headers=headers, follow_redirects=follow)


def test_every_example_answers_as_shown(api):
    variables = {}
    run = 0
    for command, shown in commands():
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            variables[name] = value
            continue
        words = [re.sub(r"\$(\w+)", lambda m: variables[m[1]], one) for one in shlex.split(command)]
        assert words.pop(0) == "curl"
        answer = curl(api, words)
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        assert re.fullmatch(pattern, answer.text), (command, answer.text)
        refused = "ietf-restconf:errors" in shown
        assert (answer.status_code >= 400) == refused, (command, answer.text)
        run += 1
    assert run > 25
