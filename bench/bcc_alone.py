"""The compiler's own time: bcc's BPF() on a source, in a process that has nothing else to do.

Stand-alone and stdlib-only, for whichever Python sees Debian's python3-bpfcc. Once bcc is imported
it writes a line, then answers each request, a JSON line {"source": ..., "flags": [...]}, with the
seconds that compiling took.
"""

import json
import os
import sys
import time

replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # libbcc prints

import bcc  # noqa: E402  (after the redirection)

sys.stderr.flush()
replies.write("ready\n")
replies.flush()
for line in sys.stdin:
    request = json.loads(line)
    start = time.perf_counter()
    module = bcc.BPF(text=request["source"], cflags=request["flags"])
    took = time.perf_counter() - start
    module.cleanup()
    replies.write(f"{took}\n")
    replies.flush()
