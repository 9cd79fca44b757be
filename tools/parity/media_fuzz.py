"""Holds what packages/encoder-audio and packages/encoder-vision read against libsndfile and Pillow, over generated files.

Needs numpy, pillow, soundfile. Run from the root of the repository:
    PYTHON=~/.venvs/polymodal-parity/bin/python npm run fuzz:media
    PYTHON=… npm run fuzz:media -- --seed 2 --only Vorbis

Each file is written into a temporary folder, read by Python here and by us in media-fuzz.ts, and ends as one of
    equal     the same samples or pixels, within the case's tolerance; or both refuse; or both find nothing in it
    refused   Python reads it, we refuse it by the name of its format or codec, which the README lists as not read
    salvaged  a damaged file of which both read something, not to the same end
    different everything else: a fault
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import media_fuzz_pictures
import media_fuzz_sound
import numpy as np
from media_fuzz_case import Case

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--only", default="", help="cases whose name contains this")
parser.add_argument("--show", type=int, default=40, help="differences to print")
parser.add_argument("--all", action="store_true", help="print what came of every file that is not equal")
arguments = parser.parse_args()

kinds = ("sound", "picture", "laid")


def generate(folder: Path) -> list[Case]:
    cases = []
    for module in (media_fuzz_sound, media_fuzz_pictures):
        for case in module.cases(np.random.default_rng(arguments.seed)):
            if arguments.only in case.name:
                cases.append(case)
    for index, case in enumerate(cases):
        (folder / f"{index}.in").write_bytes(case.content)
    (folder / "kinds.json").write_text(json.dumps([case.kind for case in cases]))
    return cases


def verdict(case: Case, ours: dict, folder: Path, index: int) -> tuple[str, str]:
    if "crash" in ours:
        return "different", ours["crash"]
    if "refused" in ours:
        if case.expected is None or case.expected[0].size == 0:
            return "equal", ""
        if case.named not in ours["refused"]:
            return "different", f"refused without the name {case.named}: {ours['refused']}"
        if case.refusable or case.damage:
            return "refused", ours["refused"]
        return "different", f"refused: {ours['refused']}"
    if case.expected is None:
        return ("salvaged", "") if case.lenient or case.damage else ("different", f"read {ours['shape']}, Python refuses")
    expected, about = case.expected
    read = np.fromfile(folder / f"{index}.out", np.float32 if case.kind == "sound" else np.uint8).reshape(ours["shape"])
    said = difference(read, expected, ours.get("about"), about, case)
    if not said:
        return "equal", ""
    return ("salvaged" if case.damage else "different"), said


def difference(read: np.ndarray, expected: np.ndarray, our_about, about, case: Case) -> str:
    if our_about != about:
        return f"{our_about}, expected {about}"
    if read.shape != expected.shape:
        return f"shape {read.shape}, expected {expected.shape}"
    if np.array_equal(read, expected, equal_nan=True):
        return ""
    gap = np.abs(read.astype(np.float64) - expected)
    furthest = float(gap.max())
    if np.sqrt((gap**2).mean()) <= case.rms or furthest <= case.tolerance:
        return ""
    at = np.unravel_index(gap.argmax(), gap.shape)
    return f"off by {furthest:.3g} ({int((gap > case.tolerance).sum())} of {gap.size} values), at {tuple(map(int, at))}: {read[at]}, expected {expected[at]}"


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    cases = generate(folder)
    print(f"{len(cases)} files", flush=True)
    subprocess.run(["node", "tools/run.mjs", "tools/parity/media-fuzz.ts", name], check=True)
    outcomes = json.loads((folder / "outcomes.json").read_text())
    counts: dict[str, Counter] = {kind: Counter() for kind in kinds}
    shown = 0
    for index, (case, ours) in enumerate(zip(cases, outcomes, strict=True)):
        outcome, why = verdict(case, ours, folder, index)
        counts[case.kind][outcome] += 1
        if (outcome == "different" or (arguments.all and outcome != "equal")) and shown < arguments.show:
            print(f"{outcome}: {case.name}: {why}")
            shown += 1

for kind, count in counts.items():
    print(f"{kind}: {', '.join(f'{number} {outcome}' for outcome, number in sorted(count.items()))}")
different = sum(count["different"] for count in counts.values())
print(json.dumps({"files": len(cases), "different": different, **{kind: dict(count) for kind, count in counts.items()}}))
sys.exit(1 if different else 0)
