"""Reference values for the fusions of @polymodal/fusion, computed by PyTorch in float64, without a mask and without a batch.

Each row of the batch is computed alone, over the tokens that it has and no others: nothing is padded, so nothing has to be
masked. What the fusion gives in a batch of rows that differ in modalities and lengths has to be the same.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from pre_norm_layer import (
    Draw,
    attention_parameters,
    attention_state,
    below,
    drawer,
    layer_parameters,
    listed,
    named,
    norm_parameters,
    pre_norm_layer,
)

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "fusion" / "fixtures" / "masked-transformer.json"

WIDTHS = {"image": 6, "text": 4, "audio": 5}
HIDDEN, HEADS, INTERMEDIATE, LAYERS = 8, 2, 12, 2
# Lengths of the tokens that each row has, by modality.
ROWS = [
    {"image": 2, "text": 3, "audio": 1},
    {"text": 1},
    {"image": 2, "audio": 3},
    {"text": 4, "audio": 2},
    {"image": 1},
]
CASES = {
    "absent modalities are masked": {},
    "a learned token in place of absent ones": {"missing": "embedding"},
    "one token of each modality": {"tokensPerModality": "pooled"},
    "interaction weights": {"interactions": {"image": {"text": 0.25, "audio": 0.0}, "text": {"text": 0.5}}},
    "a modality behind a gate": {"gate": ["audio"]},
}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    cases = [case(name, options) for name, options in CASES.items()]
    FIXTURE.write_text(json.dumps({"widths": WIDTHS, "hiddenSize": HIDDEN, "cases": cases}) + "\n")


def case(name: str, options: dict) -> dict:
    draw = drawer(sum(map(ord, name)))
    gated = options.get("gate", [])
    parameters = {"classToken": draw(1, 1, HIDDEN), "norm.weight": 1 + draw(HIDDEN), "norm.bias": draw(HIDDEN)}
    for modality, width in WIDTHS.items():
        own = f"modalities.{modality}"
        parameters |= {f"{own}.projection.weight": draw(HIDDEN, width), f"{own}.projection.bias": draw(HIDDEN)}
        parameters[f"{own}.typeEmbedding"] = draw(1, 1, HIDDEN)
        if options.get("missing") == "embedding":
            parameters[f"{own}.missingEmbedding"] = draw(1, 1, HIDDEN)
    for i in range(LAYERS):
        parameters |= named(f"layers.{i}", layer_parameters(draw, HIDDEN, INTERMEDIATE))
        for modality in gated:
            parameters |= named(f"gates.{modality}.{i}", gate_parameters(draw))

    rows = []
    for lengths in ROWS:
        tokens = {modality: draw(length, WIDTHS[modality], std=1) for modality, length in lengths.items()}
        fused = fuse(parameters, options, tokens)
        rows.append({"tokens": listed(tokens), "fused": [[round(x, 8) for x in token] for token in fused.tolist()]})
    config = {"numHiddenLayers": LAYERS, "numAttentionHeads": HEADS, "intermediateSize": INTERMEDIATE, **options}
    return {"name": name, "config": config, "parameters": listed(parameters), "rows": rows}


def fuse(parameters: dict[str, Tensor], options: dict, tokens: dict[str, Tensor]) -> Tensor:
    """The fused tokens of a row that has these modalities: its class token first."""
    gated = options.get("gate", [])
    parts, owners = [parameters["classToken"][0]], [None]
    beside: dict[str, Tensor] = {}
    for modality in WIDTHS:
        own = below(parameters, f"modalities.{modality}")
        if modality in tokens:
            alone = options.get("tokensPerModality") == "pooled"  # the test's encoders pool their first token
            given = tokens[modality][:1] if alone else tokens[modality]
            part = given @ own["projection.weight"].T + own["projection.bias"] + own["typeEmbedding"][0]
        elif "missingEmbedding" in own:
            part = own["missingEmbedding"][0]
        else:
            continue
        if modality in gated:
            beside[modality] = part
        else:
            parts.append(part)
            owners += [modality] * len(part)
    sequence = torch.cat(parts)[None]  # (1, N, D)
    weights = options.get("interactions", {})
    logs = [[log(weights.get(query, {}).get(key, 1)) for key in owners] for query in owners]
    for i in range(LAYERS):
        for modality, added in beside.items():
            sequence = sequence + gate(below(parameters, f"gates.{modality}.{i}"), sequence, added[None])
        sequence = pre_norm_layer(below(parameters, f"layers.{i}"), HEADS)(sequence, src_mask=torch.tensor(logs))
    normed = nn.functional.layer_norm(sequence, [HIDDEN], parameters["norm.weight"], parameters["norm.bias"])
    return normed[0]


def gate(own: dict[str, Tensor], sequence: Tensor, added: Tensor) -> Tensor:
    attention = nn.MultiheadAttention(HIDDEN, HEADS, batch_first=True)
    attention.load_state_dict(attention_state(below(own, "attention")))
    normed = nn.functional.layer_norm(sequence, [HIDDEN], own["norm.weight"], own["norm.bias"])
    return torch.tanh(own["gate"]) * attention(normed, added, added, need_weights=False)[0]


def gate_parameters(draw: Draw) -> dict[str, Tensor]:
    return {
        **named("norm", norm_parameters(draw, HIDDEN)),
        **named("attention", attention_parameters(draw, HIDDEN)),
        "gate": draw(),
    }


def log(weight: float) -> float:
    return math.log(weight) if weight > 0 else -math.inf


if __name__ == "__main__":
    main()
