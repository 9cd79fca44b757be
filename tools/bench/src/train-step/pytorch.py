"""A contender: the training step in PyTorch, eager, float32. Arguments: the folder of the workload, the number of threads."""

import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import torch
    from safetensors.torch import load_file
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    missing(str(error))

folder = Path(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
config = json.loads((folder / "config.json").read_text())
width, heads = config["hiddenSize"], config["numAttentionHeads"]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        split = lambda y: y.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, H, N, D/H)
        attended = F.scaled_dot_product_attention(split(self.query(x)), split(self.key(x)), split(self.value(x)))
        return self.output(attended.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.intermediate, self.output = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.output(F.gelu(self.intermediate(x)))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention()
        self.norm2, self.feedForward = nn.LayerNorm(width), FeedForward()

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.feedForward(self.norm2(x))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(config["numHiddenLayers"]))
        self.head = nn.Linear(width, config["numLabels"])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x.mean(1))


model = Classifier()
model.load_state_dict(load_file(folder / "weights.safetensors"))
optimizer = torch.optim.Adam(model.parameters(), lr=config["learningRate"])
tensors = load_file(folder / "batches.safetensors")
batches = [(tensors[f"features.{i}"], tensors[f"labels.{i}"].long()) for i in range(config["batchCount"])]
steps = 0


def step(features, labels):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(features), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def run(times):
    global steps
    result = {"ms": [], "losses": []}
    for _ in range(times):
        start = time.perf_counter()
        result["losses"].append(step(*batches[steps % len(batches)]))
        result["ms"].append((time.perf_counter() - start) * 1e3)
        steps += 1
    return result


serve(run)
