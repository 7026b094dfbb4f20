"""Specs, sources, and what is patched into instructions."""

import struct

import pytest

from polycube_runtime.bpf.linux import patch
from polycube_runtime.bpf.source import HEADERS, Part, Source, cube_source
from polycube_runtime.bpf.spec import ConstRef, Hook, MapKind, MapRef, MapSpec, ProgramSpec

MAP = MapSpec("m", MapKind.HASH, 4, 8, 16, 1)
CODE = Part("svc/datapath.c", "line one;\n  line two;\n")
MAPS = Part("svc/maps.h", "struct entry {};")


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (MapSpec("other", MapKind.HASH, 4, 8, 16, 1), True),
        (MapSpec("m", MapKind.LRU_HASH, 4, 8, 16, 1), False),
        (MapSpec("m", MapKind.HASH, 8, 8, 16, 1), False),
        (MapSpec("m", MapKind.HASH, 4, 4, 16, 1), False),
        (MapSpec("m", MapKind.HASH, 4, 8, 32, 1), False),
        (MapSpec("m", MapKind.HASH, 4, 8, 16, 0), False),
    ],
)
def test_a_map_serves_in_anothers_place_if_all_but_its_name_is_equal(other, fits):
    assert MAP.compatible(other) is fits


def test_only_per_cpu_kinds_are_per_cpu():
    assert {kind.name for kind in MapKind if kind.per_cpu} == {
        "PERCPU_HASH",
        "PERCPU_ARRAY",
        "LRU_PERCPU_HASH",
    }


def test_a_source_is_the_headers_around_the_service(monkeypatch):
    monkeypatch.setattr("platform.release", lambda: "6.18.5-cloud-amd64")
    source = cube_source(Hook.XDP, "DEBUG", MAPS, CODE)
    names = [part.name for part in source.parts]
    assert names.index("pcn/api.h") < names.index("svc/maps.h") < names.index("svc/datapath.c")
    assert names[-1] == "pcn/entry.h"
    assert source.parts[0].text.splitlines()[1:] == [
        f"#define LINUX_VERSION_CODE {(6 << 16) + (18 << 8) + 5}",
        "#define LOG_LEVEL 1",
        "#define POLYCUBE_PROGRAM_TYPE 0",
        "#define PCN_FIRST 0",
        "#define POLYCUBE_XDP 1",
    ]
    egress = cube_source(Hook.TC, "OFF", MAPS, CODE, "egress", transparent=True, inner=True)
    assert egress.parts[0].text.splitlines()[2:] == [
        "#define LOG_LEVEL 6",
        "#define POLYCUBE_PROGRAM_TYPE 1",
        "#define PCN_FIRST 128",
        "#define PCN_TRANSPARENT 1",
        "#define PCN_INNER 1",
    ]
    assert '#line 1 "svc/datapath.c"\nline one;\n' in source.text
    assert all((HEADERS / name).is_file() for name in names[1:-3])


@pytest.mark.parametrize(
    ("release", "code"),
    [("6.18", 6 << 16 | 18 << 8), ("5.10.300-x", 5 << 16 | 10 << 8 | 255), ("odd", 0)],
)
def test_the_kernel_is_told_to_the_preprocessor(monkeypatch, release, code):
    monkeypatch.setattr("platform.release", lambda: release)
    defines = cube_source(Hook.TC, "INFO", MAPS, CODE).parts[0].text
    assert f"#define LINUX_VERSION_CODE {code}\n" in defines


def test_extern_tables_get_macros_of_their_own():
    code = Part(
        "svc/datapath.c",
        'BPF_TABLE("extern", u32, u64, a, 1);\nBPF_F_TABLE( "extern" , u32, u64, b, 1, 0);\n'
        'BPF_QUEUESTACK("extern", c, u32, 1, 0);\nBPF_TABLE("hash", u32, u64, d, 1);\n',
    )
    assert (
        "PCN_EXTERN_TABLE( u32, u64, a, 1);\nPCN_EXTERN_F_TABLE(  u32, u64, b, 1, 0);\n"
        'PCN_EXTERN_QUEUE( c, u32, 1, 0);\nBPF_TABLE("hash", u32, u64, d, 1);\n'
    ) in cube_source(Hook.TC, "INFO", MAPS, code).text


def test_a_line_is_found_under_the_last_part_of_its_name():
    source = cube_source(Hook.TC, "INFO", MAPS, CODE)
    assert source.line("datapath.c", 2) == source.line("svc/datapath.c", 2) == "line two;"
    for name, number in (("datapath.c", 0), ("datapath.c", 3), ("nope.c", 1), ("path.c", 1)):
        assert source.line(name, number) == ""


def test_whatever_changes_the_result_changes_the_key():
    base = cube_source(Hook.TC, "INFO", MAPS, CODE)
    others = [
        cube_source(Hook.XDP, "INFO", MAPS, CODE),
        cube_source(Hook.TC, "DEBUG", MAPS, CODE),
        cube_source(Hook.TC, "INFO", MAPS._replace(text="x"), CODE),
        cube_source(Hook.TC, "INFO", MAPS, CODE._replace(text="x")),
        cube_source(Hook.TC, "INFO", MAPS, CODE, "egress"),
        base._replace(functions=("other",)),
        base._replace(hook=Hook.XDP),
    ]
    keys = {one.key for one in (base, *others)}
    assert len(keys) == 1 + len(others)
    assert cube_source(Hook.TC, "INFO", MAPS, CODE).key == base.key


class _Map:
    fd = 0x1234


def test_patching_fills_in_descriptors_and_constants():
    imm64 = bytes([0x18, 2, 0, 0]) + bytes(12)
    exit_ = bytes([0x95]) + bytes(7)
    spec = ProgramSpec(
        "p", Hook.TC, imm64 + exit_ + imm64, (MapRef(0, "m"),), (ConstRef(3, "cube_id"),)
    )
    code = patch(spec, {"m": _Map()}, {"cube_id": 7 << 32 | 9})
    assert struct.unpack("=BBhiI", code[:12])[:2] == (0x18, 0x12)
    assert struct.unpack_from("=i4xi", code, 4) == (0x1234, 0)
    assert code[16:24] == exit_
    assert code[25] == 2
    assert struct.unpack_from("=I4xI", code, 28) == (9, 7)
    assert spec.insns == imm64 + exit_ + imm64
    for maps, constants in (({}, {"cube_id": 1}), ({"m": _Map()}, {})):
        with pytest.raises(KeyError):
            patch(spec, maps, constants)


def test_a_source_is_a_value():
    assert Source(Hook.TC, (CODE,)) == Source(Hook.TC, (CODE,))
