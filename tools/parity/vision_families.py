"""Fixtures of packages/encoder-vision/src/families: tiny random checkpoints of each family, and what transformers computes.

Needs torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/vision_families.py [family …]
"""

import sys
from pathlib import Path

import torch
from family_fixture import randomise, write_fixture, write_gradients
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    CLIPVisionModelWithProjection,
    Dinov2Config,
    Dinov2ForImageClassification,
    Dinov2Model,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel,
    Idefics3VisionConfig,
    SiglipVisionConfig,
    SiglipVisionModel,
    SmolVLMVisionConfig,
    SwinConfig,
    SwinForImageClassification,
    SwinModel,
    ViTConfig,
    ViTForImageClassification,
    ViTModel,
)
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.idefics3.modeling_idefics3 import Idefics3VisionTransformer
from transformers.models.smolvlm.modeling_smolvlm import SmolVLMVisionTransformer

fixtures = Path("packages/encoder-vision/fixtures/families")


def case(
    name, model, seed, *, layers, height, width=None, masked=None, own=None, interpolate=False, processor=None, **options
):  # fmt: skip
    """`masked`: how many patches there are, of which some are masked. `own`: how many rows and columns of patches each picture has."""
    randomise(model, seed)
    folder = fixtures / name
    generator = torch.Generator().manual_seed(seed)
    channels = model.config.num_channels
    pixels = torch.randn((2, channels, height, width or height), generator=generator)
    features = {"pixelValues": pixels.permute(0, 2, 3, 1).contiguous()}
    arguments = {"interpolate_pos_encoding": True} if interpolate else {}
    if masked is not None:
        features["maskedPatches"] = (torch.rand((2, masked), generator=generator) < 0.4).float()
        arguments["bool_masked_pos"] = features["maskedPatches"].bool()
    if own is not None:
        patch = model.config.patch_size
        mask = torch.zeros((2, height // patch, (width or height) // patch))
        for picture, (rows, columns) in zip(mask, own):
            picture[:rows, :columns] = 1
        features["patchMask"] = mask
        arguments["patch_attention_mask"] = mask.bool()
        options["mask"] = mask.flatten(1)

    def run(base):
        output = base(pixel_values=pixels, **arguments)
        pooled = output.pooler_output
        return {"tokens": output.last_hidden_state.clone()} | ({} if pooled is None else {"pooled": pooled})

    write_fixture(folder, model, layers=layers, features=features, run=run, **options)
    write_gradients(folder, model.base_model)
    if processor is not None:
        processor.save_pretrained(folder)


def vit() -> None:
    def config(**options):
        sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20}
        return ViTConfig(**sizes | {"image_size": 12, "patch_size": 4} | options)

    layers = lambda base: base.layers
    case("vit/pooler", ViTModel(config(layer_norm_eps=1e-3)), 1, layers=layers, height=12)
    oblong = config(image_size=[8, 12], patch_size=[4, 3], qkv_bias=False, hidden_act="relu", pooler_act="sigmoid")
    case("vit/oblong-no-query-bias", ViTModel(oblong), 2, layers=layers, height=8, width=12)
    larger = ViTModel(config(num_channels=1), add_pooling_layer=False)
    unused = lambda tensors: tensors.update({"embeddings.mask_token": torch.ones(1, 1, 12)})
    case("vit/larger-grey", larger, 3, layers=layers, height=19, width=26, interpolate=True, edit_tensors=unused)
    smaller = ViTForImageClassification(config(hidden_act="gelu_new", num_labels=3))
    case("vit/classifier-smaller-bf16", smaller, 4, layers=layers, height=8, width=12, interpolate=True, dtype=torch.bfloat16)


def dinov2() -> None:
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 12, "patch_size": 4}
    layers = lambda base: base.encoder.layer
    plain = Dinov2Model(Dinov2Config(**sizes, mlp_ratio=2, drop_path_rate=0.1))
    case("dinov2/oblong", plain, 1, layers=layers, height=13, width=22, processor=BitImageProcessorPil(size={"shortest_edge": 16}, crop_size=12))
    gated = Dinov2Model(Dinov2Config(**sizes, use_swiglu_ffn=True, qkv_bias=False, use_mask_token=False, mlp_ratio=3))
    case("dinov2/gated", gated, 2, layers=layers, height=12)
    classifier = Dinov2ForImageClassification(Dinov2Config(**sizes, mlp_ratio=2, hidden_act="relu", num_labels=3))
    case("dinov2/classifier-masked-f16", classifier, 3, layers=layers, height=16, masked=16, dtype=torch.float16)
    registers = Dinov2WithRegistersModel(Dinov2WithRegistersConfig(**sizes, mlp_ratio=2, num_register_tokens=3))
    case("dinov2/registers-larger", registers, 4, layers=layers, height=20, width=16)
    small = Dinov2WithRegistersConfig(**sizes | {"image_size": 20, "patch_size": 4}, mlp_ratio=2, num_register_tokens=1)
    case("dinov2/registers-smaller", Dinov2WithRegistersModel(small), 5, layers=layers, height=8, width=14)


def swin() -> None:
    def config(**options):
        sizes = {"embed_dim": 4, "depths": [2, 2], "num_heads": [2, 4], "window_size": 2, "mlp_ratio": 2}
        return SwinConfig(**sizes | {"image_size": 16, "patch_size": 2} | options)

    def older(tensors) -> None:
        """With the buffers that transformers 4 saved."""
        for name in [name for name in tensors if name.endswith("relative_position_bias_table")]:
            tensors[name.replace("bias_table", "index")] = torch.zeros((4, 4), dtype=torch.int64)

    layers = lambda base: base.encoder.layers
    case("swin/plain", SwinModel(config(layer_norm_eps=1e-3), add_pooling_layer=True), 1, layers=layers, height=16)
    padded = config(window_size=3, qkv_bias=False, patch_size=3, hidden_act="relu")
    case("swin/padded-everywhere", SwinModel(padded), 2, layers=layers, height=31, width=25)
    positions = config(use_absolute_embeddings=True, depths=[2, 1, 2], num_heads=[1, 2, 2], mlp_ratio=1.5)
    case("swin/positions", SwinModel(positions), 3, layers=layers, height=20, width=18, interpolate=True)
    classifier = SwinForImageClassification(config(num_labels=3, window_size=4))
    case("swin/classifier-older-bf16", classifier, 4, layers=layers, height=16, edit_tensors=older, dtype=torch.bfloat16)


def clip_vision() -> None:
    def config(**options):
        sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20}
        return CLIPVisionConfig(**sizes | {"image_size": 12, "patch_size": 4, "projection_dim": 5} | options)

    def older(tensors) -> None:
        """With the prefix and the buffer that transformers 4 saved."""
        for name in list(tensors):
            tensors[f"vision_model.{name}"] = tensors.pop(name)
        tensors["vision_model.embeddings.position_ids"] = torch.arange(10)[None]

    layers = lambda base: base.encoder.layers
    case("clip-vision/plain-older", CLIPVisionModel(config()), 1, layers=layers, height=12, edit_tensors=older)
    larger = CLIPVisionModel(config(hidden_act="gelu", num_channels=1, layer_norm_eps=1e-3))
    case("clip-vision/larger-grey", larger, 2, layers=layers, height=16, width=21, interpolate=True)
    projected = CLIPVisionModelWithProjection(config())
    case("clip-vision/projected-f16", projected, 3, layers=layers, height=12, dtype=torch.float16)


def siglip_vision() -> None:
    def config(**options):
        sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20}
        return SiglipVisionConfig(**sizes | {"image_size": 12, "patch_size": 4} | options)

    layers = lambda base: base.encoder.layers
    case("siglip-vision/pooling-head", SiglipVisionModel(config()), 1, layers=layers, height=14)
    headless = SiglipVisionModel(config(vision_use_head=False, hidden_act="gelu", layer_norm_eps=1e-3))
    case("siglip-vision/no-head-bf16", headless, 2, layers=layers, height=12, dtype=torch.bfloat16)
    smaller = SiglipVisionModel(config(image_size=20))
    case("siglip-vision/smaller", smaller, 3, layers=layers, height=8, width=17, interpolate=True)


def idefics3_positions(side: int) -> torch.Tensor:
    """Which position each patch of a whole picture has."""
    sizes = {"hidden_size": 1, "num_attention_heads": 1, "patch_size": 1, "image_size": side}
    embeddings = Idefics3VisionTransformer(Idefics3VisionConfig(**sizes, num_hidden_layers=1, intermediate_size=1)).embeddings
    with torch.no_grad():
        for parameter in embeddings.patch_embedding.parameters():
            parameter.zero_()
        embeddings.position_embedding.weight.copy_(torch.arange(side * side)[:, None])
        return embeddings(torch.zeros((1, 3, side, side)), torch.ones((1, side, side), dtype=torch.bool)).flatten()


def idefics3_vision() -> None:
    for side in (14, 16, 24, 26, 27, 32):  # of published models
        assert idefics3_positions(side).tolist() == list(range(side * side)), f"{side} a side: rounding moves positions"
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20, "patch_size": 4}
    layers = lambda base: base.encoder.layers
    larger = Idefics3VisionTransformer(Idefics3VisionConfig(**sizes, image_size=12))
    case("idefics3-vision/larger", larger, 1, layers=layers, height=18, width=28)
    options = {"hidden_act": "gelu", "layer_norm_eps": 1e-3}
    several = SmolVLMVisionTransformer(SmolVLMVisionConfig(**sizes, image_size=20, **options))
    case("idefics3-vision/several-sizes-bf16", several, 2, layers=layers, height=24, width=16, own=[(6, 3), (2, 4)], dtype=torch.bfloat16)


families = {
    "vit": vit, "dinov2": dinov2, "swin": swin, "clip-vision": clip_vision, "siglip-vision": siglip_vision,
    "idefics3-vision": idefics3_vision,
}  # fmt: skip
for family in sys.argv[1:] or families:
    families[family]()
