"""What /metrics writes, read by the parsers of prometheus_client."""

import re

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics_families,
)
from prometheus_client.parser import text_string_to_metric_families as text_families

from polycube_runtime.core.observed.metrics import Family
from polycube_runtime.rest import metrics

OPEN = {"accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"}


def scrape(api, **headers: str) -> str:
    answer = api("GET", "/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.text


def samples(families) -> dict[str, dict]:
    found: dict[str, dict] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


@pytest.fixture
def bridge(api):
    entry = {"address": "02:00:00:00:00:01", "port": "p1"}
    document = {"ports": [{"name": "p1"}], "fdb": {"entry": [entry]}}
    api.ok("POST", "/simplebridge/br1", document)
    return api


def test_scripts_of_the_original_find_their_lines(bridge):
    text = scrape(bridge)
    assert 'simplebridge_entry_fdb_number_entries{cubeName="br1"} 1.000000\n' in text
    assert "# TYPE simplebridge_entry_fdb_number_entries gauge\n" in text
    assert "# HELP simplebridge_entry_fdb_number_entries Number of entries in the" in text
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", metrics.TEXT),
        ("text/plain", metrics.TEXT),
        ("application/openmetrics-text", metrics.OPEN_METRICS),
        (OPEN["accept"], metrics.OPEN_METRICS),
        ("application/openmetrics-text;q=0.2,text/plain", metrics.TEXT),
        ("text/html,*/*;q=0.1", metrics.TEXT),
    ],
)
def test_the_client_chooses_the_format(bridge, accept, kind):
    answer = bridge("GET", "/metrics", headers={"accept": accept})
    assert answer.headers["content-type"] == kind


def test_both_formats_say_the_same(bridge):
    text = samples(text_families(scrape(bridge)))
    opened = samples(open_metrics_families(scrape(bridge, **OPEN)))
    assert set(text) == set(opened)
    name = (("cubeName", "br1"),)
    for found in (text, opened):
        assert found["simplebridge_entry_fdb_number_entries"] == {name: 1}
        assert found["polycubed_cubes"][(("service", "simplebridge"),)] == 1
        assert found["polycubed_slowpath_dropped_total"] == {name: 0}
        ((version, one),) = found["polycubed_build_info"].items()
        assert dict(version)["version"]
        assert one == 1


def test_requests_are_metered_by_route_method_and_status(bridge):
    bridge.get("/simplebridge/br1/fdb/entry/02:00:00:00:00:01")
    bridge.get("/simplebridge/br1/fdb/entry/02%3A00:00:00:00:01")
    bridge.error("GET", "/simplebridge/br1/fdb/entry/02:00:00:00:00:99")
    bridge.error("GET", "/nothing/of/the/kind")
    bridge.get("/netdevs/veth1")
    found = samples(text_families(scrape(bridge)))["polycubed_http_request_duration_seconds_count"]
    counts = {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"]): value
        for labels, value in found.items()
    }
    assert counts == {
        ("POST", "/simplebridge/{name}", "201"): 1,
        ("GET", "/simplebridge/{name}/fdb/entry/{address}", "200"): 2,
        ("GET", "/simplebridge/{name}/fdb/entry/{address}", "404"): 1,
        ("GET", "other", "404"): 1,
        ("GET", "/netdevs/{name}", "200"): 1,
    }


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/simplebridge", "/simplebridge"),
        ("/simplebridge/br1/", "/simplebridge/{name}"),
        ("/simplebridge/br1/ports/p1/peer", "/simplebridge/{name}/ports/{name}/peer"),
        ("/simplebridge/br1/fdb/flush", "/simplebridge/{name}/fdb/flush"),
        ("/simplebridge/br1/fdb/nothing", "other"),
        ("/simplebridge/br1/uuid/further", "other"),
        ("/nodes/n1/chain/a/rule/7", "/nodes/{name}/chain/{name}/rule/{id}"),
        ("/nodes/n1/chain/a/append/further", "other"),
        ("/anything", "other"),
    ],
)
def test_a_route_names_keys_instead_of_repeating_them(api, path, route):
    assert metrics.route_of(f"/polycube/v1{path}", api.polycube.services, None) == route


def test_a_method_that_nobody_knows_makes_no_series_of_its_own(bridge):
    bridge("BREW", "/simplebridge/br1")
    text = scrape(bridge)
    assert "BREW" not in text
    assert 'method="other"' in text


def test_labels_and_help_are_escaped():
    family = Family("x", "gauge", 'a \\ "b"\nc', modelled=True)
    family.add(2**64 - 1, cubeName='q"\\\n')
    for opened, parse in ((False, text_families), (True, open_metrics_families)):
        text = "".join(metrics._lines([family], open_metrics=opened))
        (read,) = parse(text)
        assert read.documentation == 'a \\ "b"\nc'
        assert read.samples[0].labels == {"cubeName": 'q"\\\n'}
        assert "} 18446744073709551615.000000\n" in text


def test_a_models_counter_keeps_its_name_in_both_formats():
    family = Family("ddos_stats_pkts_packets", "counter", "Dropped", modelled=True)
    family.add(4, cubeName="d1")
    line = 'ddos_stats_pkts_packets{cubeName="d1"} 4.000000\n'
    for opened, kind in ((False, "counter"), (True, "unknown")):
        text = "".join(metrics._lines([family], open_metrics=opened))
        assert line in text
        assert f"# TYPE ddos_stats_pkts_packets {kind}\n" in text
    assert next(iter(open_metrics_families(text))).name == "ddos_stats_pkts_packets"


def test_every_name_is_one_of_prometheus(bridge):
    for line in scrape(bridge).splitlines():
        assert line.startswith("#") or re.match(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? \S+$", line)
