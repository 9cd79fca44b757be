"""Fixture of packages/trainer: the loss of mixed rows with mixed targets, and its gradients.

Rows are x = share * x_i + (1 - share) * x_j, targets the same of one-hot vectors (Zhang et al. 2018), of a linear map, a mean over tokens and
a softmax regression. Needs torch. Run from the root of the repository:
    python tools/parity/mixture.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """The nearest float32 values, which both sides can hold exactly."""
    return tensor.to(torch.float32).to(torch.float64)


values = rounded(torch.randn(5, 4))
classes = torch.tensor([2, 0, 1, 1, 2])
partners = torch.tensor([3, 0, 4, 2, 1])
share = 0.7265625
parameters = {
    "encoders.a.weight": rounded(torch.randn(1, 4)),
    "encoders.a.bias": rounded(torch.randn(4)),
    "fusion.scale": torch.tensor(1.5),
    "heads.digit.weight": rounded(torch.randn(3, 4)),
    "heads.digit.bias": rounded(torch.randn(3)),
}
for parameter in parameters.values():
    parameter.requires_grad = True

mixed = share * values + (1 - share) * values[partners]
one_hot = F.one_hot(classes, 3).to(mixed)
targets = share * one_hot + (1 - share) * one_hot[partners]
tokens = mixed[:, :, None] * parameters["encoders.a.weight"] + parameters["encoders.a.bias"]
pooled = tokens.mean(1) * parameters["fusion.scale"]
logits = pooled @ parameters["heads.digit.weight"].T + parameters["heads.digit.bias"]
loss = F.cross_entropy(logits, targets)
loss.backward()

fixture = {
    "values": values.tolist(),
    "classes": classes.tolist(),
    "partners": partners.tolist(),
    "share": share,
    "parameters": {name: parameter.flatten().tolist() for name, parameter in parameters.items()},
    "loss": loss.item(),
    "gradients": {name: parameter.grad.flatten().tolist() for name, parameter in parameters.items()},
}
Path("packages/trainer/fixtures/mixture.json").write_text(json.dumps(fixture) + "\n")
