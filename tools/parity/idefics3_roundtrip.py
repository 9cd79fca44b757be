"""Idefics3 and SmolVLM that we saved are loaded by Python's from_pretrained with no key missing or unexpected, give the logits that they
gave, to the bit, continue the documents of the fixtures by the same tokens, and their processor makes the same ids and tiles. Their
language model and their vision tower, saved alone, are loaded as what they are, with the values that they have in the whole.

    python tools/parity/idefics3_roundtrip.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from idefics3 import fixtures, new_tokens
from idefics_roundtrip import holds, load, report
from llava import left_padded
from safetensors.torch import load_file
from transformers import AutoModel, Idefics3ForConditionalGeneration, Idefics3Processor, SmolVLMForConditionalGeneration
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil

classes = {
    "idefics3": (Idefics3ForConditionalGeneration, Idefics3ImageProcessorPil),
    "smolvlm": (SmolVLMForConditionalGeneration, SmolVLMImageProcessorPil),
}


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(["node", "tools/run.mjs", "tools/parity/vision-language-roundtrip.ts", "idefics3", target], check=True)
        folders = sorted(path.parent for path in Path(target).rglob("config.json"))
        right = [checks[folder.parent.name](folder) for folder in folders]
    print(f"{sum(right)} of {len(right)} checkpoints came back as they went")
    sys.exit(not right or not all(right))


def classes_of(name: str):
    return classes[json.loads((fixtures / name / "config.json").read_text())["model_type"]]


def original(folder: Path):
    return classes_of(folder.name)[0].from_pretrained(fixtures / folder.name).eval()


def whole(folder: Path) -> bool:
    before = original(folder)
    model_class, image_class = classes_of(folder.name)
    after, keys = load(model_class, folder)
    case = json.loads((fixtures / folder.name / "documents.json").read_text())
    expected = load_file(fixtures / folder.name / "expected.safetensors")
    pixels = expected["pixelValues"].permute(0, 1, 4, 2, 3).contiguous()
    ids, mask = left_padded(case["joint"], 2)
    inputs = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}
    with torch.no_grad():
        same = torch.equal(before(**inputs).logits, after(**inputs).logits)
    continued = after.generate(**inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=2)
    said = continued[:, ids.shape[1] :].tolist() == case["continuations"]

    pictures = image_class.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    length = json.loads((folder / "processor_config.json").read_text())["image_seq_len"]
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=length)
    prepared = True
    for document, joint, own in zip(case["documents"], case["joint"], pixels):
        text = "".join("<image>" if isinstance(part, int) else part for part in document)
        shown = [expected[f"picture.{part}"].numpy() for part in document if isinstance(part, int)]
        row = processor(text=text, images=[shown] if shown else None, input_data_format="channels_last")
        prepared &= list(row["input_ids"][0]) == joint
        if shown:
            made = np.array(row["pixel_values"])[0]
            prepared &= bool(np.array_equal(made, own[: len(made)].numpy()))
    return report(folder, not keys and same and said and prepared, keys)


def language_model(folder: Path) -> bool:
    model, keys = load(AutoModel, folder)
    return report(folder, not keys and holds(model, own_values(original(folder).model.text_model)), keys)


def vision_tower(folder: Path) -> bool:
    model, keys = load(AutoModel, folder)
    return report(folder, not keys and holds(model, own_values(original(folder).model.vision_model)), keys)


def own_values(part):
    return {name: value for name, value in part.state_dict().items() if "inv_freq" not in name}


checks = {"whole": whole, "language model": language_model, "vision tower": vision_tower}

if __name__ == "__main__":
    main()
