"""Writes what `describeFamily` of packages/testing/src/family compares with: a checkpoint and what Python computes with it.

Used by the scripts that make the fixtures of the families of a modality (text_families.py).
"""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def randomise(model, seed: int, std: float = 0.2) -> None:
    """Gives every parameter, biases and norms too, values that a forgotten or exchanged one would be noticed by."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_norm_weight = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * std + (1 if is_norm_weight else 0))


def write_fixture(folder: Path, model, *, layers, features, run, mask=None, dtype=torch.float32, edit_config=None, edit_tensors=None):
    """Writes a checkpoint and what it gives.

    model         as it is saved; its base model is the one that is compared
    layers        (base model) -> its layers, in order
    features      what our encoder takes, by our names; all integers int64
    run           (base model) -> {"tokens": (P, N, D), "pooled": (P, D) or left out}, for these features
    mask          (P, N) of the tokens, where it is not the feature of that name
    dtype         how the weights are stored; what is computed is float32, from the stored values
    edit_config   changes the dictionary of config.json: older spellings, options left out
    edit_tensors  changes the dictionary of tensors: older names, buffers that older versions saved
    """
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder)
    base = model.to(torch.float32).eval().base_model
    for parameter in base.parameters():
        parameter.requires_grad_(True)

    hidden = []
    hooks = []
    for index, layer in enumerate(layers(base)):
        if index == 0:
            hooks.append(layer.register_forward_pre_hook(lambda _, args, kwargs: keep(hidden, args, kwargs), with_kwargs=True))
        hooks.append(layer.register_forward_hook(lambda _module, _args, output: keep(hidden, output, {})))
    outputs = run(base)
    for hook in hooks:
        hook.remove()

    mask = features.get("mask") if mask is None else mask
    generator = torch.Generator().manual_seed(len(folder.name))
    cotangents = {name: torch.randn(value.shape, generator=generator) for name, value in outputs.items()}
    if mask is not None and outputs["tokens"].shape[:2] == mask.shape:
        cotangents["tokens"] *= mask[..., None]
    sum((outputs[name] * cotangent).sum() for name, cotangent in cotangents.items()).backward()

    def valid(tokens):
        if mask is None or tokens.shape[:2] != mask.shape:
            return tokens
        return torch.where(mask[..., None] > 0, tokens, torch.zeros(()))

    expected = {f"feature.{name}": value for name, value in features.items()}
    expected |= {f"hidden.{index}": valid(value) for index, value in enumerate(hidden)}
    expected |= {"tokens": valid(outputs["tokens"])} | {k: v for k, v in outputs.items() if k != "tokens"}
    expected |= {f"cotangent.{name}": value for name, value in cotangents.items()}
    save_file({name: value.detach().contiguous() for name, value in expected.items()}, folder / "expected.safetensors")
    gradients = {k: torch.zeros_like(p) if p.grad is None else p.grad.contiguous() for k, p in base.named_parameters()}
    save_file(gradients, folder / "gradients.safetensors")

    edit_checkpoint(folder, edit_config, edit_tensors)
    total = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder.name}: {total / 1024:.0f} KiB, largest number {max(v.abs().max().item() for v in hidden):.1f}")


def write_gradients(folder: Path, base) -> None:
    """The gradients as `save_pretrained` names and lays them out, which may differ from the model itself, and 0 for its statistics."""
    gradients = copy.deepcopy(base)
    with torch.no_grad():
        for parameter, original in zip(gradients.parameters(), base.parameters(), strict=True):
            parameter.copy_(torch.zeros_like(original) if original.grad is None else original.grad)
        for buffer in gradients.buffers():
            buffer.zero_()
    with tempfile.TemporaryDirectory() as scratch:
        gradients.save_pretrained(scratch)
        save_file(load_file(Path(scratch) / "model.safetensors"), folder / "gradients.safetensors")


def edit_checkpoint(folder: Path, edit_config=None, edit_tensors=None) -> None:
    """Changes the dictionaries of config.json and of the tensors, where they are to be other than Python saves them."""
    if edit_config is not None:
        path = folder / "config.json"
        config = json.loads(path.read_text())
        edit_config(config)
        path.write_text(json.dumps(config, indent=2) + "\n")
    if edit_tensors is not None:
        path = folder / "model.safetensors"
        tensors = load_file(path)
        edit_tensors(tensors)
        save_file(tensors, path, {"format": "pt"})


def keep(hidden, value, kwargs) -> None:
    tokens = value[0] if isinstance(value, tuple) and value else value
    hidden.append(kwargs["hidden_states"] if isinstance(tokens, tuple) else tokens)
