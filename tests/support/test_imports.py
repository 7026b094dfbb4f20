"""support is pure: light to import, and nothing but msgspec and the standard library."""

import os
import subprocess
import sys


def test_generated_code_imports_fast_and_light():
    code = "import sys; import polycube_generated.simplebridge.routes; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"fastapi", "starlette", "pydantic", "pyang", "jinja2", "bcc", "pyroute2"}
