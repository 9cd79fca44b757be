"""A fixture of packages/encoder-text/src/sentence: vectors of texts with dense layers after the pooling.

The formula is that of Dense in sentence-transformers: activation(linear(vector)). Needs torch, transformers, safetensors; run from the
root of the repository, after sentence.py:
    python tools/parity/sentence_dense.py
"""

import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save
from transformers import BertModel, PreTrainedTokenizerFast

fixture = Path("packages/encoder-text/fixtures/sentence")
texts = json.loads((fixture / "expected.json").read_text())["texts"]
model = BertModel.from_pretrained(fixture / "bert").eval()
tokenizer = PreTrainedTokenizerFast.from_pretrained(fixture / "bert")


def pooled(text: str) -> torch.Tensor:
    with torch.no_grad():
        return model(**tokenizer([text], return_tensors="pt", truncation=True)).last_hidden_state.mean(1)[0]


def case(name: str, layers: list, normalize: bool, prefix: str) -> dict:
    """layers: (width, activation, bias)"""
    generator = torch.Generator().manual_seed(len(name))
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    files = {"1_Pooling/config.json": {"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True}}
    weights = {}
    vectors = torch.stack([pooled(text) for text in texts])
    for index, (width, kind, bias) in enumerate(layers):
        path = f"{index + 2}_Dense"
        linear = torch.nn.Linear(vectors.shape[1], width, bias=bias)
        with torch.no_grad():
            for parameter in linear.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
            function = getattr(torch.nn, kind)()
            modules.append((path, "Dense"))
            place = type(function).__module__ + "." + type(function).__qualname__
            files[f"{path}/config.json"] = {"in_features": linear.in_features, "out_features": width, "bias": bias, "activation_function": place}
            weights[f"{path}/model.safetensors"] = base64.b64encode(save({f"linear.{k}": v for k, v in linear.state_dict().items()})).decode()
            vectors = function(linear(vectors))
    if normalize:
        modules.append((f"{len(modules)}_Normalize", "Normalize"))
        vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
    files["modules.json"] = [{"idx": i, "name": str(i), "path": path, "type": prefix + kind} for i, (path, kind) in enumerate(modules)]
    return {"name": name, "files": files, "weights": weights, "vectors": vectors.tolist()}


cases = [
    case("one", [(5, "Tanh", True)], False, "sentence_transformers.models."),
    case("two, then of unit length", [(7, "GELU", False), (4, "Identity", True)], True, "sentence_transformers.models."),
    case("with a ramp", [(6, "ReLU", True)], True, "sentence_transformers.base.modules."),
]
(fixture / "dense.json").write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
