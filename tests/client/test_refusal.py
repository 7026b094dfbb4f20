"""What a user reads when the daemon refuses."""

import json

import pytest

from polycube_client.refusal import refusal
from polycube_client.wire import Reply


def error(**members: str) -> bytes:
    """Return an error body of one error; underscores stand for hyphens."""
    one = {name.replace("_", "-"): value for name, value in members.items()}
    return json.dumps({"ietf-restconf:errors": {"error": [one]}}).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (error(error_tag="invalid-value", error_info="aging-time"),
         "aging-time: this value is not accepted"),
        (error(error_tag="invalid-value", error_path="/br1/fdb", error_message="'x' is no number"),
         "/br1/fdb: 'x' is no number"),
        (error(error_tag="bad-element", error_path="/br1/fdb", error_message="/br1/fdb: is bad"),
         "/br1/fdb: is bad"),
        (error(error_tag="missing-attribute", error_path="/nat", error_info="name"),
         "/nat: this attribute is missing: name"),
        (error(error_tag="data-exists"), "this exists already"),
        (error(error_tag="novel-tag"), "novel-tag"),
        (error(), "refused"),
        (b"Interface  X does not exist or is down\n", "Interface  X does not exist or is down"),
        (b'"No cube found"', "No cube found"),
        (b'{"detail": "Not Found"}', "Not Found"),
        (b'{"detail": [{"loc": 1}]}', "polycubed answered 400 Bad Request"),
        (b"[]", "polycubed answered 400 Bad Request"),
        (b"", "polycubed answered 400 Bad Request"),
        (b"<html>proxy</html>", "polycubed answered 400 Bad Request"),
    ],
)  # fmt: skip
def test_each_form_of_refusal_is_put_in_words(body: bytes, words: str) -> None:
    assert str(refusal(Reply(400, "Bad Request", {}, body))) == words


def test_several_errors_are_several_lines() -> None:
    errors = [{"error-tag": "bad-element", "error-info": name} for name in ("a", "b")]
    body = json.dumps({"ietf-restconf:errors": {"error": errors}}).encode()
    caught = refusal(Reply(400, "Bad Request", {}, body))
    assert str(caught) == "a: this element is not known\nb: this element is not known"
    assert caught.exit_code == 2
