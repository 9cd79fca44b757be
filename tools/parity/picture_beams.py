"""Fixtures of packages/architectures/src/llava and idefics: what transformers finds by search in beams behind documents with no, one and several
pictures, with the models that llava.py and idefics.py wrote.

Needs torch, transformers, safetensors. Run from the root of the repository, behind these two:
    python tools/parity/picture_beams.py
"""

import json
from pathlib import Path

import torch
import transformers
from generation import camel, cut
from idefics import inputs_of
from llava import left_padded
from safetensors.torch import load_file
from transformers import IdeficsForVisionText2Text, LlavaForConditionalGeneration

fixtures = Path("packages/architectures/fixtures")
# Which ids end a sequence is found below: some that would be written.
searches = [
    dict(num_beams=3, num_return_sequences=2, max_new_tokens=7),
    dict(num_beams=4, num_return_sequences=4, max_new_tokens=9, early_stopping=True, length_penalty=0.5, no_repeat_ngram_size=2),
    dict(num_beams=2, num_return_sequences=1, max_new_tokens=8, early_stopping="never", repetition_penalty=1.3),
    # Tokens of pictures count among those that were there: below 1, these are likelier to come again.
    dict(max_new_tokens=8, repetition_penalty=0.4),
    dict(max_new_tokens=8, no_repeat_ngram_size=1),
    dict(max_new_tokens=8, no_repeat_ngram_size=2),
]


def llava_inputs(folder, documents):
    ids, mask = left_padded(documents["joint"], 0)
    pixels = load_file(folder / "expected.safetensors")["pixelValues"]
    counts = [sum(isinstance(part, int) for part in document) for document in documents["documents"]]
    shown = torch.cat([own[:count] for own, count in zip(pixels, counts)])
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": shown.permute(0, 3, 1, 2)}


def idefics_inputs(folder, documents):
    pixels = load_file(folder / "expected.safetensors")["pixelValues"].permute(0, 1, 4, 2, 3)
    return inputs_of(documents["prompts"], documents["placeholder"], pixels)


def searched(model, inputs, options):
    output = model.generate(**inputs, do_sample=False, pad_token_id=0, return_dict_in_generate=True, output_scores=True, **options)
    width = inputs["input_ids"].shape[1]
    sequences = [cut(row, options.get("eos_token_id", [])) for row in output.sequences[:, width:].tolist()]
    return sequences, [] if options.get("num_beams", 1) == 1 else output.sequences_scores.tolist()


def write(name, model_class, inputs_of_folder) -> None:
    folder = fixtures / name
    documents = json.loads((folder / "documents.json").read_text())
    inputs = inputs_of_folder(folder, documents)
    single = model_class.from_pretrained(folder).eval()
    double = model_class.from_pretrained(folder).eval().double()
    twice = {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()}
    ends = sorted({own[2] for own in documents["continuations"]})[:2]
    written = []
    for index, options in enumerate(searches):
        options = options if index == 0 else options | {"eos_token_id": ends}
        sequences, scores = searched(single, inputs, options)
        assert searched(double, twice, options)[0] == sequences, "a near tie: take another search"
        written.append({"options": camel(options), "continuations": sequences, "scores": scores})
    (folder / "beams.json").write_text(json.dumps(written) + "\n")
    print(name, [[len(own) for own in run["continuations"]] for run in written])


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name in ("llava/llama", "llava/qwen2-tied"):
        write(name, LlavaForConditionalGeneration, llava_inputs)
    for name in ("idefics/resampled", "idefics/tied-vectors"):
        write(name, IdeficsForVisionText2Text, idefics_inputs)
