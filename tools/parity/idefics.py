"""Fixtures of packages/architectures/src/idefics: tiny random Idefics, what transformers computes with them of documents with no, one
and several pictures, how it continues them, and what it learns.

Needs torch, transformers, tokenizers, safetensors, pillow, numpy. Run from the root of the repository:
    python tools/parity/idefics.py
"""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from family_fixture import randomise
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from transformers import IdeficsConfig, IdeficsForVisionText2Text, IdeficsProcessor, PreTrainedTokenizerFast
from transformers.models.idefics.image_processing_pil_idefics import IdeficsImageProcessorPil
from transformers.models.idefics.processing_idefics import (
    image_attention_mask_for_packed_input_ids,
    incremental_to_binary_attention_mask,
)

fixtures = Path("packages/architectures/fixtures/idefics")
vocabulary = 50
side = 8
new_tokens = 7
least_margin = 1e-3  # between the first and the second token, so that rounding decides nothing

picture = "picture"
documents = [
    [7, 3, picture, 9, 12, 4, picture, 21, 5, picture, 8, 30],
    [14, 22, 6],
    [picture, 11, 25, 2],
    [5, 40, 17, 9, picture, picture, 33],
]
answers = [[31, 4, 18], [6], [27, 13, 9, 44], [19, 20]]


def ids_of(document, placeholder):
    return [placeholder if part == picture else part for part in document]


def left_padded(rows):
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    return ids, torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])


def inputs_of(rows, placeholder, pixels):
    """As IdeficsProcessor prepares them."""
    ids, mask = left_padded(rows)
    tokenizer = SimpleNamespace(eos_token_id=-5, convert_tokens_to_ids=lambda _: placeholder)
    seen, _ = image_attention_mask_for_packed_input_ids(ids, tokenizer, "pt")
    seen = incremental_to_binary_attention_mask(seen, "pt", num_classes=pixels.shape[1])
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels, "image_attention_mask": seen}


def write(name, seed, *, placeholder, **options):
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    vision = dict(embed_dim=12, image_size=side, patch_size=4, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3)
    config = IdeficsConfig(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_attention_heads=4, max_position_embeddings=96,
        vision_config=vision, freeze_text_layers=False, freeze_vision_layers=False, bos_token_id=None, eos_token_id=None, **options,
    )  # fmt: skip
    model = IdeficsForVisionText2Text(config)
    randomise(model, seed, 0.3)
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "alpha" in key:
                value.mul_(4)  # gates that are open
    model.tie_weights()
    model.eval().generation_config.eos_token_id = None
    model.save_pretrained(folder)

    most = max(row.count(picture) for row in documents)
    pixels = torch.randn((len(documents), most, 3, side, side), generator=torch.Generator().manual_seed(seed))
    for row, document in enumerate(documents):
        pixels[row, document.count(picture) :] = 0
    prompts = [ids_of(document, placeholder) for document in documents]
    whole = [prompt + answer for prompt, answer in zip(prompts, answers)]

    hidden = []
    hooks = [layer.register_forward_hook(lambda _module, _args, output: hidden.append(output)) for layer in model.model.layers]
    inputs = inputs_of(prompts, placeholder, pixels)
    mask = inputs["attention_mask"]
    with torch.no_grad():
        output = model(**inputs)
    for hook in hooks:
        hook.remove()
    valid = lambda tokens: torch.where(mask[..., None] > 0, tokens, torch.zeros(()))
    expected = {"pixelValues": pixels.permute(0, 1, 3, 4, 2), "logits": valid(output.logits)}
    expected |= {f"hidden.{index}": valid(value) for index, value in enumerate(hidden)}

    generated = model.generate(
        **inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=0, return_dict_in_generate=True, output_scores=True
    )
    for scores in generated.scores:
        first, second = scores.topk(2)[0].T
        assert (first - second).min() > least_margin, "a near tie: take another seed"

    learned = inputs_of(whole, placeholder, pixels)
    labels = learned["input_ids"].clone()
    for row, answer in enumerate(answers):
        labels[row, : -len(answer)] = -100
    # The loss of the class takes vocab_size for all there is, which additional tokens are beyond.
    logits = model(**learned).logits[:, :-1]
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
    loss.backward()
    gradients = {key: torch.zeros_like(value) if value.grad is None else value.grad for key, value in model.named_parameters()}
    unused = [key for key, value in gradients.items() if value.abs().max() == 0]
    assert all("vision_model.post_layernorm" in key for key in unused), unused  # of the vector of a picture, which nobody reads

    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    save_file({key: value.contiguous() for key, value in gradients.items()}, folder / "gradients.safetensors")
    case = {
        "placeholder": placeholder, "prompts": prompts, "answers": answers, "loss": loss.item(),
        "continuations": generated.sequences[:, mask.shape[1] :].tolist(),
    }  # fmt: skip
    (folder / "documents.json").write_text(json.dumps(case) + "\n")
    if name == "resampled":
        write_raw(folder, model)
    print(f"{name}: {sum(file.stat().st_size for file in folder.iterdir()) / 1024:.0f} KiB, {case['continuations']}")


def write_raw(folder, model):
    """The same model asked about files and strings, by its processors."""
    words = ["<unk>", "<s>", "</s>", *(f"w{index}" for index in range(3, vocabulary))]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    special = ["<unk>", "<s>", "</s>", "<fake_token_around_image>", "<image>", "<end_of_utterance>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<unk>", padding_side="left",
    )  # fmt: skip
    processor = IdeficsProcessor(IdeficsImageProcessorPil(image_size=side), fast)
    fast.save_pretrained(folder)
    settings = {"image_processor_type": "IdeficsImageProcessor", "image_size": side, "image_num_channels": 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    y, x = np.mgrid[0:11, 0:14]
    for index, name in enumerate(["slope", "waves"]):
        channels = [x * 17 + index * 40, y * 19, 120 + 100 * np.sin((x + index * y) / (2 + index))]
        Image.fromarray(np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)).save(folder / f"{name}.png")
    slope, waves = (Image.open(folder / f"{name}.png") for name in ["slope", "waves"])
    prompts = [
        ["w7 w30 ", slope, "w12 w4", waves, waves, " w9 w33"],
        ["w5 w6 w7"],
        [waves, "w21"],
    ]  # fmt: skip
    inputs = processor(text=prompts, return_tensors="pt")
    generated = model.generate(**inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=0, return_dict_in_generate=True, output_scores=True)
    for scores in generated.scores:
        first, second = scores.topk(2)[0].T
        assert (first - second).min() > least_margin, "a near tie: take other prompts"
    document = {
        "prompts": [[part if isinstance(part, str) else {"image": Path(part.filename).name} for part in prompt] for prompt in prompts],
        "ids": [row[mask > 0].tolist() for row, mask in zip(inputs["input_ids"], inputs["attention_mask"])],
        "continuations": generated.sequences[:, inputs["input_ids"].shape[1] :].tolist(),
        "pixels": [float(f"{value:.7g}") for value in inputs["pixel_values"][0, 0].permute(1, 2, 0).flatten().tolist()],
    }  # fmt: skip
    (folder / "raw.json").write_text(json.dumps(document) + "\n")


def write_large() -> None:
    """How many parameters a model has of the sizes of the published one with 9 billion."""
    perceiver = dict(
        use_resampler=True, resampler_n_latents=64, resampler_depth=6, resampler_n_heads=16, resampler_head_dim=96, qk_layer_norms_perceiver=True,
    )  # fmt: skip
    vision = dict(embed_dim=1280, image_size=224, patch_size=14, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=16)
    options = dict(
        vocab_size=32000, additional_vocab_size=2, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
        cross_layer_interval=4, qk_layer_norms=True, use_resampler=True, perceiver_config=perceiver, vision_config=vision,
    )  # fmt: skip
    with torch.device("meta"):
        model = IdeficsForVisionText2Text(IdeficsConfig(**options))
    document = {"config": {"model_type": "idefics", **options}, "parameters": sum(value.numel() for value in model.parameters())}
    (fixtures / "large.json").write_text(json.dumps(document, indent=1) + "\n")


def main() -> None:
    resampler = dict(
        use_resampler=True, resampler_n_latents=3, resampler_depth=2, resampler_n_heads=2, resampler_head_dim=5, qk_layer_norms_perceiver=True,
    )  # fmt: skip
    write(
        "resampled", 1, placeholder=vocabulary + 1, additional_vocab_size=3, num_hidden_layers=4, cross_layer_interval=2,
        qk_layer_norms=True, alpha_type="float", use_resampler=True, perceiver_config=resampler,
    )  # fmt: skip
    write("tied-vectors", 4, placeholder=49, num_hidden_layers=2, cross_layer_interval=1, alpha_type="vector", tie_word_embeddings=True)
    write_large()


if __name__ == "__main__":
    main()
