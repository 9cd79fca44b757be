"""Holds what packages/hub accepts against Python's safetensors, over mutated files that the fuzzer wrote.

Needs safetensors. Run from the root of the repository:
    pnpm fuzz:hub --cases 0 --files 0 --folders 0 --write mutated --count 2000
    python tools/parity/hub_fuzz.py mutated

The hub may be stricter than Python; a file that only the hub accepts, or in which it finds other tensors, is a fault. (The
values that it reads are held against a naive reader by the fuzzer itself.)
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from safetensors import SafetensorError, deserialize

folder = Path(sys.argv[1])
counts = Counter()
stricter = Counter()
faults = []
for index, hub in enumerate(json.loads((folder / "outcomes.json").read_text())):
    try:
        tensors = deserialize((folder / f"{index}.safetensors").read_bytes())
        python = sorted((name, tensor["dtype"], tensor["shape"]) for name, tensor in tensors)
    except (SafetensorError, ValueError):
        python = None
    ours = sorted((t["name"], t["dtype"], t["shape"]) for t in hub["tensors"]) if "tensors" in hub else None
    counts[ours is not None, python is not None] += 1
    if ours is None and python is not None:
        stricter[re.search("expected (.*), received", hub["refused"])[1]] += 1
    elif ours != python:
        faults.append(index)

print(f"{counts.total()} files: both accept {counts[True, True]}, both refuse {counts[False, False]}")
print(f"only Python accepts {counts[False, True]}: the hub expects")
for reason, count in stricter.most_common():
    print(f"  {count:5} {reason}")
print(f"only the hub accepts, or finds other tensors: {len(faults)} {faults}")
sys.exit(1 if faults else 0)
