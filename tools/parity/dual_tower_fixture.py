"""Writes what `describeDualTower` of packages/testing/src/family compares with: a whole checkpoint and what Python computes.

Used by the scripts that make the fixtures of models of two towers (dual_tower.py).
"""

import shutil
from pathlib import Path

import torch
from family_fixture import edit_checkpoint, keep, write_gradients
from safetensors.torch import save_file


def write_dual_tower(folder: Path, model, *, layers, features, run, dtype=torch.float32, edit_config=None, edit_tensors=None):
    """Writes a checkpoint and what it gives.

    model         as it is saved
    layers        by modality, (model) -> the layers of its tower, in order
    features      by modality, what our encoder takes, by our names; a `mask` float
    run           (model) -> {"tokens.<modality>": (P, N, D), "embedding.<modality>": (P, E), "logits": (B, T)}, and "loss"
                  where there are as many rows as texts
    dtype         how the weights are stored; what is computed is float32, from the stored values
    edit_config   changes the dictionary of config.json: older spellings, options left out
    edit_tensors  changes the dictionary of tensors: buffers that older versions saved
    """
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder)
    model.to(torch.float32).eval()

    hidden = {modality: [] for modality in layers}
    hooks = []
    for modality, layers_of in layers.items():
        into = hidden[modality]
        for index, layer in enumerate(layers_of(model)):
            if index == 0:
                before = lambda _module, args, kwargs, into=into: keep(into, args, kwargs)
                hooks.append(layer.register_forward_pre_hook(before, with_kwargs=True))
            hooks.append(layer.register_forward_hook(lambda _module, _args, output, into=into: keep(into, output, {})))
    outputs = run(model)
    for hook in hooks:
        hook.remove()

    def valid(modality, tokens):
        mask = features[modality].get("mask")
        return tokens if mask is None else torch.where(mask[..., None] > 0, tokens, torch.zeros(()))

    outputs |= {f"tokens.{modality}": valid(modality, outputs[f"tokens.{modality}"]) for modality in layers}
    generator = torch.Generator().manual_seed(len(folder.name))
    cotangents = {name: torch.randn(value.shape, generator=generator) for name, value in outputs.items()}
    sum((outputs[name] * cotangent).sum() for name, cotangent in cotangents.items()).backward()

    expected = {f"feature.{modality}.{name}": value for modality in features for name, value in features[modality].items()}
    for modality, states in hidden.items():
        expected |= {f"hidden.{modality}.{index}": valid(modality, value) for index, value in enumerate(states)}
    expected |= outputs | {f"cotangent.{name}": value for name, value in cotangents.items()}
    save_file({name: value.detach().clone().contiguous() for name, value in expected.items()}, folder / "expected.safetensors")
    write_gradients(folder, model)

    edit_checkpoint(folder, edit_config, edit_tensors)
    total = sum(file.stat().st_size for file in folder.iterdir())
    logits = outputs["logits"].detach().numpy().round(2).tolist()
    print(f"{folder.name}: {total / 1024:.0f} KiB, logits {logits}")
