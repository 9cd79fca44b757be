"""Language models that we saved are loaded by Python's AutoModelForCausalLM, with no key missing or unexpected, as the class that
they were, and continue the prompts of the fixtures by the same tokens.

    python tools/parity/generation_roundtrip.py
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from generation import cut, fixtures, left_padded

snake = lambda name: re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(["node", "tools/run.mjs", "tools/parity/generation-roundtrip.ts", target], check=True)
        folders = sorted(path.parent for path in Path(target).rglob("config.json"))
        right = [check(folder) for folder in folders]
    print(f"{sum(right)} of {len(right)} language models came back as they went")
    sys.exit(not right or not all(right))


def check(folder: Path) -> bool:
    before = transformers.AutoModelForCausalLM.from_pretrained(fixtures / folder.name)
    model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    keys = {kind: names for kind, names in info.items() if names}
    after = model.state_dict()
    same = all(torch.equal(value, after[name]) for name, value in before.state_dict().items())
    named = json.loads((folder / "config.json").read_text())["architectures"] == [type(before).__name__]
    cases = [case for case in json.loads((fixtures / folder.name / "generation.json").read_text()) if "scores" not in case]
    continued = all(continuation(model.eval(), case) == case["continuations"] for case in cases)
    ok = not keys and same and named and continued
    print(f"{'✓' if ok else '✗'} {folder.name}: {type(model).__name__}, {len(cases)} continuations {keys or ''}")
    return ok


def continuation(model, case):
    ids, mask = left_padded(case["prompts"])
    options = {snake(name): value for name, value in case["options"].items()}
    sequences = model.generate(ids, attention_mask=mask, pad_token_id=0, **options)
    ends = options.get("eos_token_id") or []
    return [cut(row, ends) for row in sequences[:, ids.shape[1] :].tolist()]


if __name__ == "__main__":
    main()
