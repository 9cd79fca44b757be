"""Fixtures of packages/encoder-tabular: FT-Transformer, periodic embeddings and an MLP over them, with gradients, from the authors'
packages; and how scikit-learn scales numbers by their ranks.

Needs numpy, safetensors, scikit-learn, torch, rtdl_revisiting_models, rtdl_num_embeddings. Run from the root of the repository:
    python tools/parity/tabular.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from rtdl_num_embeddings import PeriodicEmbeddings
from rtdl_revisiting_models import MLP, CategoricalEmbeddings, FTTransformer
from safetensors.torch import save_file
from sklearn.preprocessing import QuantileTransformer

fixtures = Path("packages/encoder-tabular/fixtures")
fixtures.mkdir(exist_ok=True)
torch.manual_seed(0)

numbers = torch.randn(4, 3)
sizes = [4, 2]
categories = torch.stack([torch.randint(0, size, (4,)) for size in sizes], 1)


def record(name: str, output: torch.Tensor, module: torch.nn.Module, names: dict[str, str]) -> dict[str, torch.Tensor]:
    """Parameters under our names, the output, and gradients of its sum weighted by a cotangent."""
    cotangent = torch.randn_like(output)
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad((output * cotangent).sum(), list(parameters.values()))
    tensors = {f"{name}.output": output, f"{name}.cotangent": cotangent}
    for (path, value), gradient in zip(parameters.items(), gradients):
        for own, (pick, shape) in ours(path, value, names).items():
            tensors[f"{name}.parameters.{own}"] = pick(value).reshape(shape)
            tensors[f"{name}.gradients.{own}"] = pick(gradient).reshape(shape)
    return tensors


def ours(path: str, value: torch.Tensor, names: dict[str, str]):
    """Our names of a parameter: ReGLU is one linear map there, a * relu(b), and two here."""
    if path.endswith(("ffn.linear1.weight", "ffn.linear1.bias")):
        block, _, kind = path.partition(".ffn.linear1.")
        half = value.shape[0] // 2
        layer = f"layers.{block.split('.')[-1]}.feedForward"
        shape = (half, *value.shape[1:])
        return {f"{layer}.up.{kind}": (lambda t: t[:half], shape), f"{layer}.gate.{kind}": (lambda t: t[half:], shape)}
    for theirs, own in names.items():
        path = path.replace(theirs, own)
    return {path: (lambda t: t, (1, 1, -1) if path == "classToken" else value.shape)}


def merge_tables(tensors: dict[str, torch.Tensor], prefix: str) -> None:
    """The embeddings of all categories stand in one table here."""
    for kind in ("parameters", "gradients"):
        keys = [f"{prefix}.{kind}.embeddings.categories.embeddings.{i}.weight" for i in range(len(sizes))]
        tensors[f"{prefix}.{kind}.embeddings.categories.table.weight"] = torch.cat([tensors.pop(key) for key in keys])


tensors = {"numbers": numbers, "categories": categories.float()}

ft = FTTransformer(
    n_cont_features=3, cat_cardinalities=sizes, d_out=None, n_blocks=2, d_block=8, attention_n_heads=2,
    attention_dropout=0.0, ffn_d_hidden=10, ffn_d_hidden_multiplier=None, ffn_dropout=0.0, residual_dropout=0.0,
)  # fmt: skip
norm = torch.nn.LayerNorm(8)
for parameter in [*ft.parameters(), *norm.parameters()]:
    torch.nn.init.normal_(parameter, 0.0, 0.4)
whole = torch.nn.ModuleDict({"ft": ft, "norm": norm})
output = torch.relu(norm(ft(numbers, categories)))
tensors |= record(
    "ft",
    output,
    whole,
    {
        "ft.cls_embedding.weight": "classToken",
        "ft.cont_embeddings": "embeddings.numbers",
        "ft.cat_embeddings": "embeddings.categories",
        "ft.backbone.blocks": "layers",
        "attention_normalization": "norm1",
        "ffn_normalization": "norm2",
        "attention.W_q": "attention.query",
        "attention.W_k": "attention.key",
        "attention.W_v": "attention.value",
        "attention.W_out": "attention.output",
        "ffn.linear2": "feedForward.down",
    },
)
merge_tables(tensors, "ft")

# A row without a cell is the same model without that column: the tokens that remain.
with torch.no_grad():
    tokens = torch.cat([ft.cls_embedding((4,)), ft.cont_embeddings(numbers), ft.cat_embeddings(categories)], 1)
    tensors["ft.without.output"] = torch.relu(norm(ft.backbone(tokens[:, [0, 1, 3, 5]])))

periodic = PeriodicEmbeddings(3, 5, n_frequencies=4, frequency_init_scale=0.5, lite=False)
embedded = CategoricalEmbeddings(sizes, 5)
mlp = MLP(d_in=25, d_out=None, n_blocks=2, d_block=6, dropout=0.0)
whole = torch.nn.ModuleDict({"periodic": periodic, "embedded": embedded, "mlp": mlp})
output = mlp(torch.cat([periodic(numbers), embedded(categories)], 1).flatten(1))
tensors |= record(
    "mlp",
    output,
    whole,
    {
        "periodic.periodic.weight": "embeddings.numbers.frequencies",
        "periodic.linear": "embeddings.numbers",
        "embedded.": "embeddings.categories.",
        "mlp.blocks": "layers",
        ".linear.": ".",
    },
)
merge_tables(tensors, "mlp")
save_file({name: value.detach().contiguous() for name, value in tensors.items()}, fixtures / "encoders.safetensors")

# Values with ties and a long tail, and others between, beyond and among them.
draw = np.random.default_rng(0)
values = np.concatenate([np.exp(draw.normal(size=150)), np.full(120, 1.5), np.zeros(30)])
asked = np.concatenate([values[:6], [1.5, 0.0, -1.0, 100.0, 0.7, 1.4999], np.quantile(values, [0.1, 0.5, 0.93])])
transformer = QuantileTransformer(n_quantiles=10, output_distribution="normal", subsample=None).fit(values[:, None])
scores = transformer.transform(asked[:, None])[:, 0]
(fixtures / "quantiles.json").write_text(
    json.dumps({"values": values.tolist(), "asked": asked.tolist(), "scores": scores.tolist()}, separators=(",", ":"))
    + "\n"
)
