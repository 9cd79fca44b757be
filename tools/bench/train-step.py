"""One training step of the Transformer of train-step.ts in PyTorch, eager, float32: median time and peak memory as JSON."""
import json
import math
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

config = json.loads(sys.argv[1])
width, heads = config["width"], config["heads"]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, _ = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, length, 3, heads, width // heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        scores = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(width // heads), -1)
        x = x + self.out((scores @ value).permute(0, 2, 1, 3).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


torch.manual_seed(0)
body = nn.Sequential(*[Block() for _ in range(config["layers"])])
head = nn.Linear(width, config["classes"], bias=False)
optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=1e-4)
x = torch.randn(config["batch"], config["length"], width)
labels = torch.arange(config["batch"]) % config["classes"]

times = []
for step in range(config["warmUpSteps"] + config["steps"]):
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = F.cross_entropy(head(body(x).mean(1)), labels)
    loss.backward()
    optimizer.step()
    loss.item()
    if step >= config["warmUpSteps"]:
        times.append((time.perf_counter() - start) * 1e3)
times.sort()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"ms": times[len(times) // 2], "peakRssBytes": peak}))
