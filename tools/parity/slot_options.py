"""Fixtures of what options of pretrained models do: layers that are kept, rates of dropout, sizes of pictures.

What Python's `from_pretrained` makes of a checkpoint among the families' fixtures with the same keyword arguments. Needs torch,
transformers, pillow. Run from the root of the repository, after the scripts that make those checkpoints:
    python tools/parity/slot_options.py
"""

import json
import tempfile
from pathlib import Path
from shutil import copytree

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoModelForCausalLM, logging

logging.set_verbosity_error()


def rounded(tensor: torch.Tensor) -> dict:
    return {"shape": list(tensor.shape), "values": [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]}


def dropouts(model) -> list[float]:
    """The rates of all modules and attributes that drop something."""
    found = []
    for module in model.modules():
        rates = [module.p] if isinstance(module, torch.nn.Dropout) else []
        rates += [v for k, v in vars(module).items() if isinstance(v, float) and ("drop" in k)]
        found += rates
    return sorted(set(found))


def loaded(folder: Path, auto, config: dict):
    """A rate that no module has would be one that Python reads past."""
    model = auto.from_pretrained(folder, attn_implementation="eager", **config).eval()
    for name, value in config.items():
        assert getattr(model.config, name) == value, name
    return model


def outputs(folder: Path, auto, config: dict, run) -> dict:
    with torch.no_grad():
        return {name: rounded(value) for name, value in run(loaded(folder, auto, config)).items() if value is not None}


def vision() -> None:
    root = Path("packages/encoder-vision/fixtures/families")
    pixels = (np.arange(30 * 44 * 3).reshape(30, 44, 3) * 7919 % 251).astype(np.uint8)
    picture = Image.fromarray(pixels)
    cases = []

    def case(fixture: str, processor: dict, adjust: dict, config: dict = {}, changed: dict = {}):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            copytree(root / fixture, folder)
            (folder / "preprocessor_config.json").write_text(json.dumps(processor))
            images = AutoImageProcessor.from_pretrained(folder, use_fast=False, backend="pil", **changed)
            values = images(picture, return_tensors="pt")["pixel_values"]
            extra = {"interpolate_pos_encoding": True} if "imageSize" in adjust and "dinov2" not in fixture else {}

            def run(model):
                base = getattr(model, "vision_model", model)
                output = base(pixel_values=values, **extra)
                return {"tokens": output.last_hidden_state, "pooled": output.pooler_output}

            cases.append({"fixture": fixture, "processor": processor, "adjust": adjust, "config": config, **outputs(folder, AutoModel, config, run)})

    vit = {"image_processor_type": "ViTImageProcessor", "size": {"height": 12, "width": 12}, "do_rescale": True}
    dino = {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 16}, "crop_size": {"height": 12, "width": 12}}
    clip = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 12}, "crop_size": {"height": 12, "width": 12}}
    siglip = {"image_processor_type": "SiglipImageProcessor", "size": {"height": 12, "width": 12}}
    case("vit/pooler", vit, {"imageSize": [20, 24]}, changed={"size": {"height": 20, "width": 24}})
    case("vit/pooler", vit, {"numHiddenLayers": 1}, {"num_hidden_layers": 1})
    case("dinov2/oblong", dino, {"imageSize": 24}, changed={"size": {"shortest_edge": 32}, "crop_size": {"height": 24, "width": 24}})
    case("dinov2/registers-larger", dino, {"numHiddenLayers": 1, "imageSize": 24}, {"num_hidden_layers": 1}, {"size": {"shortest_edge": 32}, "crop_size": {"height": 24, "width": 24}})
    case("clip-vision/plain-older", clip, {"imageSize": 16, "numHiddenLayers": 1}, {"num_hidden_layers": 1}, {"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}})
    case("siglip-vision/pooling-head", siglip, {"imageSize": [16, 24], "numHiddenLayers": 1}, {"num_hidden_layers": 1}, {"size": {"height": 16, "width": 24}})
    write("packages/encoder-vision/fixtures/options.json", {"picture": {"width": 44, "height": 30}, "cases": cases, "rates": rates(root, {
        "vit/pooler": {"hiddenDropout": ["hidden_dropout_prob"], "attentionDropout": ["attention_probs_dropout_prob"]},
        "dinov2/oblong": {"hiddenDropout": ["hidden_dropout_prob"], "attentionDropout": ["attention_probs_dropout_prob"], "dropPath": ["drop_path_rate"]},
        "swin/plain": {"hiddenDropout": ["hidden_dropout_prob"], "attentionDropout": ["attention_probs_dropout_prob"], "dropPath": ["drop_path_rate"]},
        "clip-vision/plain-older": {"attentionDropout": ["attention_dropout"]},
        "siglip-vision/pooling-head": {"attentionDropout": ["attention_dropout"]},
    }, AutoModel)})  # fmt: skip


def audio() -> None:
    root = Path("packages/encoder-audio/fixtures/families")
    cases = []

    def case(fixture: str, adjust: dict, config: dict):
        features = {name.removeprefix("feature."): value for name, value in load_file(root / fixture / "expected.safetensors").items() if name.startswith("feature.")}

        def run(model):
            model = getattr(model, "audio_model", model)
            if "inputValues" in features:
                mask = features.get("mask")
                output = model(features["inputValues"], attention_mask=None if mask is None else mask.long())
                return {"tokens": output.last_hidden_state}
            spectrogram = features["inputFeatures"]
            if "whisper" in fixture:
                encoder = getattr(model, "encoder", model)
                return {"tokens": encoder(spectrogram.transpose(1, 2)).last_hidden_state}
            output = model(spectrogram)
            return {"tokens": output.last_hidden_state, "pooled": output.pooler_output}

        cases.append({"fixture": fixture, "adjust": adjust, "config": config, **outputs(root / fixture, AutoModel, config, run)})

    case("wav2vec2/group-norm", {"numHiddenLayers": 1}, {"num_hidden_layers": 1})
    case("hubert/group-norm", {"numHiddenLayers": 1}, {"num_hidden_layers": 1})
    case("whisper/whole", {"numHiddenLayers": 1}, {"encoder_layers": 1})
    case("ast/no-query-bias", {"numHiddenLayers": 1}, {"num_hidden_layers": 1})
    speech = {
        "hiddenDropout": ["hidden_dropout"], "attentionDropout": ["attention_dropout"], "activationDropout": ["activation_dropout"],
        "layerDropout": ["layerdrop"],
    }  # fmt: skip
    write("packages/encoder-audio/fixtures/options.json", {"cases": cases, "rates": rates(root, {
        "wav2vec2/group-norm": speech,
        "hubert/group-norm": speech,
        "whisper/whole": {"hiddenDropout": ["dropout"], "attentionDropout": ["attention_dropout"], "activationDropout": ["activation_dropout"], "layerDropout": ["encoder_layerdrop"]},
        "ast/no-query-bias": {"hiddenDropout": ["hidden_dropout_prob"], "attentionDropout": ["attention_probs_dropout_prob"]},
    }, AutoModel)})  # fmt: skip


def language_models() -> None:
    root = Path("packages/architectures/fixtures/language-models")
    ids = [3, 5, 7, 11, 4, 9]
    cases = []
    for fixture, name in [("gpt2", "n_layer"), ("llama", "num_hidden_layers"), ("qwen2", "num_hidden_layers")]:
        config = {name: 1}
        if fixture == "qwen2":
            config["layer_types"] = AutoConfig.from_pretrained(root / fixture).layer_types[:1]
        run = lambda model: {"logits": model(torch.tensor([ids])).logits}
        cases.append({"fixture": fixture, "adjust": {"numHiddenLayers": 1}, "config": config, **outputs(root / fixture, AutoModelForCausalLM, config, run)})
    write("packages/architectures/fixtures/language-models/options.json", {"ids": ids, "cases": cases, "rates": rates(root, {
        "gpt2": {"hiddenDropout": ["embd_pdrop", "resid_pdrop"], "attentionDropout": ["attn_pdrop"]},
        "llama": {"attentionDropout": ["attention_dropout"]},
        "qwen2": {"attentionDropout": ["attention_dropout"]},
    }, AutoModelForCausalLM)})  # fmt: skip


def rates(root: Path, options: dict, auto) -> list[dict]:
    """By option, the names in config.json whose value Python's modules take for a rate."""
    found = []
    for fixture, names in options.items():
        for option, keys in names.items():
            for key in keys:
                assert 0.375 in dropouts(loaded(root / fixture, auto, {key: 0.375}).train()) or key in ("layerdrop", "encoder_layerdrop"), (fixture, key)
            found.append({"fixture": fixture, "option": option, "names": keys})
    return found


def write(path: str, content: dict) -> None:
    Path(path).write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(path, len(json.dumps(content)))


vision()
audio()
language_models()
