"""Fixtures of CLAP: tiny random checkpoints of its towers and of the whole, and what transformers computes with them.

They stand among the families' fixtures of packages/encoder-audio, packages/encoder-text and packages/architectures.
Needs torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/clap_family.py [audio] [text] [whole]
"""

import sys
from pathlib import Path

import torch
from dual_tower_fixture import write_dual_tower
from family_fixture import randomise, write_fixture
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import (
    ClapAudioConfig,
    ClapAudioModel,
    ClapAudioModelWithProjection,
    ClapConfig,
    ClapModel,
    ClapTextConfig,
    ClapTextModel,
    ClapTextModelWithProjection,
)

audio_fixtures = Path("packages/encoder-audio/fixtures/families/clap-audio")
text_fixtures = Path("packages/encoder-text/fixtures/families/clap-text")
whole_fixtures = Path("packages/architectures/fixtures/families/clap")


def randomise_all(model, seed: int, std: float = 0.2) -> None:
    """Running statistics too, which are no parameters."""
    randomise(model, seed, std)
    generator = torch.Generator().manual_seed(seed)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.5)
        if name.endswith("running_var"):
            buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
        if name.endswith("num_batches_tracked"):
            buffer.fill_(70_000 + seed)


def add_buffers(folder: Path, model) -> None:
    """Beside the gradients of parameters those of buffers, 0: every tensor of a checkpoint has one."""
    path = folder / "gradients.safetensors"
    save_file(load_file(path) | {name: torch.zeros_like(buffer) for name, buffer in model.named_buffers()}, path)


# --- audio -----------------------------------------------------------------------------------------------------------

spectrogram_sizes = dict(spec_size=16, num_mel_bins=8, patch_size=2, patch_stride=[2, 2], window_size=2, mlp_ratio=2.0)
stage_sizes = dict(depths=[2, 1], num_attention_heads=[1, 2], patch_embeds_hidden_size=4, hidden_size=8, projection_dim=5)


def audio_config(**options):
    return ClapAudioConfig(**spectrogram_sizes | stage_sizes | options)


def audio_inputs(config, seed: int, frames: int, is_longer=None, rows: int = 2):
    """Features by our names; `is_longer` for each row, where there are parts."""
    generator = torch.Generator().manual_seed(seed)
    channels = config.patch_embed_input_channels if is_longer is None else 4
    rows = rows if is_longer is None else len(is_longer)
    features = {"inputFeatures": torch.randn((rows, channels, frames, config.num_mel_bins), generator=generator)}
    return features if is_longer is None else features | {"isLonger": torch.tensor(is_longer, dtype=torch.float32)}


def in_python(features):
    is_longer = {"is_longer": features["isLonger"][:, None] > 0} if "isLonger" in features else {}
    return {"input_features": features["inputFeatures"]} | is_longer


def audio_case(name, model, seed, *, frames, is_longer=None, **options):
    randomise_all(model, seed)
    if hasattr(model, "audio_model"):
        model.base_model_prefix = "audio_model"
    features = audio_inputs(model.config, seed, frames, is_longer)

    def run(base):
        normed = []
        hook = base.audio_encoder.norm.register_forward_hook(lambda _module, _args, output: normed.append(output))
        output = base(**in_python(features))
        hook.remove()
        return {"tokens": normed[0].clone(), "pooled": output.pooler_output}

    folder = audio_fixtures / name
    write_fixture(folder, model, layers=lambda base: base.audio_encoder.layers, features=features, run=run, **options)
    add_buffers(folder, model.base_model)


def audio() -> None:
    stages = dict(depths=[2, 1, 2], num_attention_heads=[1, 2, 4], hidden_size=16)
    audio_case("stretched-odd", ClapAudioModel(audio_config(**stages, layer_norm_eps=1e-3)), 1, frames=27)
    fused = audio_config(enable_fusion=True, qkv_bias=False, aff_block_r=2, fusion_type="aff_2d")
    audio_case("fused-some-f16", ClapAudioModel(fused), 2, frames=32, is_longer=[1, 0, 1], dtype=torch.float16)
    oblong = audio_config(
        spec_size=24, num_mel_bins=24, patch_size=[4, 6], patch_stride=[2, 4], window_size=3, mlp_ratio=1.5,
        enable_patch_layer_norm=False, hidden_act="relu",
    )  # fmt: skip
    audio_case("overlapping-oblong-bf16", ClapAudioModel(oblong), 3, frames=19, dtype=torch.bfloat16)
    stereo = audio_config(spec_size=24, num_mel_bins=9, window_size=5, depths=[1, 2], patch_embed_input_channels=2, aff_block_r=9)
    audio_case("more-bins-two-channels", ClapAudioModel(stereo), 4, frames=48)
    projected = audio_config(enable_fusion=True, patch_size=4, layer_norm_eps=1e-3)
    audio_case("projected-fused-none", ClapAudioModelWithProjection(projected), 5, frames=31, is_longer=[0, 0])


# --- text ------------------------------------------------------------------------------------------------------------

text_sizes = dict(
    vocab_size=31, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
    max_position_embeddings=12, projection_dim=5,
)  # fmt: skip


def padded(lengths, seed: int, padding: int, side: str = "right"):
    """Ids of texts of some lengths, and their mask."""
    width = max(lengths)
    generator = torch.Generator().manual_seed(seed)
    ids, mask = torch.full((len(lengths), width), padding), torch.zeros(len(lengths), width)
    for row, length in enumerate(lengths):
        there = slice(width - length, width) if side == "left" else slice(length)
        ids[row, there] = torch.randint(4, 31, (length,), generator=generator)
        mask[row, there] = 1
    return ids, mask


def text_case(name, model, seed, *, lengths, side="right", **options):
    randomise_all(model, seed)
    if hasattr(model, "text_model"):
        model.base_model_prefix = "text_model"
    ids, mask = padded(lengths, seed, model.config.pad_token_id, side)

    def run(base):
        tokens = base(input_ids=ids, attention_mask=mask).last_hidden_state
        first = tokens[torch.arange(len(mask)), mask.argmax(1)]  # where padding stands before, not what Python pools
        return {"tokens": tokens, "pooled": base.pooler(first[:, None])}

    folder = text_fixtures / name
    layers = lambda base: base.encoder.layer
    write_fixture(folder, model, layers=layers, features={"inputIds": ids, "mask": mask}, run=run, **options)
    add_buffers(folder, model.base_model)


def text() -> None:
    def config(**options):
        return ClapTextConfig(**text_sizes | options)

    def older(tensors) -> None:
        """As transformers 4 saved it: with one of the buffers."""
        tensors.pop("text_model.embeddings.token_type_ids")

    text_case("right", ClapTextModel(config()), 11, lengths=[7, 3, 1])
    odd = config(hidden_act="relu", pad_token_id=3, type_vocab_size=2, layer_norm_eps=1e-3)
    text_case("left-other-padding-bf16", ClapTextModel(odd), 12, lengths=[6, 2], side="left", dtype=torch.bfloat16)
    projected = ClapTextModelWithProjection(config(num_hidden_layers=1))
    text_case("projected-older-f16", projected, 13, lengths=[5, 4], edit_tensors=older, dtype=torch.float16)


# --- whole -----------------------------------------------------------------------------------------------------------


def whole_case(name, model, seed, *, frames, lengths, is_longer=None, rows: int = 2, **options):
    randomise_all(model, seed)
    with torch.no_grad():
        model.logit_scale_a.fill_(1.3)
        model.logit_scale_t.fill_(0.7)
    sound = audio_inputs(model.config.audio_config, seed, frames, is_longer, rows)
    ids, mask = padded(lengths, seed, model.config.text_config.pad_token_id)
    text_logits = []

    def run(model):
        normed = []
        norm = model.audio_model.audio_encoder.norm
        hook = norm.register_forward_hook(lambda _module, _args, output: normed.append(output))
        output = model(input_ids=ids, attention_mask=mask, **in_python(sound))
        hook.remove()
        text_logits.append(output.logits_per_text.detach())
        outputs = {
            "tokens.audio": normed[0].clone(),
            "tokens.text": output.text_model_output.last_hidden_state.clone(),
            "embedding.audio": output.audio_embeds,
            "embedding.text": output.text_embeds,
            "logits": output.logits_per_audio,
        }
        if len(ids) != len(normed[0]):
            return outputs
        labels = torch.arange(len(ids))  # the loss of the paper; that of transformers finds the recording both times
        losses = [cross_entropy(logits, labels) for logits in (output.logits_per_audio, output.logits_per_text)]
        return outputs | {"loss": sum(losses) / 2}

    folder = whole_fixtures / name
    write_dual_tower(
        folder,
        model,
        layers={"audio": lambda m: m.audio_model.audio_encoder.layers, "text": lambda m: m.text_model.encoder.layer},
        features={"audio": sound, "text": {"inputIds": ids, "mask": mask}},
        run=run,
        **options,
    )
    add_buffers(folder, model)
    path = folder / "expected.safetensors"
    save_file(load_file(path) | {"textLogits": text_logits[0].contiguous()}, path)


def whole() -> None:
    def config(audio={}, text={}, **options):
        sizes = {"audio_config": spectrogram_sizes | stage_sizes | audio, "text_config": text_sizes | text}
        return ClapConfig(**sizes | {"projection_dim": 5} | options)

    def as_published(settings) -> None:
        """As transformers 4 wrote it: sizes of projections in the towers' configs that do not count, and options of plans."""
        settings["audio_config"] |= {"projection_dim": 99, "fusion_num_hidden_layers": 2, "torch_dtype": None, "is_decoder": False}
        settings["text_config"] |= {"projection_hidden_act": "tanh", "position_embedding_type": "absolute", "use_cache": True}
        settings |= {"torch_dtype": "float32", "transformers_version": None, "hidden_size": 12, "num_hidden_layers": 4}
        for section in ("audio_config", "text_config"):
            settings[section] |= {"cross_attention_hidden_size": None, "pruned_heads": {}, "top_k": 50, "chunk_size_feed_forward": 0}

    def older(tensors) -> None:
        tensors.pop("text_model.embeddings.token_type_ids")

    fused = ClapModel(config(audio={"enable_fusion": True, "num_mel_bins": 16}))
    whole_case("fused-three-of-each", fused, 27, frames=15, lengths=[7, 3, 5], is_longer=[1, 0, 1])
    other = config(text={"pad_token_id": 2, "num_hidden_layers": 1}, projection_dim=7, projection_hidden_act="tanh")
    whole_case("other-projections-f16", ClapModel(other), 22, frames=32, lengths=[4, 6, 2], dtype=torch.float16)
    published = dict(edit_config=as_published, edit_tensors=older, dtype=torch.bfloat16)
    whole_case("older-configs-bf16", ClapModel(config()), 23, frames=29, lengths=[3, 5], **published)


cases = {"audio": audio, "text": text, "whole": whole}
if __name__ == "__main__":
    for name in sys.argv[1:] or cases:
        cases[name]()
