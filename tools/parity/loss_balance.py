"""Losses that are weighed against one another, by PyTorch: learned uncertainties (Kendall et al. 2018) and GradNorm (Chen et al. 2018).

Three tasks share a linear layer. What is written is what each step came to, and what was learned from it.
"""

import json
from pathlib import Path

import torch

fixtures = Path(__file__).parents[2] / "packages/trainer/fixtures"
torch.set_default_dtype(torch.float64)
steps, tasks = 8, ["near", "far", "noisy"]


def problem():
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(16, 4, generator=generator)
    shared = torch.nn.Parameter(torch.randn(4, 3, generator=generator) * 0.5)
    heads = [torch.nn.Parameter(torch.randn(3, generator=generator) * 0.5) for _ in tasks]
    goals = [torch.randn(16, generator=generator) * scale for scale in (0.3, 1.0, 3.0)]

    def losses():
        return [((x @ shared @ head - goal) ** 2).mean() for head, goal in zip(heads, goals)]

    return shared, heads, losses


def named(values):
    return dict(zip(tasks, [float(value.detach()) for value in values]))


def uncertainty(rate=0.05):
    shared, heads, losses = problem()
    logs = [torch.nn.Parameter(torch.zeros(())) for _ in tasks]
    optimizer = torch.optim.Adam([{"params": [shared, *heads], "lr": 0.02}, {"params": logs, "lr": rate}])
    told = []
    for step in range(steps):
        own = losses()
        total = sum(torch.exp(-s) * loss + s / 2 for s, loss in zip(logs, own))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        told.append({"losses": named(own), "after": named(logs)})
    return {"learningRate": rate, "steps": told}


def gradient_norm(alpha=1.5, rate=0.025):
    shared, heads, losses = problem()
    weights = torch.nn.Parameter(torch.ones(len(tasks)))
    of_model = torch.optim.Adam([shared, *heads], lr=0.02)
    of_weights = torch.optim.Adam([weights], lr=rate)
    first, told = None, []
    for step in range(steps):
        own = torch.stack(losses())
        first = own.detach() if first is None else first
        of_model.zero_grad()
        (weights.detach() * own).sum().backward(retain_graph=True)
        bare = [torch.autograd.grad(loss, shared, retain_graph=True)[0].norm() for loss in own]
        # algorithm 1: the gradient of L_grad by the weights, with the goal held constant
        norms = torch.stack([w * g for w, g in zip(weights, bare)])
        inverse = own.detach() / first
        goal = (norms.mean() * (inverse / inverse.mean()) ** alpha).detach()
        of_weights.zero_grad()
        weights.grad = torch.autograd.grad((norms - goal).abs().sum(), weights)[0]
        of_model.step()
        of_weights.step()
        with torch.no_grad():
            weights.mul_(len(tasks) / weights.sum())
        told.append({"losses": named(own), "gradientNorms": named(bare), "after": named(weights)})
    return {"alpha": alpha, "learningRate": rate, "steps": told}


content = {"uncertainty": uncertainty(), "gradientNorm": gradient_norm()}
(fixtures / "loss-balance.json").write_text(json.dumps(content, indent=1) + "\n")
