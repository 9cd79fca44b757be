"""Reference values for the fusions of @polymodal/fusion that work between the layers of encoders, computed by PyTorch in float64.

Each row is computed alone, over the modalities and tokens that it has: nothing is padded, masked or placed in a batch. Layer i of
the test's encoders makes x + sin((i + 1) x) of its tokens, and their vector of a whole is the first token.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Callable

import torch
from torch import Tensor, nn

from pre_norm_layer import (
    Draw,
    attention_state,
    below,
    drawer,
    layer_parameters,
    listed,
    named,
    norm_parameters,
    pre_norm_layer,
)

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "fusion" / "fixtures" / "between-layers.json"

WIDTHS = {"image": 6, "text": 4, "audio": 2}
DEPTHS = {"image": 4, "text": 2, "audio": 3}
STEPS = max(DEPTHS.values())
HIDDEN, HEADS, BOTTLENECKS = 8, 2, 3
LOWER = [1, 2]  # the steps of the lower half
# Lengths of the tokens that each row has, by modality.
ROWS = [
    {"image": 2, "text": 3, "audio": 1},
    {"text": 1},
    {"image": 2, "audio": 3},
    {"text": 4, "audio": 2},
    {"image": 1},
]

Tokens = dict[str, Tensor]
Between = Callable[[int, Tokens], Tokens]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    cases = [
        case("bottleneck", {"numBottlenecks": BOTTLENECKS, "after": [1, 3, 4]}, bottleneck_parameters, bottleneck),
        case("cross-attention", {}, cross_parameters, cross_attention),
        case(
            "cross-attention",
            {
                "attends": {"text": ["image", "audio"], "image": ["text"]},
                "interactions": {"text": {"image": 0.25}, "image": {"text": 0.0}, "audio": {"text": 0.5}},
                "after": [2],
                "gate": True,
            },
            cross_parameters,
            cross_attention,
        ),
        case("film", {"condition": "text", "after": [1, 4]}, film_parameters, film),
        case("film", {"condition": "text", "after": [1, 4], "mutual": True}, film_parameters, film),
        case(
            "hierarchical",
            {
                "numHiddenLayers": 2,
                "intermediateSize": 12,
                "interactions": {"image": {"text": 0.25}},
                "experts": True,
            },
            hierarchical_parameters,
            hierarchical,
        ),
    ]
    FIXTURE.write_text(json.dumps({"widths": WIDTHS, "depths": DEPTHS, "hiddenSize": HIDDEN, "cases": cases}) + "\n")


def case(use: str, options: dict, parameters_of: Callable, fuse: Callable) -> dict:
    draw = drawer(sum(map(ord, use + json.dumps(options))))
    config = {**({} if use == "film" else {"numAttentionHeads": HEADS}), **options}
    parameters = parameters_of(draw, options)
    joined = fuse is not hierarchical
    if joined:
        parameters |= named("join", join_parameters(draw))
    rows = []
    for lengths in ROWS:
        tokens = {slot: draw(length, WIDTHS[slot], std=1) for slot, length in lengths.items()}
        result = fuse(parameters, options, tokens)
        fused, pooled = join(below(parameters, "join"), result) if joined else result
        rows.append({"tokens": listed(tokens), "fused": rounded(fused), "pooled": rounded(pooled)})
    return {"use": use, "config": config, "parameters": listed(parameters), "rows": rows}


def run(tokens: Tokens, between: Between, slots: list[str] | None = None) -> Tokens:
    """Encoders side by side: after step s one of d layers has run the whole part of d · s / D."""
    deepest = max(DEPTHS[slot] for slot in slots or DEPTHS)
    for step in range(1, deepest + 1):
        advanced = {}
        for slot, own in tokens.items():
            for index in range(DEPTHS[slot] * (step - 1) // deepest, DEPTHS[slot] * step // deepest):
                own = own + torch.sin((index + 1) * own)
            advanced[slot] = own
        tokens = between(step, advanced)
    return tokens


def steps_of(options: dict, half: str) -> list[int]:
    return options.get("after") or (list(range(math.ceil(STEPS / 2), STEPS + 1)) if half == "upper" else [])


def join(own: dict[str, Tensor], finished: Tokens) -> tuple[Tensor, Tensor]:
    parts, vectors = [], []
    for slot in WIDTHS:
        if slot not in finished:
            continue
        modality, vector = below(own, f"modalities.{slot}"), below(own, f"vectors.projections.{slot}")
        parts.append(linear(below(modality, "projection"), finished[slot]) + modality["typeEmbedding"][0])
        vectors.append(linear(vector, finished[slot][0]))
    return torch.cat(parts), norm(below(own, "norm"), torch.stack(vectors).mean(0))


def bottleneck(parameters: dict[str, Tensor], options: dict, tokens: Tokens) -> Tokens:
    steps = steps_of(options, "upper")
    shared = parameters["bottlenecks"][0]

    def between(step: int, sequences: Tokens) -> Tokens:
        nonlocal shared
        if step not in steps:
            return sequences
        index = steps.index(step)
        after, told = {}, []
        for slot, own in sequences.items():
            exchange = below(parameters, f"exchanges.{index}.{slot}")
            joint = torch.cat([own, linear(below(exchange, "enter"), shared)])
            output = pre_norm_layer(below(exchange, "layer"), HEADS)(joint[None])[0]
            after[slot] = output[: len(own)]
            if index < len(steps) - 1:
                told.append(linear(below(exchange, "leave"), output[len(own) :]))
        if told:
            shared = torch.stack(told).mean(0)
        return after

    return run(tokens, between)


def bottleneck_parameters(draw: Draw, options: dict) -> dict[str, Tensor]:
    steps = steps_of(options, "upper")
    parameters = {"bottlenecks": draw(1, BOTTLENECKS, HIDDEN)}
    for index in range(len(steps)):
        for slot, width in WIDTHS.items():
            own = {
                **named("enter", linear_parameters(draw, HIDDEN, width)),
                **named("layer", layer_parameters(draw, width, 4 * width)),
            }
            if index < len(steps) - 1:
                own |= named("leave", linear_parameters(draw, width, HIDDEN))
            parameters |= named(f"exchanges.{index}.{slot}", own)
    return parameters


def cross_attention(parameters: dict[str, Tensor], options: dict, tokens: Tokens) -> Tokens:
    steps, weights = steps_of(options, "upper"), options.get("interactions", {})
    pairs = attends(options)

    def between(step: int, sequences: Tokens) -> Tokens:
        if step not in steps:
            return sequences
        exchange = below(parameters, f"exchanges.{steps.index(step)}")
        after = dict(sequences)
        for query, keys in pairs.items():
            there = [slot for slot in WIDTHS if slot in keys and slot in sequences]
            if query not in sequences or not there:
                continue
            beside, logs = [], []
            for slot in there:
                normed = norm(below(exchange, f"norms.{slot}"), sequences[slot])
                own = below(exchange, f"keys.{slot}")
                beside.append(linear(below(own, "projection"), normed) + own["typeEmbedding"][0])
                logs += [math.log(weights.get(query, {}).get(slot, 1))] * len(normed)
            layer = below(exchange, f"layers.{query}")
            x = sequences[query]
            gates = [torch.tanh(layer[f"gates.{i}"]) if options.get("gate") else 1 for i in range(2)]
            x = x + gates[0] * attention(layer, norm(below(layer, "norm1"), x), torch.cat(beside), torch.tensor(logs))
            after[query] = x + gates[1] * feed_forward(below(layer, "feedForward"), norm(below(layer, "norm2"), x))
        return after

    return run(tokens, between)


def attends(options: dict) -> dict[str, list[str]]:
    given = options.get("attends") or {query: [slot for slot in WIDTHS if slot != query] for query in WIDTHS}
    weights = options.get("interactions", {})
    kept = {query: [slot for slot in keys if weights.get(query, {}).get(slot, 1) > 0] for query, keys in given.items()}
    return {query: keys for query, keys in kept.items() if keys}


def attention(layer: dict[str, Tensor], query: Tensor, keys: Tensor, logs: Tensor) -> Tensor:
    own = below(layer, "attention.attention")
    width, key_width = query.shape[1], keys.shape[1]
    module = nn.MultiheadAttention(width, HEADS, kdim=key_width, vdim=key_width, batch_first=True)
    projections = ["query", "key", "value"]
    module.load_state_dict(
        {
            **{f"{name[0]}_proj_weight": own[f"{name}.weight"] for name in projections},
            "in_proj_bias": torch.cat([own[f"{name}.bias"] for name in projections]),
            "out_proj.weight": own["output.weight"],
            "out_proj.bias": own["output.bias"],
        }
    )
    mask = logs[None].expand(len(query), -1)
    return module(query[None], keys[None], keys[None], attn_mask=mask, need_weights=False)[0][0]


def cross_parameters(draw: Draw, options: dict) -> dict[str, Tensor]:
    pairs = attends(options)
    attended = [slot for slot in WIDTHS if any(slot in keys for keys in pairs.values())]
    parameters = {}
    for index in range(len(steps_of(options, "upper"))):
        own = {}
        for slot in attended:
            own |= named(f"norms.{slot}", norm_parameters(draw, WIDTHS[slot]))
            own |= named(f"keys.{slot}.projection", linear_parameters(draw, WIDTHS[slot], HIDDEN))
            own[f"keys.{slot}.typeEmbedding"] = draw(1, 1, HIDDEN)
        for slot in pairs:
            width = WIDTHS[slot]
            layer = {
                **named("norm1", norm_parameters(draw, width)),
                **named("norm2", norm_parameters(draw, width)),
                **named("feedForward.intermediate", linear_parameters(draw, width, 4 * width)),
                **named("feedForward.output", linear_parameters(draw, 4 * width, width)),
                **named("attention.attention.query", linear_parameters(draw, width, width)),
                **named("attention.attention.key", linear_parameters(draw, HIDDEN, width)),
                **named("attention.attention.value", linear_parameters(draw, HIDDEN, width)),
                **named("attention.attention.output", linear_parameters(draw, width, width)),
            }
            if options.get("gate"):
                layer |= {"gates.0": draw(), "gates.1": draw()}
            own |= named(f"layers.{slot}", layer)
        parameters |= named(f"exchanges.{index}", own)
    return parameters


def hierarchical(parameters: dict[str, Tensor], options: dict, tokens: Tokens) -> tuple[Tensor, Tensor]:
    finished = cross_attention(parameters, {**options, "after": LOWER, "gate": True}, tokens)
    parts, owners = [parameters["classToken"][0]], [None]
    for slot in WIDTHS:
        if slot in finished:
            own = below(parameters, f"modalities.{slot}")
            parts.append(linear(below(own, "projection"), finished[slot]) + own["typeEmbedding"][0])
            owners += [slot] * len(finished[slot])
    x = torch.cat(parts)
    weights = options["interactions"]
    logs = torch.tensor([[math.log(weights.get(query, {}).get(key, 1)) for key in owners] for query in owners])
    for index in range(options["numHiddenLayers"]):
        layer, levels = below(parameters, f"layers.{index}"), below(parameters, f"feedForwards.{index}")
        module = nn.MultiheadAttention(HIDDEN, HEADS, batch_first=True)
        module.load_state_dict(attention_state(below(layer, "attention")))
        normed = norm(below(layer, "norm1"), x)[None]
        x = x + module(normed, normed, normed, attn_mask=logs, need_weights=False)[0][0]
        normed = norm(below(layer, "norm2"), x)
        added = []
        for token, owner in zip(normed, owners):
            fed = feed_forward(below(layer, "feedForward"), token)
            if owner:
                gate = below(levels, f"gates.{owner}")
                logit = linear(below(gate, "token"), token) + gate["row.weight"] @ normed[0]
                fed = 2 * torch.sigmoid(logit) * (fed + feed_forward(below(levels, f"experts.{owner}"), token))
            added.append(fed)
        x = x + torch.stack(added)
    fused = norm(below(parameters, "norm"), x)
    return fused, fused[0]


def hierarchical_parameters(draw: Draw, options: dict) -> dict[str, Tensor]:
    parameters = cross_parameters(draw, {**options, "after": LOWER, "gate": True})
    parameters |= {"classToken": draw(1, 1, HIDDEN), **named("norm", norm_parameters(draw, HIDDEN))}
    for slot, width in WIDTHS.items():
        parameters |= named(f"modalities.{slot}.projection", linear_parameters(draw, width, HIDDEN))
        parameters[f"modalities.{slot}.typeEmbedding"] = draw(1, 1, HIDDEN)
    for index in range(options["numHiddenLayers"]):
        parameters |= named(f"layers.{index}", layer_parameters(draw, HIDDEN, options["intermediateSize"]))
        for slot in WIDTHS:
            own = {
                **named(f"gates.{slot}.token", linear_parameters(draw, HIDDEN, 1)),
                f"gates.{slot}.row.weight": draw(1, HIDDEN),
                **named(f"experts.{slot}.intermediate", linear_parameters(draw, HIDDEN, options["intermediateSize"])),
                **named(f"experts.{slot}.output", linear_parameters(draw, options["intermediateSize"], HIDDEN)),
            }
            parameters |= named(f"feedForwards.{index}", own)
    return parameters


def film(parameters: dict[str, Tensor], options: dict, tokens: Tokens) -> Tokens:
    condition = options["condition"]
    others = [slot for slot in WIDTHS if slot != condition]
    conditioning = {slot: own for slot, own in tokens.items() if slot == condition}
    given = run(conditioning, lambda _, own: own, [condition])

    def between(step: int, sequences: Tokens) -> Tokens:
        if step not in options["after"] or not given:
            return sequences
        after = {}
        for slot, own in sequences.items():
            modulation = below(parameters, f"modulations.{options['after'].index(step)}.{slot}")
            modulate = mutual_modulation if options.get("mutual") else lambda own, _, given: linear(own, given)
            scale, shift = modulate(modulation, own, given[condition][0]).split(WIDTHS[slot])
            after[slot] = (1 + scale) * own + shift
        return after

    return given | run({slot: own for slot, own in tokens.items() if slot != condition}, between, others)


def mutual_modulation(own: dict[str, Tensor], tokens: Tensor, condition: Tensor) -> Tensor:
    normed = norm(below(own, "norm"), tokens)
    held = torch.cat([normed.mean(0), normed.amax(0)])
    hidden = linear(below(own, "condition"), condition) + own["held.weight"] @ held
    return linear(below(own, "output"), nn.functional.gelu(hidden))


def film_parameters(draw: Draw, options: dict) -> dict[str, Tensor]:
    width = WIDTHS[options["condition"]]
    parameters = {}
    for index in range(len(options["after"])):
        for slot in WIDTHS:
            if slot == options["condition"]:
                continue
            twice = 2 * WIDTHS[slot]
            own = linear_parameters(draw, width, twice)
            if options.get("mutual"):
                own = {
                    **named("norm", norm_parameters(draw, WIDTHS[slot])),
                    **named("condition", own),
                    "held.weight": draw(twice, twice),
                    **named("output", {"weight": draw(twice, twice, std=0.2), "bias": draw(twice)}),
                }
            parameters |= named(f"modulations.{index}.{slot}", own)
    return parameters


def join_parameters(draw: Draw) -> dict[str, Tensor]:
    parameters = named("norm", norm_parameters(draw, HIDDEN))
    for slot, width in WIDTHS.items():
        parameters |= named(f"modalities.{slot}.projection", linear_parameters(draw, width, HIDDEN))
        parameters[f"modalities.{slot}.typeEmbedding"] = draw(1, 1, HIDDEN)
        parameters |= named(f"vectors.projections.{slot}", linear_parameters(draw, width, HIDDEN))
    return parameters


def linear_parameters(draw: Draw, size: int, output: int) -> dict[str, Tensor]:
    return {"weight": draw(output, size), "bias": draw(output)}


def feed_forward(own: dict[str, Tensor], x: Tensor) -> Tensor:
    return linear(below(own, "output"), nn.functional.gelu(linear(below(own, "intermediate"), x)))


def linear(own: dict[str, Tensor], x: Tensor) -> Tensor:
    return nn.functional.linear(x, own["weight"], own["bias"])


def norm(own: dict[str, Tensor], x: Tensor) -> Tensor:
    return nn.functional.layer_norm(x, x.shape[-1:], own["weight"], own["bias"])


def rounded(x: Tensor) -> list:
    return json.loads(json.dumps(x.tolist()), parse_float=lambda digits: round(float(digits), 7))


if __name__ == "__main__":
    main()
