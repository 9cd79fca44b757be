"""A pre-norm Transformer layer of @polymodal/nn: parameters under our names, and PyTorch's module with the same."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor, nn

Draw = Callable[..., Tensor]


def drawer(seed: int) -> Draw:
    """Normal values of few digits, exact in float32, so that fixtures are small."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int, std: float = 0.4) -> Tensor:
        return torch.round(torch.randn(shape, generator=generator) * std * 256) / 256

    return draw


def layer_parameters(draw: Draw, hidden: int, intermediate: int) -> dict[str, Tensor]:
    return {
        **named("norm1", norm_parameters(draw, hidden)),
        **named("attention", attention_parameters(draw, hidden)),
        **named("norm2", norm_parameters(draw, hidden)),
        "feedForward.intermediate.weight": draw(intermediate, hidden),
        "feedForward.intermediate.bias": draw(intermediate),
        "feedForward.output.weight": draw(hidden, intermediate),
        "feedForward.output.bias": draw(hidden),
    }


def norm_parameters(draw: Draw, hidden: int) -> dict[str, Tensor]:
    return {"weight": 1 + draw(hidden), "bias": draw(hidden)}


def attention_parameters(draw: Draw, hidden: int) -> dict[str, Tensor]:
    names = ["query", "key", "value", "output"]
    return {f"{name}.weight": draw(hidden, hidden) for name in names} | {f"{name}.bias": draw(hidden) for name in names}


def pre_norm_layer(own: dict[str, Tensor], heads: int) -> nn.TransformerEncoderLayer:
    intermediate, hidden = own["feedForward.intermediate.weight"].shape
    module = nn.TransformerEncoderLayer(
        hidden, heads, intermediate, dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    module.load_state_dict(
        {
            **attention_state(below(own, "attention"), "self_attn."),
            "linear1.weight": own["feedForward.intermediate.weight"],
            "linear1.bias": own["feedForward.intermediate.bias"],
            "linear2.weight": own["feedForward.output.weight"],
            "linear2.bias": own["feedForward.output.bias"],
            **{f"{norm}.{kind}": own[f"{norm}.{kind}"] for norm in ["norm1", "norm2"] for kind in ["weight", "bias"]},
        }
    )
    return module


def attention_state(own: dict[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    return {
        f"{prefix}in_proj_weight": torch.cat([own[f"{name}.weight"] for name in ["query", "key", "value"]]),
        f"{prefix}in_proj_bias": torch.cat([own[f"{name}.bias"] for name in ["query", "key", "value"]]),
        f"{prefix}out_proj.weight": own["output.weight"],
        f"{prefix}out_proj.bias": own["output.bias"],
    }


def named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}.")}


def listed(tensors: dict[str, Tensor]) -> dict[str, list]:
    return {name: tensor.tolist() for name, tensor in tensors.items()}
