"""A contender: Python's tokenizers, one text after the other. Its protocol is that of src/serve.ts."""

import json
import resource
import sys
import time
from pathlib import Path


def answer(**values):
    print(json.dumps(values, separators=(",", ":")), flush=True)


try:
    from tokenizers import Tokenizer
except ImportError:
    answer(kind="missing", what="tokenizers")
    sys.exit()

workload = json.loads((Path(sys.argv[1]) / "workload.json").read_text())
tokenizer = Tokenizer.from_file(str(Path(workload["model"]) / "tokenizer.json"))
tokenizer.no_truncation()
tokenizer.no_padding()


def checksum(ids):
    total = 0
    for each in ids:
        total = (total * 31 + each) % 1_000_000_007
    return total


def tokenize(times):
    start = time.perf_counter()
    for _ in range(times):
        ids = [tokenizer.encode(text).ids for text in workload["texts"]]
    seconds = (time.perf_counter() - start) / times
    return {"seconds": seconds, "tokens": sum(map(len, ids)), "checksums": [checksum(each) for each in ids]}


def peak_rss_bytes():
    """As the other contenders count it (src/peak-memory.ts)."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


answer(kind="ready")
for line in sys.stdin:
    request = json.loads(line)
    if "finish" in request:
        answer(kind="finished", peakRssBytes=peak_rss_bytes())
        break
    answer(kind="result", result=tokenize(request["run"]))
