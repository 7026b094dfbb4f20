"""Compare the verdicts of ``instances/`` with yanglint and yangson: a script, not a test.

    python tests/generator/oracles.py [number of documents to make from the IR]

So many are made of one model with a bit of everything, and as many by breaking what is valid in
the files. Needs Debian's libyang2-tools, and yangson in this or, named by YANGSON_PYTHON, another
interpreter. Yangson knows no actions, and operations only without data beside them: it is not
asked about those.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))
from polycube_generator import schema
from tests.generator import breaking, cases, mutations

TOTAL: Counter[str] = Counter()
TYPES = {"": "data", "input": "rpc", "output": "reply", "notification": "notif"}
YANGSON = """
import json, sys
from yangson import DataModel
from yangson.enumerations import ContentType
folder = sys.argv[1]
model = DataModel.from_file(f"{folder}/library.json", [folder])
for document, path in json.load(open(f"{folder}/all.json")):
    try:
        model.from_raw(document, path or None).validate(ctype=ContentType.all)
        print("valid")
    except Exception as error:
        print("invalid", type(error).__name__, str(error).replace("\\n", " "))
"""


def nested(document: cases.Document) -> object:
    """Return what is at the path of a document as libyang wants it: in all that it is in."""
    content = document.content
    for step in reversed(document.path.split("/")):
        name, _, key = step.partition("=")
        content = {name: [{"name": key, **content}] if key else content}
    return content


def yanglint(case: cases.Case, folder: Path, number: int, document: cases.Document) -> str:
    """Return the verdict of libyang."""
    path = folder / f"{number}.json"
    path.write_text(json.dumps(document.data, ensure_ascii=False), encoding="utf-8")
    modules = [str(folder / f"{name}.yang") for name in case.modules]
    command = ["yanglint", "-p", str(folder), "-t", TYPES[document.side]]
    for module, names in case.features.items():
        command += ["-F", f"{module}:{','.join(names)}"]
    if document.side:
        command += ["-O", str(path)]
        path = folder / f"{number}.side.json"
        path.write_text(json.dumps(nested(document)), encoding="utf-8")
    done = subprocess.run([*command, *modules, str(path)], check=False, capture_output=True)
    lines = done.stderr.decode(errors="replace").splitlines()
    told = " ".join(one.removeprefix("libyang err : ") for one in lines if "warn" not in one)
    if done.returncode < 0 or "Parsing schema module" in told:
        return f"? {told or f'died of signal {-done.returncode}'}"
    return "valid" if done.returncode == 0 else f"invalid {told}"


def yangson(case: cases.Case, folder: Path, documents: list[cases.Document]) -> list[str]:
    """Return the verdicts of yangson, empty where it is not asked."""
    asked = [one for one in documents if not one.side or not (one.data or "/" in one.path)]
    (folder / "library.json").write_text(json.dumps(library(case)), encoding="utf-8")
    raw = [(_raw(one), one.path) for one in asked]
    (folder / "all.json").write_text(json.dumps(raw), encoding="utf-8")
    python = os.environ.get("YANGSON_PYTHON", sys.executable)
    command = [python, "-c", YANGSON, str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if len(lines) != len(asked):
        lines = [f"? {done.stderr.splitlines()[-1]}"] * len(asked)
    said = dict(zip(map(id, asked), lines, strict=True))
    return [said.get(id(one), "") for one in documents]


def _raw(document: cases.Document) -> object:
    if not document.side:
        return document.data
    module = document.path.partition(":")[0]
    if document.side == "notification":
        return {f"{module}:{name}": value for name, value in document.content.items()}
    return {f"{module}:{document.side}": document.content}


def library(case: cases.Case) -> object:
    """Return the modules of a case as ``ietf-yang-library`` has them."""
    parts = [{"name": name, "revision": ""} for name in case.sources.keys() - case.modules]
    modules = [
        {
            "name": name,
            "revision": "",
            "namespace": f"urn:{name}",
            "conformance-type": "implement",
            "feature": case.features.get(name, case.declared(name)),
            **({"submodule": parts} if parts and name == "t" else {}),
        }
        for name in case.modules
    ]
    return {"ietf-yang-library:modules-state": {"module-set-id": "1", "module": modules}}


def judged(case: cases.Case) -> None:
    """Print every disagreement about the documents of a case, and count."""
    documents = [document for _, document in case.documents]
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as pool:
        folder = Path(temporary)
        case.write(folder)
        first = pool.map(lambda pair: yanglint(case, folder, *pair), enumerate(documents))
        second = yangson(case, folder, documents)
        for (verdict, document), *said in zip(case.documents, first, second, strict=True):
            for oracle, answer in zip(("yanglint", "yangson"), said, strict=True):
                # A model that an oracle does not take is counted with the files' own documents.
                if answer and not (answer[0] == "?" and "(" in verdict):
                    counted(oracle, case.name, document, verdict, answer)


def counted(oracle: str, name: str, document: cases.Document, verdict: str, answer: str) -> None:
    """Count what an oracle said of a document, and print it if it is not the verdict."""
    agrees = answer.split(maxsplit=1)[0] == verdict.split(maxsplit=1)[0]
    TOTAL[oracle, "asked"] += 1
    TOTAL[oracle, "agrees"] += agrees
    if not agrees:
        shown = json.dumps(document.whole, ensure_ascii=False)
        sys.stdout.write(f"{name}: {shown} is {verdict}; {oracle}: {answer[:160]}\n")


def broken(case: cases.Case, count: int, random: Random) -> cases.Case:
    """Return documents that break one constraint of what is valid in a case."""
    with tempfile.TemporaryDirectory() as temporary:
        case.write(Path(temporary))
        models = schema.load(Path(temporary), (), case.features)
    (model,) = (one for one in models if one.name == case.of)
    found = [
        (f"invalid ({mutant.kind})", cases.Document(mutant.document))
        for verdict, document in case.documents
        if verdict == "valid" and not document.side
        for mutant in breaking.mutants(model, document.data)
    ]
    return replace(case, documents=tuple(random.sample(found, min(count, len(found)))))


def made(count: int, random: Random) -> cases.Case:
    """Return documents from the IR, and mutants of them: one in eight is valid."""
    with tempfile.TemporaryDirectory() as temporary:
        documents = mutations.Documents(Path(temporary))
    pairs: list[tuple[str, cases.Document]] = []
    while len(pairs) < count:
        document = documents.valid(random)
        pairs.append(("valid", cases.Document(document)))
        mutants = random.sample(documents.mutants(document), 7)
        pairs += [(f"invalid ({one.kind})", cases.Document(one.document)) for one in mutants]
    sources = {"t": cases.FRAME.format(model=mutations.MODEL)}
    return cases.Case("made", sources, "t", {}, tuple(pairs[:count]))


def main() -> None:
    """Print every disagreement, and how many there are."""
    count = int((sys.argv[1:] or ["0"])[0])
    random = Random(7950)  # noqa: S311
    known = cases.read()
    for case in known:
        judged(case)
        judged(broken(case, count // len(known), random))
    judged(made(count, random))
    for oracle in ("yanglint", "yangson"):
        agrees, asked = TOTAL[oracle, "agrees"], TOTAL[oracle, "asked"]
        sys.stdout.write(f"{oracle}: {agrees} of {asked} agree ({agrees / asked:.1%})\n")


if __name__ == "__main__":
    main()
