"""A contender: Python's tokenizers, one text after the other. Its protocol is that of src/serve.ts."""

import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    from tokenizers import Tokenizer
except ImportError:
    missing("tokenizers")

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


serve(tokenize)
