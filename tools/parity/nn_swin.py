"""Reference values for the layers of @polymodal/nn that Swin Transformers of pictures and sound have, computed by Hugging Face transformers and torch.

The cases are those of nn.py.
    python tools/parity/nn_swin.py
"""

from __future__ import annotations

import torch
from nn import case, draw, fill, renaming, write
from torch import Tensor
from torch.nn.functional import batch_norm, interpolate
from transformers import SwinConfig
from transformers.models.swin.modeling_swin import SwinPatchMerging, SwinStage

Tensors = dict[str, Tensor]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    write("swin-stage", [
        stage_case("shifted windows, zeros added, merging", {"windowSize": 3, "layers": 2, "merges": True}, [5, 8]),
        stage_case("without bias, one window", {"windowSize": 3, "layers": 2, "qkvBias": False}, [3, 3]),
        stage_case("another activation and eps", {"windowSize": 2, "hiddenAct": "relu", "layerNormEps": 0.1}, [2, 4]),
    ])  # fmt: skip
    write("batch-norm", [batch_norm_case("pictures", 1e-5, [2, 3, 2, 4]), batch_norm_case("vectors, large eps", 0.1, [3, 4])])
    write("bicubic-weights", [
        bicubic_case(available, wanted, align_corners)
        for available, wanted in [(5, 8), (9, 4), (1, 3), (3, 1), (6, 6)]
        for align_corners in [True, False]
    ])  # fmt: skip


def stage_case(name: str, options: dict, grid: list[int]) -> dict:
    config = {"hiddenSize": 4, "numAttentionHeads": 2, "layers": 1, "merges": False, "mlpRatio": 1.5} | options
    swin = SwinConfig(
        window_size=config["windowSize"],
        mlp_ratio=config["mlpRatio"],
        qkv_bias=config.get("qkvBias", True),
        hidden_act=config.get("hiddenAct", "gelu"),
        layer_norm_eps=config.get("layerNormEps", 1e-5),
        hidden_dropout_prob=0.0,
        attn_implementation="eager",
    )
    depth = config["layers"]
    downsample = SwinPatchMerging if config["merges"] else None
    stage = SwinStage(swin, config["hiddenSize"], tuple(grid), depth, config["numAttentionHeads"], [0.0] * depth, downsample)

    def forward(values: Tensors, parameters: Tensors) -> Tensor:
        return torch.func.functional_call(stage, parameters, (values["x"], tuple(grid)))[0]

    names = {
        "blocks.": "layers.",
        "attention.relative_position_bias.relative_position_bias_table": "relativePositionBias.weight",
        "q_proj": "query",
        "k_proj": "key",
        "v_proj": "value",
        "o_proj": "output",
        "layernorm_before": "norm1",
        "layernorm_after": "norm2",
        "mlp.fc1": "feedForward.intermediate",
        "mlp.fc2": "feedForward.output",
        "downsample": "merging",
    }
    inputs = {"x": draw(name, [2, grid[0] * grid[1], config["hiddenSize"]])}
    return case(name, config | {"grid": grid}, inputs, fill(stage), forward, renaming(names))


def batch_norm_case(name: str, eps: float, shape: list[int]) -> dict:
    """With statistics as parameters, so that they have values; that they get gradients here is of no use."""
    size = shape[-1]
    parameters = {
        "weight": draw(name + "weight", [size]).add(1).requires_grad_(),
        "bias": draw(name + "bias", [size]).requires_grad_(),
        "runningMean": draw(name + "mean", [size]).requires_grad_(),
        "runningVar": draw(name + "var", [size]).abs().add(0.5).requires_grad_(),
        "numBatchesTracked": torch.zeros([]).requires_grad_(),
    }

    def forward(inputs: Tensors, p: Tensors) -> Tensor:
        first = inputs["x"].movedim(-1, 1)
        normed = batch_norm(first, p["runningMean"].detach(), p["runningVar"].detach(), p["weight"], p["bias"], eps=eps)
        return normed.movedim(1, -1) + 0 * (p["runningMean"].sum() + p["runningVar"].sum() + p["numBatchesTracked"])

    return case(name, {"size": size, "eps": eps}, {"x": draw(name, shape)}, parameters, forward)


def bicubic_case(available: int, wanted: int, align_corners: bool) -> dict:
    name = f"{available} to {wanted}, corners {'aligned' if align_corners else 'not aligned'}"
    forward = lambda inputs, _: interpolate(
        inputs["x"][None, None], (wanted, 2), mode="bicubic", align_corners=align_corners
    )[0, 0]
    config = {"wanted": wanted, "alignCorners": align_corners}
    return case(name, config, {"x": draw(name, [available, 2])}, {}, forward)


if __name__ == "__main__":
    main()
