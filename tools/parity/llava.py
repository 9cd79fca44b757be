"""Fixtures of packages/architectures/src/llava: tiny random LLaVAs, what transformers computes with them of documents with no, one and
several pictures, prepared by its processor, how it continues them, and what it learns.

Needs numpy, pillow, torch, tokenizers, transformers, safetensors. Run from the root of the repository:
    python tools/parity/llava.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from family_fixture import edit_checkpoint, randomise
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

fixtures = Path("packages/architectures/fixtures/llava")
side, patch, layers = 8, 4, 3
new_tokens = 7
least_margin = 1e-3  # between the first and the second token, so that rounding decides nothing

# A number is a picture.
documents = [
    ["what is left of ", 0, "?"],
    ["how many dogs?"],
    [1, "\nand ", 2, " or ", 3, "what is it?"],
    ["many ", 4, 5, 6, 7, 8, 9, 10, "how many?"],
]
answers = ["a dog", "two", "it is left", "many dogs"]


def tokenizer_of() -> PreTrainedTokenizerFast:
    own = Tokenizer(models.BPE(unk_token="<unk>"))
    own.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    own.decoder = decoders.Metaspace(prepend_scheme="first")
    special = ["<unk>", "<s>", "</s>", "<image>", "<pad>"]
    texts = [part for document in documents for part in document if isinstance(part, str)] + answers
    own.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=56, special_tokens=special, show_progress=False))
    own.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", own.token_to_id("<s>"))])
    return PreTrainedTokenizerFast(
        tokenizer_object=own, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>", padding_side="left"
    )  # fmt: skip


def processor_of(tokenizer, strategy: str) -> LlavaProcessor:
    pictures = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return LlavaProcessor(pictures, tokenizer, patch, strategy, num_additional_image_tokens=1)


def as_modules(name: str) -> str:
    """How the modules are called since transformers 4.52."""
    return name.replace("language_model.lm_head", "lm_head") if "lm_head" in name else "model." + name.replace("language_model.model.", "language_model.")


def as_published(name: str) -> str:
    """How checkpoints of llava-hf have it, which transformers 5 saves without the name in the middle."""
    return name if "vision_tower.vision_model" in name else name.replace("vision_tower.", "vision_tower.vision_model.")


def left_padded(rows, filler):
    width = max(map(len, rows))
    ids = torch.tensor([[filler] * (width - len(row)) + row for row in rows])
    return ids, torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])


def written_behind(tokenizer, prompt, continuation) -> str:
    """What is new in the whole text: by itself a continuation would lose a space in front."""
    before, whole = (tokenizer.decode(ids, skip_special_tokens=True) for ids in (prompt, prompt + continuation))
    assert whole.startswith(before)
    return whole[len(before) :]


def write(name, seed, *, text, rename, **options):
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = tokenizer_of()
    vision = dict(
        model_type="clip_vision_model", hidden_size=12, image_size=side, patch_size=patch, intermediate_size=20,
        num_hidden_layers=layers, num_attention_heads=3,
    )  # fmt: skip
    decoder = dict(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, **text,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=vision, text_config=decoder, image_token_index=tokenizer.convert_tokens_to_ids("<image>"), **options
    )
    processor = processor_of(tokenizer, config.vision_feature_select_strategy)
    model = LlavaForConditionalGeneration(config)
    randomise(model, seed, 0.3)
    model.tie_weights()
    model.eval()
    model.generation_config.eos_token_id = None
    model.generation_config.max_new_tokens = new_tokens
    model.save_pretrained(folder)
    processor.save_pretrained(folder)

    def rearrange(tensors):
        for key in list(tensors):
            tensors[rename(key)] = tensors.pop(key)

    edit_checkpoint(folder, edit_tensors=rearrange)
    LlavaForConditionalGeneration.from_pretrained(folder)

    count = 1 + max(part for document in documents for part in document if isinstance(part, int))
    pictures = np.random.default_rng(seed).integers(0, 256, (count, side, side + 2, 3), dtype=np.uint8)
    texts = ["".join("<image>" if isinstance(part, int) else part for part in document) for document in documents]
    shown = [[pictures[part] for part in document if isinstance(part, int)] for document in documents]
    # Each is prepared by itself: the processor takes the pictures of a batch as one list, which it deals out to placeholders.
    rows = [processor(text=one, images=own or None) for one, own in zip(texts, shown)]
    joint = [list(row["input_ids"][0]) for row in rows]
    pixels = [torch.tensor(np.array(row["pixel_values"])) for row in rows if "pixel_values" in row]
    ids, mask = left_padded(joint, tokenizer.pad_token_id)
    inputs = {"input_ids": ids, "attention_mask": mask, "pixel_values": torch.cat(pixels)}

    hidden = []
    hooks = [
        layer.register_forward_hook(lambda _module, _args, output: hidden.append(output[0] if isinstance(output, tuple) else output))
        for layer in model.model.language_model.layers
    ]
    with torch.no_grad():
        output = model(**inputs)
    for hook in hooks:
        hook.remove()
    valid = lambda tokens: tokens[mask > 0]  # of all rows, one after the other
    most = max(map(len, shown))
    padded = torch.zeros((len(documents), most, side, side, 3))
    for row, own in enumerate(shown):
        if own:
            padded[row, : len(own)] = torch.tensor(np.array(rows[row]["pixel_values"])).permute(0, 2, 3, 1)
    expected = {"pictures": torch.tensor(pictures, dtype=torch.int32), "pixelValues": padded, "logits": valid(output.logits)}
    expected |= {f"hidden.{index}": valid(value) for index, value in enumerate(hidden)}

    generated = model.generate(
        **inputs, max_new_tokens=new_tokens, do_sample=False, pad_token_id=0, return_dict_in_generate=True, output_scores=True
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
    logits = model(input_ids=learned, attention_mask=learned_mask, pixel_values=inputs["pixel_values"]).logits[:, :-1]
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
    loss.backward()
    gradients = {}
    for key, value in model.named_parameters():
        short = key.removeprefix("model.").replace("language_model.", "language_model.model.").replace("lm_head", "language_model.lm_head")
        gradients[as_published(short)] = torch.zeros_like(value) if value.grad is None else value.grad.contiguous()
    unused = [key for key, value in gradients.items() if value.abs().max() == 0]
    behind = layers + 1 + config.vision_feature_layer if config.vision_feature_layer < 0 else config.vision_feature_layer
    names = ["post_layernorm"] + [f"layers.{index}." for index in range(behind, layers)]
    assert all("vision_model" in key and any(own in key for own in names) for key in unused), unused

    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    save_file(gradients, folder / "gradients.safetensors")
    case = {
        "placeholder": config.image_token_id, "documents": documents, "joint": joint, "continuations": continuations,
        "prompts": [tokenizer(one)["input_ids"] for one in texts], "answers": targets, "loss": loss.item(),
        "texts": [written_behind(tokenizer, prompt, own) for prompt, own in zip(joint, continuations)],
    }  # fmt: skip
    (folder / "documents.json").write_text(json.dumps(case) + "\n")
    print(f"{name}: {sum(file.stat().st_size for file in folder.iterdir()) / 1024:.0f} KiB, {case['texts']}")


def main() -> None:
    write("llama", 1, text=dict(model_type="llama"), rename=as_published)
    write(
        "qwen2-tied", 2, text=dict(model_type="qwen2", tie_word_embeddings=True), rename=as_modules, vision_feature_layer=1,
        vision_feature_select_strategy="full", projector_hidden_act="relu", multimodal_projector_bias=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
