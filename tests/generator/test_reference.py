"""Reference pages: complete, the same every time, and markup only where the template has it."""

import html
import re

import pytest

from polycube_generator import (
    cli,
    emit,
    ir,
    markdown,
    pictures,
    publish,
    reference,
    schema,
)
from polycube_generator.derive import walk

HOSTILE = [
    "# head",
    "1. one",
    "- item",
    "+ item",
    "> quote",
    "=== under",
    "---",
    "a | b || c",
    "`code` ``more`` ```fence",
    "~~~ fence ~~~",
    "<script>alert(1)</script>",
    "<!-- comment --> -->",
    "&lt;b&gt; &amp;",
    "[text](javascript:x) ![image](x)",
    "*a* _b_ **c** __d__ a_b_c",
    "https://example.org www.example.org @someone",
    "back\\slash \\* \\| \\",
    "{{ jinja }} {% raw %}",
    "new\nline\r\n```\n# head",
    "bell \x07 escape \x1b[31m",
    "right to left \u202e",
]


def rendered(text: str) -> str:
    """What a reader of Markdown sees: escapes and entities undone; bare markup stays, to fail."""
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", lambda found: f"&#{ord(found[1])};", text)
    for mark in ("<", ">", "`", "*", "_", "[", "]", "|", "~"):
        assert mark not in bare, (mark, text)
    assert not re.match(
        r"#|[-+=]|\d+[.)]\s", bare.replace("&#", "", 1) if bare[:2] == "&#" else bare
    )
    return html.unescape(bare)


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_shown_as_it_is(text):
    shown = rendered(markdown.prose(text))
    visible = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    assert shown == visible
    assert "://" not in markdown.prose(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_code_ends_where_it_should(text):
    code = markdown.code(text)
    fence = re.match(r"`+", code)[0]
    inner = code[len(fence) : -len(fence)]
    assert code.endswith(fence)
    assert "\n" not in code
    assert fence not in re.findall(r"`+", inner)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_has_no_bar_of_its_own(text):
    for made in (markdown.prose(text), markdown.code(text)):
        assert not re.search(r"(?<!\\)(?:\\\\)*\|", markdown.cell(made)), made


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_ends_where_it_should(text):
    first, *inner, last = markdown.block(text).split("\n")
    assert first == f"{last}text"
    assert not any(line.startswith(last) for line in inner)


MODEL = """
leaf a {{ type string {{ pattern 'x|y'; }} description {text}; units {text}; }}
list l {{ key k; description {text}; leaf k {{ type string; base:cli-example {text}; }}
  leaf v {{ type enumeration {{ enum one {{ description {text}; }} }} }} }}
rpc go {{ description {text}; input {{ leaf i {{ type string; description {text}; }} }} }}
"""


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_model_is_markup_on_its_page(models, text):
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    service = models.load(MODEL.format(text=quoted))
    plain = models.load(MODEL.format(text='"plain words"'))
    shape, expected = (outline(reference.render([one])["demo.md"]) for one in (service, plain))
    assert shape == expected
    page = reference.render([service])["demo.md"]
    bare = re.sub(r"(`+)[^`\n](.*?[^`\n])??\1", "", fenced(page)[0])
    assert bare.count("<!--") == 1
    assert "<script" not in bare


def fenced(page: str) -> tuple[str, int]:
    """Return a page without its fenced blocks, and how many there were."""
    return re.subn(r"^(`{3,})\w*\n.*?^\1$", "", page, flags=re.MULTILINE | re.DOTALL)


def outline(page: str) -> tuple[list[str], int]:
    """What stands on a page besides texts: headings, and how many lists, tables and blocks."""
    rest, _ = fenced(page)
    lines = rest.splitlines()
    return [line for line in lines if line.startswith("#")], sum(
        line.startswith(("|", "- ")) for line in lines
    )


def test_every_node_has_its_section_and_every_map_its_picture(models):
    service = models.load(
        """
        container c { leaf a { type string; default x; } leaf s { type string; config false; } }
        list l { key k; ebpf:map "m" { ebpf:kind "hash"; ebpf:entries 8; }
          leaf k { type yang:mac-address; } leaf v { type uint8; default 7; } }
        rpc go { input { leaf i { type string; mandatory true; } }
          output { leaf o { type int8; } } }
        notification n { leaf x { type string; } }
        """
    )
    page = reference.render([service])["demo.md"]
    inside = {side.path for node in service.children if isinstance(node, ir.Action)
              for side in walk((node.input, node.output))}  # fmt: skip
    for node in walk(tuple(child for child in service.children if not child.base)):
        if node.path not in inside:
            assert re.search(rf"^### `/{re.escape(node.path)}(\(\))?`$", page, re.MULTILINE), node
    for text in (
        '- default: `"x"`',
        "- state, read-only",
        "- key: `k`",
        "at most 8 entries",
        "- takes `i` (type: `string`, mandatory)",
        "- answers `o`",
        "$ polycubectl cube1 c set a=x",
        "$ curl -X PATCH $P/demo/cube1/c/a -d '\"x\"'",
        "$ polycubectl cube1 l add 02:00:00:00:00:01",
        "Key: `struct m_key`",
        "`/loglevel`",
    ):
        assert text in page, text


def test_a_picture_has_every_byte_once(models):
    service = models.load(
        """list l { key k; ebpf:map "m" { ebpf:kind "hash"; ebpf:entries 8; }
          leaf k { type inet:ipv6-address; } leaf a { type uint8; default 1; }
          leaf long-name-of-it { type uint8; default 1; } leaf b { type uint64; default 1; } }"""
    )
    (item,) = service.maps
    assert pictures.struct(item.value).split("\n")[6:] == [
        "         0      1      2      3      4      5      6      7",
        "     +------+------+------+------+------+------+------+------+",
        "   0 |  a   |long_…|                  pad_0                  |",
        "     +------+------+------+------+------+------+------+------+",
        "   8 |                           b                           |",
        "     +------+------+------+------+------+------+------+------+",
    ]
    assert pictures.struct(item.key).split("\n")[3:] == [
        "         0      1      2      3      4      5      6      7",
        "     +------+------+------+------+------+------+------+------+",
        "   0 |                           k                           |",
        "     +      +      +      +      +      +      +      +      +",
        "   8 |                                                       |",
        "     +------+------+------+------+------+------+------+------+",
    ]


def test_pages_are_generated_as_everything_is(models):
    services = [models.load("", name="one"), models.load("leaf x { type string; }", name="two")]
    files = reference.render(services)
    assert files == reference.render(reversed(services)) | {"README.md": files["README.md"]}
    assert all(emit.MARK in text.split("\n")[0] for text in files.values())
    assert sorted(reference.render(services, whole=False)) == ["one.md", "two.md"]


def test_check_tells_of_a_page_that_was_changed_is_gone_or_is_too_many(tmp_path, models, capsys):
    models.write("leaf x { type string; }")
    out = tmp_path / "pages"
    assert cli.main(["docs", "--yang", str(models.folder), "--out", str(out)]) == 0
    capsys.readouterr()
    files = reference.render(schema.load(models.folder))
    assert publish.compare(out, files) == {}
    (out / "demo.md").write_text((out / "demo.md").read_text() + "more\n")
    assert "-more" in publish.compare(out, files)["demo.md"]
    (out / "demo.md").unlink()
    assert "+++ b/demo.md" in publish.compare(out, files)["demo.md"]
    (out / "old.md").write_text(f"<!-- {emit.first_line('yang/old.yang')} -->\n")
    assert "--- a/old.md" in publish.compare(out, files)["old.md"]


def page(models, body: str) -> str:
    return reference.render([models.load(body)])["demo.md"]


def test_what_a_client_is_told_when_a_rule_fails_is_on_the_page(models):
    text = page(
        models,
        """
        leaf a { type uint8 { range "1..9" { error-message "too much"; error-app-tag "much"; } } }
        leaf b { type string; must "../a" { error-message "needs a"; error-app-tag "a-first"; } }
        leaf c { type string; status deprecated; if-feature fast; }
        choice how { mandatory true; leaf d { type string; } leaf e { type string; } }
        rpc go { input { leaf f { type string; must ". != 'x'" { error-message "not x"; } } } }
        notification told { leaf g { type uint8; } leaf h { type inet:ipv4-address; } }
        feature fast;
        """,
    )
    for line in (
        "- refused by `range`: too much (app-tag `much`)",
        "- must `../a`: needs a (app-tag `a-first`)",
        "- deprecated",
        "- only where the feature is supported: `fast`",
        "- excludes `e`: what is written last takes the others away",
        "- one of these is mandatory: `d`, `e`",
        "- `f` must `. != 'x'`: not x",
        '- example of its content: `{"g": 1, "h": "10.0.0.1"}`',
    ):
        assert line in text.splitlines(), line


def test_pictures_say_when_a_member_is_there(models):
    body = "leaf x { type uint16; } leaf y { type empty; }"
    text = page(models, f'container c {{ ebpf:map "m"; {body} }}')
    assert "x (uint), there if has & 1" in text
    assert re.search(r"-     0  - +y \(\w+\), there if has & 2$", text, re.MULTILINE)
