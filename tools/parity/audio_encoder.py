"""Reference values for the encoder `mel-transformer`, computed by PyTorch in float64, each recording alone and unpadded."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from pre_norm_layer import below, drawer, layer_parameters, listed, named, norm_parameters, pre_norm_layer

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "encoder-audio" / "fixtures" / "mel-transformer.json"
MEL_BINS, HIDDEN, HEADS, INTERMEDIATE, LAYERS = 5, 8, 2, 12, 2
FRAMES = [1, 2, 9, 16, 23]
CASES = {
    "two convolutions": {"convStrides": [2, 2], "convKernelSize": 3},
    "a wide kernel, and a convolution that keeps the length": {"convStrides": [1, 3], "convKernelSize": 5},
}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    cases = [case(name, options) for name, options in CASES.items()]
    FIXTURE.write_text(json.dumps({"numMelBins": MEL_BINS, "hiddenSize": HIDDEN, "cases": cases}) + "\n")


def case(name: str, options: dict) -> dict:
    draw = drawer(sum(map(ord, name)))
    parameters: dict[str, Tensor] = {}
    for i in range(len(options["convStrides"])):
        inputs = MEL_BINS if i == 0 else HIDDEN
        parameters[f"stem.convolutions.{i}.weight"] = draw(HIDDEN, inputs, options["convKernelSize"])
        parameters[f"stem.convolutions.{i}.bias"] = draw(HIDDEN)
    for i in range(LAYERS):
        parameters |= named(f"layers.{i}", layer_parameters(draw, HIDDEN, INTERMEDIATE))
    parameters |= named("norm", norm_parameters(draw, HIDDEN))
    rows = []
    for frames in FRAMES:
        log_mel = draw(frames, MEL_BINS, std=1)
        tokens = encode(parameters, options, log_mel)
        pooled = tokens.mean(0)
        rows.append(
            {"logMel": log_mel.tolist(), "tokens": rounded(tokens), "pooled": [round(x, 8) for x in pooled.tolist()]}
        )
    config = {"numHiddenLayers": LAYERS, "numAttentionHeads": HEADS, "intermediateSize": INTERMEDIATE, **options}
    return {"name": name, "config": config, "parameters": listed(parameters), "rows": rows}


def encode(parameters: dict[str, Tensor], options: dict, log_mel: Tensor) -> Tensor:
    x = log_mel.T[None]  # (1, C, T)
    for i, stride in enumerate(options["convStrides"]):
        own = below(parameters, f"stem.convolutions.{i}")
        padding = (options["convKernelSize"] - 1) // 2
        x = nn.functional.gelu(nn.functional.conv1d(x, own["weight"], own["bias"], stride, padding))
    x = x.transpose(1, 2) + positions(x.shape[2])  # (1, N, D)
    for i in range(LAYERS):
        x = pre_norm_layer(below(parameters, f"layers.{i}"), HEADS)(x)
    return nn.functional.layer_norm(x, [HIDDEN], parameters["norm.weight"], parameters["norm.bias"])[0]


def positions(length: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5."""
    table = torch.zeros(length, HIDDEN)
    for place in range(length):
        for i in range(0, HIDDEN, 2):
            angle = place / 10000 ** (i / HIDDEN)
            table[place, i], table[place, i + 1] = math.sin(angle), math.cos(angle)
    return table


def rounded(tokens: Tensor) -> list[list[float]]:
    return [[round(x, 8) for x in token] for token in tokens.tolist()]


if __name__ == "__main__":
    main()
