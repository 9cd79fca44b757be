"""Idefics that we saved is loaded by Python's from_pretrained with no key missing or unexpected, gives the logits that it gave, to the
bit, and continues the documents of the fixtures by the same tokens. Its language model and its vision tower, saved alone, are loaded as
what they are, with the values that they have in the whole.

    python tools/parity/idefics_roundtrip.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from idefics import fixtures, inputs_of, new_tokens
from safetensors.torch import load_file
from transformers import CLIPVisionModel, IdeficsForVisionText2Text, LlamaModel


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(["node", "tools/run.mjs", "tools/parity/vision-language-roundtrip.ts", "idefics", target], check=True)
        folders = sorted(path.parent for path in Path(target).rglob("config.json"))
        right = [checks[folder.parent.name](folder) for folder in folders]
    print(f"{sum(right)} of {len(right)} checkpoints came back as they went")
    sys.exit(not right or not all(right))


def whole(folder: Path) -> bool:
    before = IdeficsForVisionText2Text.from_pretrained(fixtures / folder.name).eval()
    after, keys = load(IdeficsForVisionText2Text, folder)
    case = json.loads((fixtures / folder.name / "documents.json").read_text())
    pixels = load_file(fixtures / folder.name / "expected.safetensors")["pixelValues"].permute(0, 1, 4, 2, 3).contiguous()
    inputs = inputs_of(case["prompts"], case["placeholder"], pixels)
    with torch.no_grad():
        same = torch.equal(before(**inputs).logits, after(**inputs).logits)
    continued = after.generate(**inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=0)
    said = continued[:, inputs["input_ids"].shape[1] :].tolist() == case["continuations"]
    return report(folder, not keys and same and said, keys)


def language_model(folder: Path) -> bool:
    model, keys = load(LlamaModel, folder)
    own = IdeficsForVisionText2Text.from_pretrained(fixtures / folder.name).model
    embeddings = [own.embed_tokens.weight]
    if own.config.additional_vocab_size:
        embeddings.append(own.embed_tokens.additional_embedding.weight)
    expected = {"embed_tokens.weight": torch.cat(embeddings), "norm.weight": own.norm.weight}
    expected |= {f"layers.{key}": value for key, value in own.layers.state_dict().items()}
    return report(folder, not keys and holds(model, expected), keys)


def vision_tower(folder: Path) -> bool:
    model, keys = load(CLIPVisionModel, folder)
    own = IdeficsForVisionText2Text.from_pretrained(fixtures / folder.name).model.vision_model
    pixels = torch.randn((2, 3, own.config.image_size, own.config.image_size))
    with torch.no_grad():
        difference = (model(pixels).last_hidden_state - own(pixels).last_hidden_state).abs().max()
    return report(folder, not keys and difference < 1e-5, keys)


def load(kind, folder: Path):
    model, info = kind.from_pretrained(folder, output_loading_info=True)
    return model.eval(), {name: value for name, value in info.items() if value}


def holds(model, expected) -> bool:
    own = {name: value for name, value in model.state_dict().items() if "inv_freq" not in name}
    return own.keys() == expected.keys() and all(torch.equal(own[name], value) for name, value in expected.items())


def report(folder: Path, ok, keys) -> bool:
    print(f"{'✓' if ok else '✗'} {folder.parent.name} of {folder.name} {keys or ''}")
    return bool(ok)


checks = {"whole": whole, "language model": language_model, "vision tower": vision_tower}

if __name__ == "__main__":
    main()
