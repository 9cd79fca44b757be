"""A contender: the same towers in PyTorch, eager, float32, on the same stream.

As `random-padded` it does as people write it: batches at random, each modality padded to its longest sample, zeros with a mask where one
lacks it. As `length-sorted` it takes more care: samples of like length together, and towers run on the rows that have their modality.

Arguments: the folder of the workload, how it makes batches, the samples that it takes of each pass, the number of threads.
"""

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

folder, batching = Path(sys.argv[1]), sys.argv[2]
workload = json.loads((folder / "workload.json").read_text())
sizes, modalities, learning = workload["sizes"], workload["modalities"], workload["learning"]
torch.set_num_threads(int(sys.argv[4]))
torch.manual_seed(0)
width, heads = sizes["hiddenSize"], sizes["numAttentionHeads"]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, mask):
        split = lambda y: y.unflatten(-1, (heads, -1)).transpose(1, 2)  # (B, H, N, D/H)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        return self.output(attended.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.intermediate, self.output = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        return self.output(F.gelu(self.intermediate(x)))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention()
        self.norm2, self.feedForward = nn.LayerNorm(width), FeedForward(4 * width)

    def forward(self, x, mask):
        x = x + self.attention(self.norm1(x), mask)
        return x + self.feedForward(self.norm2(x))


class Tower(nn.Module):
    def __init__(self, slot):
        super().__init__()
        own = modalities[slot]
        self.tokens = nn.Embedding(own["width"], width) if slot == "text" else nn.Linear(own["width"], width)
        self.positions = nn.Parameter(torch.zeros(own["longest"], width))
        self.layers = nn.ModuleList(Layer() for _ in range(sizes["numHiddenLayers"]))
        self.norm = nn.LayerNorm(width)

    def forward(self, values, mask):
        """Values (P, N) or (P, N, W), mask (P, N) → (P, D)."""
        x = self.tokens(values) + self.positions[: mask.shape[1]]
        for layer in self.layers:
            x = layer(x, mask)
        weights = mask.unsqueeze(2).to(x.dtype)
        return (self.norm(x) * weights).sum(1) / weights.sum(1)


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.ModuleDict({"projections": nn.ModuleDict({slot: nn.Linear(width, width) for slot in modalities})})
        self.join = nn.Linear(len(modalities) * width, width)
        self.mlp = nn.ModuleDict({
            "norms": nn.ModuleList([nn.LayerNorm(width)]),
            "blocks": nn.ModuleList([FeedForward(6 * width)]),
            "norm": nn.LayerNorm(width),
        })

    def forward(self, vectors):
        joint = self.join(torch.cat([vectors[slot] for slot in modalities], 1))
        for norm, block in zip(self.mlp["norms"], self.mlp["blocks"]):
            joint = joint + block(norm(joint))
        return self.mlp["norm"](joint)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoders = nn.ModuleDict({slot: Tower(slot) for slot in modalities})
        self.fusion = Joint()
        self.heads = nn.ModuleDict({"label": nn.ModuleDict({"classifier": nn.Linear(width, sizes["classes"])})})

    def forward(self, batch, size):
        project = self.fusion.vectors["projections"]
        vectors = {}
        for slot, tower in self.encoders.items():
            rows, values, mask = batch[slot]
            vectors[slot] = torch.zeros(size, width)
            if len(rows) > 0 and batching == "length-sorted":
                vectors[slot] = vectors[slot].index_copy(0, rows, project[slot](tower(values, mask)))
            elif len(rows) > 0:
                is_there = torch.zeros(size, 1).index_fill(0, rows, 1)
                vectors[slot] = is_there * project[slot](tower(values, mask))
        return self.heads["label"]["classifier"](self.fusion(vectors))


tensors = load_file(folder / "samples.safetensors")
labels = tensors["labels"].long()
count = len(labels)
samples = [{slot: tensors.get(f"{index}.{slot}") for slot in modalities} for index in range(count)]
for sample in samples:
    if sample["text"] is not None:
        sample["text"] = sample["text"].long()
model = Model()
model.load_state_dict({k: v for k, v in load_file(folder / "weights.safetensors").items() if not k.endswith("temperature")})
optimizer = torch.optim.AdamW(model.parameters(), lr=learning["learningRate"], weight_decay=0.01)


def batch_of(indices):
    """Of each modality the rows that have it, values and a mask: of these rows, or of all with zeros for what is not there."""
    batch, taken, computed = {}, 0, 0
    for slot in modalities:
        values = [samples[index][slot] for index in indices]
        rows = [row for row, own in enumerate(values) if own is not None]
        own = [values[row] for row in rows]
        if not own:
            batch[slot] = (torch.tensor(rows, dtype=torch.long), None, None)
            continue
        longest = max(len(one) for one in own)
        places = range(len(own)) if batching == "length-sorted" else rows
        total = len(own) if batching == "length-sorted" else len(indices)
        padded = own[0].new_zeros((total, longest, *own[0].shape[1:]))
        mask = torch.ones((total, longest), dtype=torch.bool)  # of what is not there all is seen, and nothing used
        for place, one in zip(places, own):
            padded[place, : len(one)] = one
            mask[place, len(one) :] = False
        batch[slot] = (torch.tensor(rows), padded, mask)
        taken, computed = taken + sum(len(one) for one in own), computed + total * longest
    return batch, taken, computed


def loss_of(indices):
    batch, taken, computed = batch_of(indices)
    return F.cross_entropy(model(batch, len(indices)), labels[indices]), taken, computed


def batches():
    size = learning["batchSize"]
    if batching == "random-padded":
        return list(torch.randperm(count).split(size))
    lengths = torch.tensor([sum(len(own) for own in sample.values() if own is not None) for sample in samples])
    chunks = (lengths + torch.rand(count)).argsort().split(size)
    return [chunks[index] for index in torch.randperm(len(chunks))]


def gradient_difference():
    """The largest between a parameter's gradient and ours, as a share of its largest number, or of a thousandth of the largest of all."""
    loss_of(list(range(workload["comparedSamples"])))[0].backward()
    ours = load_file(folder / "gradients.safetensors")
    own = {name: torch.zeros_like(it) if it.grad is None else it.grad.clone() for name, it in model.named_parameters()}
    optimizer.zero_grad()
    least = max(gradient.abs().max().item() for gradient in own.values()) / 1e3  # those of keys' biases are 0 but for rounding
    zeros = torch.zeros(())
    return max(
        ((gradient - ours.get(name, zeros)).abs().max() / max(gradient.abs().max().item(), least)).item()
        for name, gradient in own.items()
    )


difference = gradient_difference()


def learn(times):
    """A pass, or its first samples, whatever `times` says."""
    start, cpu = time.perf_counter(), time.process_time()
    seen = taken = computed = 0
    for indices in batches():
        optimizer.zero_grad()
        loss, own, all_of_it = loss_of(indices)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        seen, taken, computed = seen + len(indices), taken + own, computed + all_of_it
        if seen >= int(sys.argv[3]):
            break
    return {
        "samples": seen,
        "seconds": time.perf_counter() - start,
        "cpuSeconds": time.process_time() - cpu,
        "compileSeconds": 0,
        "programs": 0,
        "padding": 1 - taken / computed,
        "gradientDifference": difference,
    }


serve(learn)
