"""The contender's side of the protocol in Python, as src/serve.ts is in TypeScript."""

import json
import resource
import sys
from pathlib import Path


def missing(what):
    """Says what the contender needs and lacks, and ends it."""
    answer(kind="missing", what=what)
    sys.exit()


def serve(run):
    """Says that all is prepared, then runs so many times as it is told to, and tells the peak memory at the end."""
    answer(kind="ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "finish" in request:
            answer(kind="finished", peakRssBytes=peak_rss_bytes())
            break
        answer(kind="result", result=run(request["run"]))


def answer(**value):
    print(json.dumps(value, separators=(",", ":")), flush=True)


def peak_rss_bytes():
    """As the other contenders count it (src/peak-memory.ts)."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
