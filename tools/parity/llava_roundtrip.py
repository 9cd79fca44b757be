"""LLaVA that we saved is loaded by Python's from_pretrained with no key missing or unexpected, gives the logits that it gave, to the bit,
and continues the documents of the fixtures by the same tokens. Its language model and its vision tower, saved alone, are loaded as what
they are, with the values that they have in the whole.

    python tools/parity/llava_roundtrip.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from idefics_roundtrip import holds, load, report
from llava import fixtures, left_padded, new_tokens
from safetensors.torch import load_file
from transformers import AutoModel, LlavaForConditionalGeneration


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(["node", "tools/run.mjs", "tools/parity/vision-language-roundtrip.ts", "llava", target], check=True)
        folders = sorted(path.parent for path in Path(target).rglob("config.json"))
        right = [checks[folder.parent.name](folder) for folder in folders]
    print(f"{sum(right)} of {len(right)} checkpoints came back as they went")
    sys.exit(not right or not all(right))


def original(folder: Path) -> LlavaForConditionalGeneration:
    return LlavaForConditionalGeneration.from_pretrained(fixtures / folder.name).eval()


def whole(folder: Path) -> bool:
    before = original(folder)
    after, keys = load(LlavaForConditionalGeneration, folder)
    case = json.loads((fixtures / folder.name / "documents.json").read_text())
    padded = load_file(fixtures / folder.name / "expected.safetensors")["pixelValues"].permute(0, 1, 4, 2, 3)
    counts = [prompt.count(case["placeholder"]) for prompt in case["prompts"]]
    pixels = torch.cat([own[:count] for own, count in zip(padded, counts)]).contiguous()
    ids, mask = left_padded(case["joint"], 0)
    inputs = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}
    with torch.no_grad():
        same = torch.equal(before(**inputs).logits, after(**inputs).logits)
    continued = after.generate(**inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=0)
    said = continued[:, ids.shape[1] :].tolist() == case["continuations"]
    return report(folder, not keys and same and said, keys)


def language_model(folder: Path) -> bool:
    model, keys = load(AutoModel, folder)
    return report(folder, not keys and holds(model, own_values(original(folder).model.language_model)), keys)


def vision_tower(folder: Path) -> bool:
    model, keys = load(AutoModel, folder)
    return report(folder, not keys and holds(model, own_values(original(folder).model.vision_tower)), keys)


def own_values(part):
    return {name: value for name, value in part.state_dict().items() if "inv_freq" not in name}


checks = {"whole": whole, "language model": language_model, "vision tower": vision_tower}

if __name__ == "__main__":
    main()
