"""Reference values for the Perceiver resampler of @polymodal/fusion, by transformers' IdeficsPerceiverResampler, in float64."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import torch
from transformers.models.idefics.perceiver import IdeficsPerceiverResampler

from pre_norm_layer import drawer

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "fusion" / "fixtures" / "perceiver-resampler.json"

WIDTH, HEADS, HEAD_DIM, LATENTS, DEPTH = 6, 2, 4, 3, 2
LENGTHS = [4, 1]
# Our names for the parts of a block, whose first is the attention and whose second the feed-forward network.
NAMES = {
    "0.context_layer_norm": "attention.tokenNorm",
    "0.latents_layer_norm": "attention.latentNorm",
    "0.q_layer_norm": "attention.queryNorm",
    "0.k_layer_norm": "attention.keyNorm",
    "0.q_proj": "attention.query",
    "0.k_proj": "attention.key",
    "0.v_proj": "attention.value",
    "0.output_proj": "attention.output",
    "1.ln": "norm",
    "1.fc": "intermediate",
    "1.c_proj": "output",
}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    FIXTURE.write_text(json.dumps({"cases": [case(False), case(True)]}) + "\n")


def case(normed: bool) -> dict:
    draw = drawer(7 + normed)
    config = SimpleNamespace(
        perceiver_config=SimpleNamespace(qk_layer_norms_perceiver=normed),
        vision_config=SimpleNamespace(embed_dim=WIDTH),
    )
    model = IdeficsPerceiverResampler(config, WIDTH, DEPTH, HEADS, HEAD_DIM, LATENTS)
    model.load_state_dict({name: draw(*value.shape) for name, value in model.state_dict().items()})

    rows = []
    model.zero_grad()
    for length in LENGTHS:  # each row alone: nothing is padded
        tokens = draw(1, length, WIDTH, std=1).requires_grad_()
        output = model(tokens)
        probe = draw(*output.shape, std=1)
        (output * probe).sum().backward()
        row = {"tokens": tokens, "output": output, "probe": probe, "gradient": tokens.grad}
        rows.append({name: rounded(value[0]) for name, value in row.items()})
    return {
        "config": {
            "hiddenSize": WIDTH,
            "numLatents": LATENTS,
            "numHiddenLayers": DEPTH,
            "numAttentionHeads": HEADS,
            "headDim": HEAD_DIM,
            "intermediateSize": 4 * WIDTH,
            "hiddenAct": "relu",
            "layerNormEps": 1e-5,
            "qkLayerNorms": normed,
        },
        "parameters": {ours(name): rounded(value.data) for name, value in model.named_parameters()},
        "gradients": {ours(name): rounded(value.grad) for name, value in model.named_parameters()},
        "rows": rows,
    }


def ours(name: str) -> str:
    if not name.startswith("blocks."):
        return name.replace("layer_norm", "norm")
    _, index, rest = name.split(".", 2)
    part, kind = rest.rsplit(".", 1)
    return f"layers.{index}.{NAMES[part]}.{kind}"


def rounded(x: torch.Tensor) -> list:
    return json.loads(json.dumps(x.tolist()), parse_float=lambda digits: round(float(digits), 8))


if __name__ == "__main__":
    main()
