"""Compare the verdicts of ``instances/`` with yanglint and yangson: a script, not a test.

    python tests/generator/oracles.py [number of documents made from the IR]

Needs Debian's libyang2-tools, and yangson in this or, named by YANGSON_PYTHON, another
interpreter.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import yaml

sys.path.insert(0, str(Path(__file__).parent))
import mutations

FOLDER = Path(__file__).with_name("instances")
FRAME = 'module t {{ yang-version 1.1; namespace "urn:t"; prefix t;\n{model}\n}}\n'
TOTAL: Counter[str] = Counter()
LIBRARY = {
    "ietf-yang-library:modules-state": {
        "module-set-id": "1",
        "module": [
            {
                "name": "t",
                "revision": "",
                "namespace": "urn:t",
                "conformance-type": "implement",
            }
        ],
    }
}
YANGSON = """
import json, sys
from yangson import DataModel
from yangson.enumerations import ContentType
folder = sys.argv[1]
model = DataModel.from_file(f"{folder}/library.json", [folder])
for document in json.load(open(f"{folder}/all.json")):
    try:
        model.from_raw(document).validate(ctype=ContentType.all)
        print("valid")
    except Exception as error:
        print("invalid", type(error).__name__, str(error).replace("\\n", " "))
"""


def yanglint(folder: Path, document: object) -> str:
    """Return the verdict of libyang."""
    path = folder / "one.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    command = ["yanglint", "-t", "data", str(folder / "t.yang"), str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    message = " ".join(done.stderr.split())
    return "valid" if done.returncode == 0 else f"invalid {message}"


def yangson(folder: Path, documents: list[object]) -> list[str]:
    """Return the verdicts of yangson."""
    (folder / "library.json").write_text(json.dumps(LIBRARY), encoding="utf-8")
    (folder / "all.json").write_text(json.dumps(documents), encoding="utf-8")
    python = os.environ.get("YANGSON_PYTHON", sys.executable)
    done = subprocess.run(
        [python, "-c", YANGSON, str(folder)], check=False, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    return lines if len(lines) == len(documents) else [f"? {done.stderr[-300:]}"] * len(documents)


def judged(name: str, model: str, pairs: list[tuple[str, object]]) -> None:
    """Print every disagreement about documents of a model, and count."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "t.yang").write_text(FRAME.format(model=model), encoding="utf-8")
        others = yangson(folder, [document for _, document in pairs])
        for (verdict, document), other in zip(pairs, others, strict=True):
            TOTAL["documents"] += 1
            for oracle, said in (("yanglint", yanglint(folder, document)), ("yangson", other)):
                agrees = said.split()[0] == verdict.split()[0]
                TOTAL[oracle] += agrees
                if not agrees:
                    shown = json.dumps(document, ensure_ascii=False)
                    line = f"{name}: {shown} is {verdict}; {oracle}: {said[:160]}\n"
                    sys.stdout.write(line)


def made(count: int) -> list[tuple[str, object]]:
    """Return documents from the IR, and mutants of them: one in eight is valid."""
    random = Random(7950)  # noqa: S311
    with tempfile.TemporaryDirectory() as temporary:
        documents = mutations.Documents(Path(temporary))
        pairs: list[tuple[str, object]] = []
        while len(pairs) < count:
            document = documents.valid(random)
            pairs.append(("valid", document))
            mutants = random.sample(documents.mutants(document), 7)
            pairs += [(f"invalid ({one.kind})", one.document) for one in mutants]
        return pairs[:count]


def main() -> None:
    """Print every disagreement, and how many there are."""
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        base = content.get("base", {})
        pairs = [
            (verdict, {**base, **document})
            for verdict in ("valid", "invalid")
            for document in content[verdict]
        ]
        judged(path.stem, content["model"], pairs)
    judged("made", mutations.MODEL, made(int((sys.argv[1:] or ["0"])[0])))
    total = TOTAL.pop("documents")
    for name, count in sorted(TOTAL.items()):
        sys.stdout.write(f"{name}: {count} of {total} agree ({count / total:.1%})\n")


if __name__ == "__main__":
    main()
