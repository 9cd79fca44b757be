"""Fixtures of packages/architectures/src/idefics3: a tiny random Idefics3 and a SmolVLM, with their processors; what transformers makes of
documents with no, one and several pictures of any size, computes with them, continues them with, and learns.

Needs numpy, pillow, torch, tokenizers, transformers, safetensors. Run from the root of the repository:
    python tools/parity/idefics3.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from family_fixture import edit_checkpoint, randomise
from llava import least_margin, left_padded, written_behind
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    PreTrainedTokenizerFast,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
)
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

fixtures = Path("packages/architectures/fixtures/idefics3")
patch, factor = 2, 2
new_tokens = 6

# A number is a picture, of these sides: wide, tall, square.
sides = [(6, 20), (21, 9), (12, 12), (5, 14), (8, 16), (30, 15), (3, 40), (11, 23), (14, 5), (33, 16)]
documents = [
    ["User: what is left of ", 0, "?\nAssistant:"],
    ["User: how many dogs?\n\nAssistant:"],
    [1, "\nand ", 2, " or", 3, "\n\nwhat is it?"],
    ["many ", 4, 5, 6, 7, 8, 9, 2, "how many?"],
]
answers = [" a dog", " two", " it is left", " many dogs"]


def tokenizer_of(rows: int, columns: int) -> PreTrainedTokenizerFast:
    """As that of SmolVLM: bytes, with tokens for what stands around pictures, and one for two line ends that follow one another."""
    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    texts = [part for document in documents for part in document if isinstance(part, str)] + answers + ["\n\n", "\n\n"]
    alphabet = sorted({symbol for text in texts for symbol in pre_tokenizers.ByteLevel(False).pre_tokenize_str(text)[0][0]} | set("ĠĊ"))
    special = ["<|im_end|>", "<|im_start|>", "<pad>"]
    own.train_from_iterator(
        texts * 2, trainers.BpeTrainer(vocab_size=64, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    )
    written = ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>"]
    written += [f"<row_{row}_col_{column}>" for row in range(1, rows + 1) for column in range(1, columns + 1)]
    own.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in written])
    return PreTrainedTokenizerFast(
        tokenizer_object=own, bos_token="<|im_start|>", eos_token="<|im_end|>", unk_token="<|im_end|>", pad_token="<pad>",
        padding_side="left", truncation_side="left",
    )  # fmt: skip


def as_python_writes(processor: Idefics3Processor) -> None:
    """Makes sure that SmolVLM writes around pictures what Idefics3 does."""
    for grid in [(0, 0), (1, 2), (3, 1), (2, 2)]:
        ours = processor.replace_image_token({"rows": [[grid[0]]], "cols": [[grid[1]]]}, 0)
        theirs = get_image_prompt_string(*grid, processor.image_seq_len, "<fake_token_around_image>", "<image>", "<global-img>")
        assert ours == theirs, (ours, theirs)


def collapsed(ids: list[int], image: int, count: int) -> list[int]:
    """With one placeholder for each tile, which has `count` of them in Python."""
    short, index = [], 0
    while index < len(ids):
        short.append(ids[index])
        if ids[index] == image:
            assert ids[index : index + count] == [image] * count and ids[index + count : index + count + 1] != [image]
            index += count
        else:
            index += 1
    return short


def write(name, seed, classes, *, tile, pictures, text, edit_config=None, **options):
    model_class, config_class = classes
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = tokenizer_of(3, 3)
    count = (tile // patch // factor) ** 2
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=count)
    as_python_writes(processor)
    image = tokenizer.convert_tokens_to_ids("<image>")
    vision = dict(
        hidden_size=12, image_size=tile, patch_size=patch, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3
    )  # fmt: skip
    decoder = dict(
        model_type="llama", vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=0, pad_token_id=2, **text,
    )  # fmt: skip
    config = config_class(vision_config=vision, text_config=decoder, image_token_id=image, scale_factor=factor, **options)
    model = model_class(config)
    randomise(model, seed, 0.3)
    model.tie_weights()
    model.eval()
    model.generation_config.eos_token_id = None
    model.generation_config.max_new_tokens = new_tokens
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    edit_checkpoint(folder, edit_config=edit_config)
    loaded = model_class.from_pretrained(folder)
    assert all(torch.equal(own, loaded.state_dict()[key]) for key, own in model.state_dict().items())

    random = np.random.default_rng(seed)
    raw = [random.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sides]
    texts = ["".join("<image>" if isinstance(part, int) else part for part in document) for document in documents]
    shown = [[raw[part] for part in document if isinstance(part, int)] for document in documents]
    rows = [
        processor(text=one, images=[own] if own else None, input_data_format="channels_last") for one, own in zip(texts, shown)
    ]
    joint = [list(row["input_ids"][0]) for row in rows]
    tiles = [torch.tensor(np.array(row["pixel_values"]))[0] if "pixel_values" in row else torch.zeros((0, 3, tile, tile)) for row in rows]
    most = max(map(len, tiles))
    pixels = torch.stack([torch.cat([own, torch.zeros((most - len(own), 3, tile, tile))]) for own in tiles])
    ids, mask = left_padded(joint, tokenizer.pad_token_id)
    inputs = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}

    hidden = []
    hooks = [
        layer.register_forward_hook(lambda _module, _args, output: hidden.append(output[0] if isinstance(output, tuple) else output))
        for layer in model.model.text_model.layers
    ]
    with torch.no_grad():
        output = model(**inputs)
    for hook in hooks:
        hook.remove()
    valid = lambda tokens: tokens[mask > 0]  # of all rows, one after the other
    expected = {"pixelValues": pixels.permute(0, 1, 3, 4, 2), "logits": valid(output.logits)}
    expected |= {f"hidden.{index}": valid(value) for index, value in enumerate(hidden)}
    expected |= {f"picture.{index}": torch.tensor(own) for index, own in enumerate(raw)}

    generated = model.generate(
        **inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=2, return_dict_in_generate=True, output_scores=True
    )
    for scores in generated.scores:
        first, second = scores.topk(2)[0].T
        assert (first - second).min() > least_margin, "a near tie: take another seed"
    continuations = generated.sequences[:, ids.shape[1] :].tolist()

    targets = [tokenizer(answer, add_special_tokens=False)["input_ids"] for answer in answers]
    learned, learned_mask = left_padded([prompt + target for prompt, target in zip(joint, targets)], tokenizer.pad_token_id)
    labels = torch.full_like(learned, -100)
    for row, target in enumerate(targets):
        labels[row, -len(target) :] = learned[row, -len(target) :]
    loss = model(input_ids=learned, attention_mask=learned_mask, pixel_values=pixels, labels=labels).loss
    loss.backward()
    gradients = {key: value.grad.contiguous() for key, value in model.named_parameters()}

    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    save_file(gradients, folder / "gradients.safetensors")
    case = {
        "placeholder": image, "documents": documents, "joint": joint, "continuations": continuations,
        "prompts": [collapsed(one, image, count) for one in joint], "answers": targets, "loss": loss.item(),
        "texts": [written_behind(tokenizer, prompt, own) for prompt, own in zip(joint, continuations)],
    }  # fmt: skip
    (folder / "documents.json").write_text(json.dumps(case) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1024
    print(f"{name}: {size:.0f} KiB, {list(map(len, tiles))} tiles, {list(map(len, joint))} tokens, {case['texts']}")


def as_published(config) -> None:
    """What stands in the configs of SmolVLM-256M and Idefics3-8B beside what makes the model."""
    config["vision_config"] |= {"model_type": "idefics3", "max_image_size": {"longest_edge": 8}, "size": {"longest_edge": 16}}
    config["vision_config"] |= {"use_base_siglip": False, "tie_word_embeddings": False}
    config["text_config"] |= {
        "_flash_attn_2_enabled": True, "is_llama_config": True, "neftune_noise_alpha": 0.0, "pixel_shuffle_factor": factor,
        "qk_layer_norms": False, "rope_interleaved": False, "use_resampler": False, "perceiver_config": {"resampler_depth": 6},
        "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16"}},
    }  # fmt: skip
    config |= {"use_reentrant_checkpointing": False, "vocab_size": config["text_config"]["vocab_size"]}


def main() -> None:
    sizes = {"size": {"longest_edge": 16}, "max_image_size": {"longest_edge": 8}}
    idefics3 = (Idefics3ForConditionalGeneration, Idefics3Config)
    write("tiles", 1, idefics3, tile=8, pictures=Idefics3ImageProcessorPil(**sizes), text={"rope_theta": 100000.0}, edit_config=as_published)
    smolvlm = (SmolVLMForConditionalGeneration, SmolVLMConfig)
    whole = SmolVLMImageProcessorPil(size={"longest_edge": 24}, max_image_size={"longest_edge": 12}, do_image_splitting=False)
    write("whole-tied", 2, smolvlm, tile=12, pictures=whole, text={"tie_word_embeddings": True}, tie_word_embeddings=True)


if __name__ == "__main__":
    main()
