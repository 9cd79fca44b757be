"""Reference values for the layers of @polymodal/nn that decoders have, computed by Hugging Face transformers.

The cases are those of nn.py. `rotary-frequencies` holds configs, lengths, and the frequencies that follow.
    python tools/parity/nn_decoder.py
"""

from __future__ import annotations

import torch
from nn import additive, case, draw, fill, identity, module_case, renaming, write
from torch import Tensor
from torch.nn.functional import rms_norm
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaMLP, LlamaRotaryEmbedding

Tensors = dict[str, Tensor]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    write("rms-norm", [rms_norm_case("default eps", 1e-6), rms_norm_case("large eps", 0.1)])
    write("gated-feed-forward", [gated_case("silu", False), gated_case("gelu", True)])
    write("grouped-query-attention", attention_cases())
    torch.set_default_dtype(torch.float32)
    write("rotary-frequencies", frequency_cases())


def rms_norm_case(name: str, eps: float) -> dict:
    weight = draw(name + "weight", [6]).add(1).requires_grad_()
    forward = lambda inputs, parameters: rms_norm(inputs["x"], (6,), parameters["weight"], eps)
    return case(name, {"size": 6, "eps": eps}, {"x": draw(name, [2, 3, 6]) * 3 + 1}, {"weight": weight}, forward)


def gated_case(activation: str, bias: bool) -> dict:
    layer = LlamaMLP(LlamaConfig(hidden_size=4, intermediate_size=6, hidden_act=activation, mlp_bias=bias, num_attention_heads=1))
    config = {"hiddenSize": 4, "intermediateSize": 6, "hiddenAct": activation, "bias": bias}
    rename = renaming({"gate_proj": "gate", "up_proj": "up", "down_proj": "down"})
    return module_case(activation, config, {"x": draw(activation, [2, 3, 4])}, layer, rename)


def attention_cases() -> list[dict]:
    sizes = {"hiddenSize": 6, "numAttentionHeads": 4, "headDim": 2}
    return [
        attention_case("two heads for each of keys and values", {**sizes, "numKeyValueHeads": 2, "bias": False}),
        attention_case("one head of keys and values for all", {**sizes, "numKeyValueHeads": 1}),
        attention_case(
            "a head for each, the logits on another scale, without a bias of the output",
            {**sizes, "attentionScale": 0.3, "bias": {"output": False}},
        ),
    ]


def attention_case(name: str, config: dict) -> dict:
    heads = config["numAttentionHeads"]
    bias = config.get("bias", True)
    llama = LlamaConfig(
        hidden_size=8,
        num_attention_heads=heads,
        num_key_value_heads=config.get("numKeyValueHeads", heads),
        head_dim=config["headDim"],
        attention_bias=bias is not False,
    )
    llama.hidden_size = config["hiddenSize"]  # which the class wants to be a multiple of the heads, without a need
    llama._attn_implementation = "eager"
    layer = LlamaAttention(llama, 0)
    layer.scaling = config.get("attentionScale", layer.scaling)
    if isinstance(bias, dict):
        layer.o_proj.bias = None
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]]).to(torch.get_default_dtype())
    angles = draw(name + "angles", [2, 3, config["headDim"] // 2])
    inputs = {
        "tokens": draw(name, [2, 3, config["hiddenSize"]]),
        "mask": mask,
        "cos": angles.cos().float().double(),
        "sin": angles.sin().float().double(),
        "attentionBias": draw(name + "bias", [3, 3]),
    }

    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        rotation = tuple(torch.cat([values[part]] * 2, -1) for part in ["cos", "sin"])
        keys = additive(values["mask"])[:, None, None, :]
        arguments = (values["tokens"], rotation, values["attentionBias"][None, None] + keys)
        return torch.func.functional_call(layer, parameters, arguments)[0]

    rename = renaming({"q_proj": "query", "k_proj": "key", "v_proj": "value", "o_proj": "output"})
    return case(name, config, inputs, fill(layer), forward, rename, constants=("mask", "cos", "sin"))


def frequency_cases() -> list[dict]:
    factors = {"short_factor": [1.0, 1.1, 1.5, 2.0], "long_factor": [1.0, 2.0, 4.0, 9.0]}
    llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    yarn = {"rope_type": "yarn", "factor": 4.0}
    long = {"rope_type": "longrope", "original_max_position_embeddings": 16, **factors}
    return [
        frequency_case("default", {"rope_type": "default"}, 5),
        frequency_case("default, with another base", {"rope_type": "default", "rope_theta": 500000.0}, 5),
        frequency_case("linear", {"rope_type": "linear", "factor": 2.5}, 5),
        frequency_case("dynamic, within the trained length", {"rope_type": "dynamic", "factor": 2.0}, 5),
        frequency_case("dynamic, beyond it", {"rope_type": "dynamic", "factor": 2.0}, 100),
        frequency_case("yarn", {**yarn, "original_max_position_embeddings": 32}, 5),
        frequency_case("yarn with bounds", {**yarn, "original_max_position_embeddings": 4096, "beta_fast": 8.0, "beta_slow": 2.0, "truncate": False}, 5),
        frequency_case("yarn with mscale", {**yarn, "original_max_position_embeddings": 32, "mscale": 0.7, "mscale_all_dim": 0.9}, 5),
        frequency_case("yarn with its own attention factor", {**yarn, "original_max_position_embeddings": 32, "attention_factor": 1.5}, 5),
        frequency_case("longrope, short", long, 16),
        frequency_case("longrope, long", long, 17),
        frequency_case("longrope, with a factor", {**long, "factor": 6.0}, 17),
        frequency_case("llama3", {**llama3, "original_max_position_embeddings": 64}, 5),
        frequency_case("llama3, where all waves are long", {**llama3, "original_max_position_embeddings": 2}, 5),
    ]


def frequency_case(name: str, parameters: dict, length: int) -> dict:
    parameters = {"rope_theta": 10000.0, **parameters}
    config = LlamaConfig(
        hidden_size=8, num_attention_heads=1, max_position_embeddings=64, rope_parameters=dict(parameters)
    )
    embedding = LlamaRotaryEmbedding(config)
    cos, sin = embedding(torch.zeros(1), torch.arange(length)[None])  # which adjusts the frequencies to the length
    camel = lambda key: "".join(part.capitalize() if index else part for index, part in enumerate(key.split("_")))
    return {
        "name": name,
        "parameters": {camel(key): value for key, value in parameters.items()},
        "headDim": 8,
        "maxPositionEmbeddings": 64,
        "length": length,
        "frequencies": embedding.inv_freq.tolist(),
        "attentionFactor": float(embedding.attention_scaling),
        "cos": cos[0, -1, :4].tolist(),
        "sin": sin[0, -1, :4].tolist(),
    }


if __name__ == "__main__":
    main()
