"""Both directions: Python's checkpoints are loaded and saved by us, and what we saved is loaded by Python's from_pretrained.

Holds for every fixture of the families that Python finds no missing and no unexpected keys, the very values that it wrote,
and the outputs that our model computed from the saved checkpoint.

    python tools/parity/roundtrip.py
"""

import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file
from transformers.models.whisper.modeling_whisper import WhisperEncoder

packages = Path("packages")
tolerance = 1e-4  # of float32, over a few layers
decoders = {"gpt2", "llama", "qwen2"}


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(["node", "tools/run.mjs", "tools/parity/roundtrip.ts", target], check=True)
        saved = sorted(path.parent for path in Path(target).rglob("config.json"))
        failures = [folder.relative_to(target) for folder in saved if not check(folder, Path(target))]
    print(f"{len(saved) - len(failures)} of {len(saved)} checkpoints came back as they went")
    sys.exit(bool(failures) or not saved)


def check(folder: Path, target: Path) -> bool:
    kind, *path = folder.relative_to(target).parts
    source = packages / Path(*path)
    model, info = load(folder)
    keys = {kind: names for kind, names in info.items() if names}
    before = original(source, kind, type(model)).state_dict()
    after = model.state_dict()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    features = features_of(load_file(source / "expected.safetensors"), kind)
    difference = output_difference(model, features, load_file(folder / "ours.safetensors"))
    ok = not keys and not changed and before.keys() == after.keys() and difference <= tolerance
    print(f"{'✓' if ok else '✗'} {kind} {source.parent.name}/{source.name}: outputs differ by {difference:.1e} {keys or ''} {changed or ''}")
    return ok


def features_of(expected, kind: str):
    """The inputs of a fixture: of a whole, those of both modalities or of one."""
    modality = {"whole": r"(?:image|text|audio)\.", "image tower": r"image\.", "audio tower": r"audio\.", "text tower": r"text\."}.get(kind, "")
    found = {re.match(rf"feature\.{modality}(\w+)$", name): value for name, value in expected.items()}
    return {match[1]: value for match, value in found.items() if match}


def original(source: Path, kind: str, tower: type):
    """What Python makes of a fixture, or of the part of it that is saved alone."""
    if not kind.endswith(" tower"):
        return load(source)[0]
    if tower.__name__.startswith("Clap"):  # which Python does not take out of a whole
        return getattr(load(source)[0], kind.replace(" tower", "_model"))
    return tower.from_pretrained(source, dtype=torch.float32)


def load(folder: Path):
    """The base model, in float32."""
    config = transformers.AutoConfig.from_pretrained(folder)
    if config.model_type == "whisper":
        return load_whisper_encoder(folder, config)
    if re.fullmatch("Clap.*WithProjection", config.architectures[0]):  # whose towers have a prefix
        whole = getattr(transformers, config.architectures[0]).from_pretrained(folder, dtype=torch.float32)
        return (whole.audio_model if config.model_type == "clap_audio_model" else whole.text_model), {}
    base = getattr(transformers, re.sub(r"(For[A-Z]|LMHead|Model).*", "", config.architectures[0]) + "Model")
    options = {}
    if "add_pooling_layer" in inspect.signature(base.__init__).parameters:
        with safe_open(folder / "model.safetensors", "pt") as file:
            options["add_pooling_layer"] = any("pooler" in name for name in file.keys())
    return base.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, **options)


def load_whisper_encoder(folder: Path, config):
    """What we save is the encoder alone, which has a class of its own; what we load may be a whole model."""
    is_alone = config.architectures[0] == "WhisperEncoder"
    kind = WhisperEncoder if is_alone else transformers.WhisperModel
    model, info = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    return (model if is_alone else model.encoder), info


def output_difference(model, features, ours) -> float:
    snake = lambda name: re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)
    features = {snake(name): value for name, value in features.items()}
    mask = features.pop("mask", None)
    if mask is not None:
        features["attention_mask"] = mask
        if model.config.model_type in decoders:
            features.setdefault("position_ids", (mask.cumsum(1) - 1).clamp(min=0).long())
    if "pixel_values" in features:
        features["pixel_values"] = features["pixel_values"].permute(0, 3, 1, 2)
        if "interpolate_pos_encoding" in inspect.signature(model.forward).parameters:
            size = getattr(model.config, "vision_config", model.config).image_size
            features["interpolate_pos_encoding"] = isinstance(size, int)  # it can for squares only
    if "masked_patches" in features:
        features["bool_masked_pos"] = features.pop("masked_patches").bool()
    if "masked_frames" in features:
        features["mask_time_indices"] = features.pop("masked_frames").bool()
    if "input_features" in features and model.config.model_type == "whisper":
        features["input_features"] = features["input_features"].permute(0, 2, 1)
    if model.config.model_type == "audio-spectrogram-transformer":
        features["input_values"] = features.pop("input_features")
    if "is_longer" in features:
        features["is_longer"] = features["is_longer"][:, None] > 0
    with torch.no_grad():
        output = model.eval()(**features)
    if "logits" in ours:
        logits = output.logits_per_audio if model.config.model_type == "clap" else output.logits_per_image
        return (logits - ours["logits"]).abs().max().item()
    tokens = output.last_hidden_state
    if model.config.model_type == "clap_audio_model":
        tokens = in_order_of_grid(tokens, model.config)
    if mask is not None and mask.shape != tokens.shape[:2]:  # of samples
        mask = model._get_feature_vector_attention_mask(tokens.shape[1], mask)
    difference = (tokens - ours["tokens"]).abs()
    return (difference * mask[..., None] if mask is not None else difference).max().item()


def in_order_of_grid(tokens, config):
    """(P, D, bins, pieces · frames), as CLAP returns them, to (P, N, D)."""
    frames = config.spec_size // (config.patch_stride[1] * 2 ** (len(config.depths) - 1))
    rows, size, bins, _ = tokens.shape
    return tokens.reshape(rows, size, bins, -1, frames).permute(0, 3, 2, 4, 1).reshape(rows, -1, size)


if __name__ == "__main__":
    main()
