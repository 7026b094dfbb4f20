"""docs/restconf.md is run from top to bottom."""

import re
import shlex
from pathlib import Path

from tests.rest.test_document import SESSION, curl

DOCUMENT = Path(__file__).parents[3] / "docs" / "restconf.md"


def commands() -> list[tuple[str, str]]:
    """Return each command with what is shown of its answer."""
    found = []
    for text in SESSION.findall(DOCUMENT.read_text()):
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown.strip()))
    return found


def test_every_example_answers_as_shown(rc):
    variables: dict[str, str] = {}
    run = 0
    for command, shown in commands():
        words = [re.sub(r"\$(\w+)", lambda m: variables[m[1]], one) for one in shlex.split(command)]
        first = words.pop(0)
        if first == "export":
            name, _, value = words[0].partition("=")
            variables[name] = value
            continue
        assert first == "curl"
        answer = curl(rc, words)
        pattern = ".*".join(re.escape(part) for part in shown.split("…"))
        assert re.fullmatch(pattern, answer.text.strip(), re.DOTALL), (command, answer.text)
        refused = '"errors"' in shown or ":errors" in shown
        assert (answer.status_code >= 400) == refused, (command, answer.text)
        run += 1
    assert run > 15
