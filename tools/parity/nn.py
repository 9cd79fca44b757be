"""Reference values for the layers of @polymodal/nn, computed by PyTorch and Hugging Face transformers in float64.

Each case holds the config of a layer, its inputs and parameters (under our names, rounded to float32), the output, a
cotangent, and the gradients of sum(output * cotangent) with respect to every parameter and every float input.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Callable

import torch
from torch import Tensor, nn
from transformers import BertConfig, ViTConfig
from transformers.activations import ACT2FN
from transformers.models.bert.modeling_bert import BertLayer
from transformers.models.vit.modeling_vit import ViTLayer

FIXTURES = Path(__file__).resolve().parents[2] / "packages" / "nn" / "fixtures"
ACTIVATIONS = ["gelu", "gelu_new", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu", "swish", "sigmoid", "tanh"]

Tensors = dict[str, Tensor]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    write("activations", [activation_case(name) for name in ACTIVATIONS])
    write("linear", linear_cases())
    write("embedding", [embedding_case()])
    write("layer-norm", layer_norm_cases())
    write("multi-head-attention", attention_cases())
    write("feed-forward", [feed_forward_case(name) for name in ["gelu", "gelu_new", "relu", "silu"]])
    write("transformer-layer", transformer_layer_cases())
    write("conv1d", conv1d_cases())
    write("conv2d", conv2d_cases())


# --- activations -----------------------------------------------------------------------------------------------------


def activation_case(name: str) -> dict:
    x = torch.tensor([-8, -3, -1.5, -0.75, -0.1, 0.1, 0.5, 1, 2, 3.5, 9])
    return case(name, {"name": name}, {"x": x}, {}, lambda inputs, _: ACT2FN[name](inputs["x"]))


# --- linear, embedding, norm -----------------------------------------------------------------------------------------


def linear_cases() -> list[dict]:
    cases = []
    for name, bias, shape in [("with bias", True, [2, 3, 4]), ("without bias", False, [3, 4]), ("rank 1", True, [4])]:
        layer = nn.Linear(4, 5, bias=bias)
        config = {"inputSize": 4, "outputSize": 5, "bias": bias}
        cases.append(module_case(name, config, {"x": draw(name, shape)}, layer, identity))
    return cases


def embedding_case() -> dict:
    ids = torch.tensor([[0, 3, 3], [5, 1, 3]])  # an id that occurs three times gathers three gradients
    layer = nn.Embedding(6, 4)
    return module_case("repeated ids", {"numEmbeddings": 6, "embeddingDim": 4}, {"ids": ids}, layer, identity)


def layer_norm_cases() -> list[dict]:
    cases = []
    for name, eps in [("default eps", 1e-5), ("large eps", 0.1)]:
        layer = nn.LayerNorm(6, eps=eps)
        cases.append(module_case(name, {"size": 6, "eps": eps}, {"x": draw(name, [2, 3, 6]) * 3 + 1}, layer, identity))
    return cases


# --- attention -------------------------------------------------------------------------------------------------------


def attention_cases() -> list[dict]:
    everything = torch.ones(2, 3)
    some = torch.tensor([[1, 1, 0], [1, 0, 0]])
    self_attention = {"hiddenSize": 4, "numAttentionHeads": 2}
    cross = {"hiddenSize": 4, "numAttentionHeads": 2, "keyValueSize": 6}
    return [
        attention_case("one head", {"hiddenSize": 4, "numAttentionHeads": 1}, everything, 3),
        attention_case("self-attention", self_attention, everything, 3),
        attention_case("with a mask", self_attention, some, 3),
        attention_case("without bias", {**self_attention, "bias": False}, some, 3),
        attention_case("cross-attention of another width", cross, some, 5),
        attention_case("with an attention bias for all rows", self_attention, some, 3, bias_shape=[3, 3]),
        attention_case("with an attention bias for each row and head", self_attention, some, 3, bias_shape=[2, 2, 3, 3]),
    ]


def attention_case(name: str, config: dict, mask: Tensor, queries: int, bias_shape: list[int] | None = None) -> dict:
    size, heads = config["hiddenSize"], config["numAttentionHeads"]
    width = config.get("keyValueSize", size)
    layer = nn.MultiheadAttention(
        size, heads, kdim=width, vdim=width, bias=config.get("bias", True), batch_first=True
    )
    inputs = {
        "query": draw(name + "query", [2, queries, size]),
        "keyValue": draw(name + "keyValue", [2, mask.shape[1], width]),
        "mask": mask.to(torch.get_default_dtype()),
    }
    if bias_shape:
        inputs["attentionBias"] = draw(name + "bias", bias_shape)

    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        bias = values.get("attentionBias")
        return torch.func.functional_call(
            layer,
            parameters,
            (values["query"], values["keyValue"], values["keyValue"]),
            {
                "key_padding_mask": additive(values["mask"]),
                "attn_mask": bias.flatten(0, 1) if bias is not None and bias.dim() == 4 else bias,
                "need_weights": False,
            },
        )[0]

    return case(name, config, inputs, fill(layer), forward, split_attention, constants=("mask",))


def split_attention(parameters: Tensors) -> Tensors:
    """PyTorch keeps the three input projections in one tensor, if they have the same width."""
    ours: Tensors = {}
    for name, value in parameters.items():
        prefix, _, leaf = name.rpartition(".")
        prefix = prefix + "." if prefix else ""
        if leaf in ("in_proj_weight", "in_proj_bias"):
            for part, chunk in zip(["query", "key", "value"], value.chunk(3)):
                ours[f"{prefix}{part}.{leaf.removeprefix('in_proj_')}"] = chunk
        elif leaf in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
            part = {"q": "query", "k": "key", "v": "value"}[leaf[0]]
            ours[f"{prefix}{part}.weight"] = value
        else:
            ours[name.replace("out_proj", "output")] = value
    return ours


# --- Transformer -----------------------------------------------------------------------------------------------------


def feed_forward_case(activation: str) -> dict:
    layer = nn.ModuleDict({"intermediate": nn.Linear(4, 6), "output": nn.Linear(6, 4)})

    def forward(inputs: Tensors, parameters: Tensors) -> Tensor:
        linear = nn.functional.linear
        hidden = linear(inputs["x"], parameters["intermediate.weight"], parameters["intermediate.bias"])
        return linear(ACT2FN[activation](hidden), parameters["output.weight"], parameters["output.bias"])

    config = {"hiddenSize": 4, "intermediateSize": 6, "hiddenAct": activation}
    return case(activation, config, {"x": draw(activation, [2, 3, 4])}, fill(layer), forward)


def transformer_layer_cases() -> list[dict]:
    base = {"hiddenSize": 4, "numAttentionHeads": 2, "intermediateSize": 6}
    return [
        encoder_layer_case("pre-norm, as torch.nn.TransformerEncoderLayer", {**base, "normPosition": "pre"}),
        encoder_layer_case("post-norm, as torch.nn.TransformerEncoderLayer", {**base, "normPosition": "post"}),
        encoder_layer_case(
            "pre-norm with ReLU, another eps and an attention bias",
            {**base, "normPosition": "pre", "hiddenAct": "relu", "layerNormEps": 1e-2},
            biased=True,
        ),
        bert_layer_case({**base, "normPosition": "post", "hiddenAct": "gelu", "layerNormEps": 1e-12}),
        vit_layer_case({**base, "normPosition": "pre", "hiddenAct": "gelu", "layerNormEps": 1e-12}),
    ]


def encoder_layer_case(name: str, config: dict, biased: bool = False) -> dict:
    layer = nn.TransformerEncoderLayer(
        config["hiddenSize"],
        config["numAttentionHeads"],
        config["intermediateSize"],
        dropout=0.0,
        activation=ACT2FN[config.get("hiddenAct", "gelu")],
        layer_norm_eps=config.get("layerNormEps", 1e-5),
        batch_first=True,
        norm_first=config["normPosition"] == "pre",
    )
    inputs = layer_inputs(name)
    if biased:
        inputs["attentionBias"] = draw(name + "bias", [3, 3])

    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        masks = {"src_key_padding_mask": additive(values["mask"]), "src_mask": values.get("attentionBias")}
        return torch.func.functional_call(layer, parameters, (values["tokens"],), masks)

    names = {"self_attn": "attention", "linear1": "intermediate", "linear2": "output"}
    rename = renaming({**names, "intermediate": "feedForward.intermediate", "output": "feedForward.output"})
    return case(name, config, inputs, fill(layer), forward, lambda p: split_attention(rename(p)), constants=("mask",))


def bert_layer_case(config: dict) -> dict:
    layer = BertLayer(hugging_face_config(BertConfig, config))
    names = {
        "attention.self.": "attention.",
        "attention.output.dense": "attention.out_proj",
        "attention.output.LayerNorm": "norm1",
        "intermediate.dense": "feedForward.intermediate",
        "output.dense": "feedForward.output",
        "output.LayerNorm": "norm2",
        "out_proj": "output",
    }
    return hugging_face_case("post-norm, as transformers' BertLayer", config, layer, names, masked=True)


def vit_layer_case(config: dict) -> dict:
    layer = ViTLayer(hugging_face_config(ViTConfig, config))
    names = {
        "q_proj": "query",
        "k_proj": "key",
        "v_proj": "value",
        "o_proj": "output",
        "layernorm_before": "norm1",
        "layernorm_after": "norm2",
        "mlp.fc1": "feedForward.intermediate",
        "mlp.fc2": "feedForward.output",
    }
    return hugging_face_case("pre-norm, as transformers' ViTLayer", config, layer, names, masked=False)


def hugging_face_config(config_class: type, config: dict):
    return config_class(
        hidden_size=config["hiddenSize"],
        num_attention_heads=config["numAttentionHeads"],
        intermediate_size=config["intermediateSize"],
        hidden_act=config["hiddenAct"],
        layer_norm_eps=config["layerNormEps"],
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )


def hugging_face_case(name: str, config: dict, layer: nn.Module, names: dict[str, str], masked: bool) -> dict:
    inputs = layer_inputs(name)
    if not masked:
        inputs["mask"] = torch.ones_like(inputs["mask"])

    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        mask = {"attention_mask": additive(values["mask"])[:, None, None, :]} if masked else {}
        output = torch.func.functional_call(layer, parameters, (values["tokens"],), mask)
        return output[0] if isinstance(output, tuple) else output

    return case(name, config, inputs, fill(layer), forward, renaming(names), constants=("mask",))


def layer_inputs(name: str) -> Tensors:
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]], dtype=torch.get_default_dtype())
    return {"tokens": draw(name, [2, 3, 4]), "mask": mask}


def additive(mask: Tensor) -> Tensor:
    return torch.zeros_like(mask).masked_fill(mask == 0, -torch.inf)


# --- convolutions ----------------------------------------------------------------------------------------------------


def conv1d_cases() -> list[dict]:
    base = {"inChannels": 4, "outChannels": 6, "kernelSize": 3}
    options = {
        "plain": {},
        "without bias": {"bias": False},
        "padding": {"padding": 1},
        "stride that leaves a remainder": {"stride": 2, "padding": 1},
        "stride beyond the kernel": {"kernelSize": 2, "stride": 3},
        "even kernel": {"kernelSize": 4, "padding": 2},
        "dilation": {"dilation": 2, "padding": 2},
        "dilation and stride": {"dilation": 2, "stride": 2},
        "two groups": {"groups": 2, "padding": 1},
        "two groups, dilation and stride": {"groups": 2, "dilation": 2, "stride": 2, "padding": 1},
        "depthwise": {"groups": 4, "outChannels": 4, "padding": 1},
        "depthwise with a multiplier and stride": {"groups": 4, "outChannels": 8, "stride": 2},
        "depthwise with dilation": {"groups": 4, "outChannels": 4, "dilation": 2},
        "patches": {"kernelSize": 4, "stride": 4},
        "pointwise": {"kernelSize": 1},
    }
    return [conv_case(name, {**base, **config}, nn.Conv1d, [8]) for name, config in options.items()]


def conv2d_cases() -> list[dict]:
    base = {"inChannels": 2, "outChannels": 4, "kernelSize": 3}
    options = {
        "plain": {},
        "without bias": {"bias": False},
        "padding and stride": {"stride": 2, "padding": 1},
        "different axes": {"kernelSize": [3, 2], "stride": [2, 1], "padding": [1, 0]},
        "dilation of different axes": {"kernelSize": 2, "dilation": [2, 3], "padding": [0, 1]},
        "two groups": {"groups": 2, "padding": 1, "inChannels": 4},
        "depthwise": {"groups": 2, "outChannels": 4, "padding": [1, 0]},
        "patches": {"kernelSize": [2, 3], "stride": [2, 3]},
        "patches that leave a remainder": {"kernelSize": 4, "stride": 4},
    }
    return [conv_case(name, {**base, **config}, nn.Conv2d, [4, 6]) for name, config in options.items()]


def conv_case(name: str, config: dict, layer_class: type, size: list[int]) -> dict:
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    layer = layer_class(
        arguments["inChannels"],
        arguments["outChannels"],
        arguments["kernelSize"],
        stride=arguments.get("stride", 1),
        padding=arguments.get("padding", 0),
        dilation=arguments.get("dilation", 1),
        groups=arguments.get("groups", 1),
        bias=arguments.get("bias", True),
    )

    def forward(inputs: Tensors, parameters: Tensors) -> Tensor:
        channels_first = inputs["x"].movedim(-1, 1)
        return torch.func.functional_call(layer, parameters, (channels_first,)).movedim(1, -1)

    return case(name, config, {"x": draw(name, [2, *size, config["inChannels"]])}, fill(layer), forward)


# --- cases -----------------------------------------------------------------------------------------------------------

Forward = Callable[[Tensors, Tensors], Tensor]
Rename = Callable[[Tensors], Tensors]


def identity(parameters: Tensors) -> Tensors:
    return parameters


def renaming(names: dict[str, str]) -> Rename:
    """Replaces parts of parameter names, one after the other."""

    def rename(parameters: Tensors) -> Tensors:
        renamed = {}
        for name, value in parameters.items():
            for old, new in names.items():
                name = name.replace(old, new)
            renamed[name] = value
        return renamed

    return rename


def module_case(name: str, config: dict, inputs: Tensors, layer: nn.Module, rename: Rename) -> dict:
    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        return torch.func.functional_call(layer, parameters, tuple(values.values()))

    return case(name, config, inputs, fill(layer), forward, rename)


def case(
    name: str,
    config: dict,
    inputs: Tensors,
    parameters: Tensors,
    forward: Forward,
    rename: Rename = identity,
    constants: tuple[str, ...] = (),
) -> dict:
    differentiable = [key for key, value in inputs.items() if value.is_floating_point() and key not in constants]
    for key in differentiable:
        inputs[key].requires_grad_()
    output = forward(inputs, parameters)
    cotangent = draw(name + "cotangent", list(output.shape))
    (output * cotangent).sum().backward()
    return {
        "name": name,
        "config": config,
        "inputs": encode(inputs),
        "parameters": encode(rename(parameters)),
        "output": encode_tensor(output),
        "cotangent": encode_tensor(cotangent),
        "inputGradients": encode({key: inputs[key].grad for key in differentiable}),
        "parameterGradients": encode(rename({key: value.grad for key, value in parameters.items()})),
    }


def fill(layer: nn.Module) -> Tensors:
    """New parameters for a layer, none of them near zero or one, so that each of them matters."""
    layer.train()
    return {
        name: draw(name, list(value.shape)).mul(0.5).add(1.0 if "norm" in name.lower() else 0.0).requires_grad_()
        for name, value in layer.named_parameters()
    }


def draw(name: str, shape: list[int]) -> Tensor:
    """Standard normal numbers that depend on the name alone, exact in float32."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    return torch.randn(shape, generator=generator, dtype=torch.float32).mul(256).round().div(256).double()


def encode(tensors: Tensors) -> dict:
    return {name: encode_tensor(value) for name, value in tensors.items()}


def encode_tensor(tensor: Tensor) -> dict:
    values = tensor.detach().flatten().tolist()
    if not tensor.is_floating_point():
        return {"shape": list(tensor.shape), "dtype": "int32", "data": values}
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in values]}


def write(name: str, cases: list[dict]) -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in cases)
    (FIXTURES / f"{name}.json").write_text(f"[\n{lines}\n]\n")
    print(f"{name}: {len(cases)} cases")


if __name__ == "__main__":
    main()
