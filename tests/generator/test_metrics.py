"""Metric annotations: what their paths become, and what is refused."""

import pytest

from polycube_generator import ir

NODES = """
    container stats { config false; leaf pkts { type uint64; } leaf text { type string; } }
    container table { list entry { key id; leaf id { type uint32; } leaf length { type uint8; } } }
    list chain {
      key name;
      leaf name { type string; }
      leaf ip { type string; }
      leaf hits { type uint64; config false; }
      list rule { key id; leaf id { type uint32; } }
      leaf-list tag { type string; }
    }
"""


def annotated(path: str, **named: str) -> str:
    """A leaf whose metric has that path; the line with the path is the one to blame."""
    given = {"name": "demo_metric", "type": "GAUGE", **named}
    operation = given.pop("operation", "")
    lines = [f'base:{what}-metric "{value}";' for what, value in given.items()]
    lines += [f'base:type-operation "{operation}";'] if operation else []
    return (
        f'{NODES} leaf here {{ type uint8; base:path-metric "{path}"; // here\n {"".join(lines)} }}'
    )


@pytest.mark.parametrize(
    ("path", "operation", "node", "counted", "where"),
    [
        ("$.stats.pkts", "", "stats/pkts", False, ()),
        ("$['stats']['pkts']", "", "stats/pkts", False, ()),
        ("$.chain.length", "", "chain", True, ()),
        ("$.table.entry.length", "", "table/entry", True, ()),
        ("$.table.entry[*].length", "", "table/entry/length", False, ()),
        ("$.chain[*].rule.length", "", "chain/rule", True, ()),
        ("$.chain[*].tag.length", "", "chain/tag", True, ()),
        ("sum($.chain[*].rule.length)", "", "chain/rule", True, ()),
        ("sum($.chain[*].hits)", "", "chain/hits", False, ()),
        ("$.chain[*]", "FILTER", "chain", True, ()),
        ("$.chain[?(@.ip != '')]", "FILTER", "chain", True, (("chain", "ip", "!=", ""),)),
        ("$.chain[?(@.hits>=10)]", "FILTER", "chain", True, (("chain", "hits", ">=", 10),)),
        ("$.chain[?(@.hits < 1.5)].hits", "", "chain/hits", False, (("chain", "hits", "<", 1.5),)),
        ("$.chain[?(@.ip)].rule.length", "", "chain/rule", True, (("chain", "ip", "", None),)),
    ],
)
def test_a_path_becomes_a_node_and_what_is_asked_of_it(
    models, path, operation, node, counted, where
):
    (metric,) = models.load(annotated(path, operation=operation)).metrics
    assert (metric.node, metric.counted) == (node, counted)
    assert metric.where == tuple(ir.Where(*one) for one in where)


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("stats.pkts", "'stats.pkts' is not understood; expected $.a.b"),
        ("$..pkts", "is not understood"),
        ("$", "is not understood"),
        ("$.stats.bytes", "/stats has no bytes; it has pkts, text"),
        ("$.status", "the cube has no status; it has uuid, type"),
        ("$.stats", "is a container, not a number"),
        ("$.stats.text", "is a text"),
        ("$.chain", "is a list, not a number; for how many there are, write $.chain.length"),
        ("$.chain.hits", "chain is a list: write chain[*] for every entry"),
        ("$.chain[*]", 'entries of a list, not a number; add type-operation "FILTER"'),
        ("$.stats[*].pkts", "stats is not a list"),
        ("$.chain[?(@.no == 1)].hits", "chain has no such leaf"),
        ("$.chain[?(@.rule == 1)].hits", "chain has no such leaf"),
        ("$.chain[?(@.hits == '1')].hits", "hits is never of the type of that value"),
        ("$.chain[?(@.ip < 1)].hits", "ip is never of the type of that value"),
        ("$.chain[?(ip)].hits", "expected @.leaf != 'value'"),
        ("sum($.chain[*].hits", "is not understood"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_at_its_line(models, path, advice):
    assert advice in models.refusal(annotated(path))


def test_only_entries_of_a_list_can_be_filtered(models):
    body = annotated("$.stats.pkts", operation="FILTER")
    assert "counts entries of a list" in models.refusal(body)


def at_here(annotations: str) -> str:
    return f"{NODES} leaf here {{ type uint8;\n{annotations} }}"


@pytest.mark.parametrize(
    ("annotations", "advice"),
    [
        ('base:name-metric "2x"; // here\n base:path-metric "$.here";', "no name for Prometheus"),
        ('base:name-metric "a-b"; // here\n base:path-metric "$.here";', "no name for Prometheus"),
        (
            'base:name-metric "polycubed_x"; // here\n base:path-metric "$.here";',
            "starts as the daemon's own",
        ),
        (
            'base:name-metric "x"; base:path-metric "$.here";\nbase:type-metric "SUM"; // here\n',
            "'SUM' is neither COUNTER nor GAUGE",
        ),
        (
            'base:name-metric "x"; base:path-metric "$.here";\nbase:type-operation MAX; // here\n',
            "'MAX' is not known; expected FILTER",
        ),
        ('base:name-metric "x"; // here\n', "has no path-metric"),
        ('base:help-metric "x"; // here\n', "no effect without name-metric"),
    ],
)
def test_a_wrong_annotation_is_refused_at_its_line(models, annotations, advice):
    assert advice in models.refusal(at_here(annotations))


def test_two_metrics_cannot_have_one_name(models):
    twice = """
        leaf a { type uint8; base:name-metric "x"; base:path-metric "$.a"; }
        leaf b { type uint8; base:name-metric "x"; // here
          base:path-metric "$.b"; }
    """
    assert "metric x is there already" in models.refusal(twice)


def test_what_was_never_written_is_left_out(models):
    assert models.load(annotated("TODO")).metrics == ()


def test_a_metric_is_a_gauge_and_says_what_its_node_says_if_nothing_else_is_said(models):
    body = """
        leaf a { type uint8; description "How many"; base:name-metric "x"; base:path-metric "$.a"; }
        leaf b { type uint8; base:name-metric "y"; base:path-metric "$.b";
          base:type-metric "counter"; base:help-metric "Over
             two lines"; }
    """
    one, other = models.load(body).metrics
    assert (one.kind, one.help) == ("GAUGE", "How many")
    assert (other.kind, other.help) == ("COUNTER", "Over two lines")


def test_the_daemon_gets_what_the_path_became(models, monkeypatch):
    body = annotated("$.chain[?(@.ip != '')]", operation="FILTER", help="Chains with an address")
    (metric,) = models.package(body, monkeypatch).SERVICE.metrics
    assert (metric.name, metric.kind, metric.node) == ("demo_metric", "GAUGE", "chain")
    assert metric.counted
    assert [(one.node, one.leaf, one.operator, one.value) for one in metric.where] == [
        ("chain", "ip", "!=", "")
    ]
    assert metric.help == "Chains with an address"
