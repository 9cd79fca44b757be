"""Fixtures of packages/architectures: tiny random CLIP and SigLIP, whole, and what transformers computes with them.

Needs torch, transformers, safetensors, tokenizers. Run from the root of the repository:
    python tools/parity/dual_tower.py [clip] [siglip] [zero-shot]
"""

import sys
from pathlib import Path

import torch
from dual_tower_fixture import write_dual_tower
from family_fixture import randomise
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

fixtures = Path("packages/architectures/fixtures/families")
vocabulary = 31


def case(name, model, seed, *, ids, mask, height, width=None, images=2, interpolate=False, **options):
    randomise(model, seed)
    with torch.no_grad():
        model.logit_scale.fill_(1.3)
    model.text_model.config._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(seed)
    channels = model.config.vision_config.num_channels
    pixels = torch.randn((images, channels, height, width or height), generator=generator)

    def run(model):
        output = model(
            input_ids=ids, attention_mask=mask, pixel_values=pixels, interpolate_pos_encoding=interpolate,
            return_loss=images == len(ids),
        )  # fmt: skip
        tokens = {"image": output.vision_model_output.last_hidden_state, "text": output.text_model_output.last_hidden_state}
        embeddings = {"image": output.image_embeds, "text": output.text_embeds}
        return {
            **{f"tokens.{modality}": value.clone() for modality, value in tokens.items()},
            **{f"embedding.{modality}": value for modality, value in embeddings.items()},
            "logits": output.logits_per_image,
            **({} if output.loss is None else {"loss": output.loss}),
        }

    write_dual_tower(
        fixtures / name,
        model,
        layers={"image": lambda m: m.vision_model.encoder.layers, "text": lambda m: m.text_model.encoder.layers},
        features={
            "image": {"pixelValues": pixels.permute(0, 2, 3, 1).contiguous()},
            "text": {"inputIds": ids, "mask": mask},
        },
        run=run,
        **options,
    )


def with_position_ids(tensors) -> None:
    """The buffers that transformers 4 saved."""
    tensors["text_model.embeddings.position_ids"] = torch.arange(9)[None]
    tensors["vision_model.embeddings.position_ids"] = torch.arange(10)[None]


def ended(rows, end, padding):
    """Ids that end with a token, padded, and their mask."""
    width = max(len(row) for row in rows) + 1
    ids = [row + [end] + [padding] * (width - len(row) - 1) for row in rows]
    mask = [[1.0] * (len(row) + 1) + [0.0] * (width - len(row) - 1) for row in rows]
    return {"ids": torch.tensor(ids), "mask": torch.tensor(mask)}


text_sizes = dict(vocab_size=vocabulary, max_position_embeddings=9, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3)
vision_sizes = dict(image_size=12, patch_size=4, hidden_size=8, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2)


def clip() -> None:
    def config(text={}, vision={}, **options):
        text = {**text_sizes, "bos_token_id": 28, "eos_token_id": 29, "pad_token_id": 29, **text}
        return CLIPConfig(text_config=text, vision_config={**vision_sizes, **vision}, **{"projection_dim": 5} | options)

    def as_published(settings) -> None:
        """What transformers 4 wrote beside the towers' configs, and before 2023: configs in full, which count."""
        settings["text_config_dict"] = {**text_sizes, "bos_token_id": 28, "eos_token_id": 29, "projection_dim": 5}
        settings["vision_config_dict"] = {**vision_sizes, "projection_dim": 5}
        settings["text_config"] |= {"hidden_size": 99, "eos_token_id": 2, "return_dict": True, "top_k": 50, "is_decoder": False}
        settings["vision_config"] |= {"num_hidden_layers": 7, "torch_dtype": None, "pruned_heads": {}}
        settings |= {"torch_dtype": "float32", "transformers_version": None}

    rows = [[28, 4, 5, 7, 3], [28, 9], [28, 6, 6, 2, 8, 11, 3]]
    case("clip/padded-three-of-each", CLIPModel(config()), 1, **ended(rows, 29, 29), height=12, images=3)
    legacy = config(text={"eos_token_id": 2, "hidden_act": "gelu"}, vision={"hidden_act": "relu", "num_channels": 1}, projection_dim=7, logit_scale_init_value=1.5)
    case("clip/largest-id-grey-older-f16", CLIPModel(legacy), 2, **ended(rows, 30, 0), height=12, edit_tensors=with_position_ids, dtype=torch.float16)
    larger = config(vision={"layer_norm_eps": 1e-3, "num_hidden_layers": 2})
    case("clip/larger-pictures-bf16", CLIPModel(larger), 3, **ended(rows[:1], 29, 0), height=16, width=21, interpolate=True, images=3, dtype=torch.bfloat16)
    case("clip/older-configs", CLIPModel(config()), 4, **ended(rows[:2], 29, 29), height=12, images=1, edit_config=as_published)


def siglip() -> None:
    def config(text={}, vision={}):
        text = {**text_sizes, "bos_token_id": 0, "eos_token_id": 1, **text}
        return SiglipConfig(text_config={"projection_size": 8, **text}, vision_config={**vision_sizes, **vision})

    filled = {"ids": torch.tensor([[7, 9, 4, 1, 1, 1, 1, 1, 1], [5, 8, 22, 17, 30, 6, 9, 3, 1]]), "mask": torch.ones(2, 9)}
    case("siglip/filled-up-two-of-each", SiglipModel(config()), 11, **filled, height=14)
    odd = config(text={"hidden_act": "relu", "layer_norm_eps": 1e-3, "num_hidden_layers": 1}, vision={"num_channels": 1, "hidden_act": "gelu"})
    case("siglip/grey-older-bf16", SiglipModel(odd), 12, **filled, height=12, images=3, edit_tensors=lambda tensors: tensors.update({"text_model.embeddings.position_ids": torch.arange(9)[None]}), dtype=torch.bfloat16)
    left = {"ids": torch.tensor([[1, 1, 5, 6, 7], [4, 3, 9, 8, 2]]), "mask": torch.tensor([[0.0, 0, 1, 1, 1], [1.0, 1, 1, 1, 1]])}
    alike = config(text={"hidden_size": 8, "num_attention_heads": 2, "projection_size": None})
    case("siglip/masked-left-larger-f16", SiglipModel(alike), 13, **left, height=17, width=12, interpolate=True, images=1, dtype=torch.float16)


cases = {"clip": clip, "siglip": siglip}
for name in sys.argv[1:] or cases:
    cases[name]()
