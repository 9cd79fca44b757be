"""Fixtures of packages/trainer: steps of AdamW with groups and clipping, averages of weights, and the optimum of a softmax regression.

Needs torch. Run from the root of the repository:
    python tools/parity/optimizer.py
"""

import json
from pathlib import Path

import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
fixtures = Path("packages/trainer/fixtures")


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """The nearest float32 values, which both sides can hold exactly."""
    return tensor.to(torch.float32).to(torch.float64)


def adamw() -> dict:
    """Twelve steps on six parameters; two have no gradient in every third step."""
    shapes = {
        "encoders.text.weight": (5, 3),
        "encoders.image.weight": (4, 2, 2),
        "heads.a.weight": (150, 120),
        "heads.a.bias": (7,),
        "heads.a.gate": (2,),
        "heads.a.projection": (3, 2),
    }
    groups = {"encoders.text": (1e-2, 0.1), "encoders.image": (5e-3, 0.02)}
    default = (2e-2, 0.05)
    clip, betas, steps = 2.0, (0.9, 0.98), 12
    parameters = {name: torch.nn.Parameter(rounded(torch.randn(shape))) for name, shape in shapes.items()}
    parameters["heads.a.weight"].data = pattern(0)
    optimizer = torch.optim.AdamW(
        [
            {"params": [parameter], "lr": lr, "weight_decay": decay if parameter.dim() > 1 else 0.0}
            for name, parameter in parameters.items()
            for lr, decay in [groups.get(".".join(name.split(".")[:2]), default)]
        ],
        betas=betas,
        eps=1e-8,
    )
    checked = {name: slice(None) if parameter.numel() < 100 else slice(0, 20) for name, parameter in parameters.items()}
    initial = {name: p.detach().flatten().tolist() for name, p in parameters.items() if p.numel() < 100}
    records = []
    for step in range(steps):
        # Norms from far below the bound to far above it. The large gradient is a pattern, so that the fixture stays small.
        gradients = {
            name: rounded(torch.randn(parameter.shape) * 3.0 ** (step % 4 - 2))
            for name, parameter in parameters.items()
            if parameter.numel() < 100 and not (name in ("encoders.image.weight", "heads.a.gate") and step % 3 == 2)
        }
        for name, parameter in parameters.items():
            parameter.grad = gradients[name].clone() if name in gradients else None
        parameters["heads.a.weight"].grad = pattern(step)
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), clip)
        optimizer.step()
        records.append(
            {
                "gradients": {name: gradient.flatten().tolist() for name, gradient in gradients.items()},
                "norm": norm.item(),
                "parameters": {name: p.detach().flatten()[checked[name]].tolist() for name, p in parameters.items()},
            }
        )
    return {
        "betas": betas,
        "clip": clip,
        "default": default,
        "groups": groups,
        "shapes": shapes,
        "initial": initial,
        "steps": records,
    }


def pattern(step: int) -> torch.Tensor:
    """((31 i + 17 step) mod 64 − 31.5) / 4096 at position i, exact in float32."""
    return (((31 * torch.arange(150 * 120) + 17 * step) % 64 - 31.5) / 4096).reshape(150, 120)


def averages() -> dict:
    """What AveragedModel makes of some weights, at a decay that stays and at one that is warmed up as in EMAModel of diffusers."""
    decay, steps = 0.6, 9
    model = torch.nn.Linear(2, 3)
    for parameter in model.parameters():
        parameter.data = rounded(parameter.data)
    warmed = lambda average, weights, updates: torch.lerp(  # noqa: E731
        average, weights, 1 - min(decay, (1 + int(updates)) / (10 + int(updates)))
    )
    kinds = {
        "constant": torch.optim.swa_utils.AveragedModel(
            model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
        ),
        "warmup": torch.optim.swa_utils.AveragedModel(model, avg_fn=warmed),
    }
    flat = lambda module: torch.cat([p.detach().flatten() for p in module.parameters()]).tolist()  # noqa: E731
    records = []
    for _ in range(steps):
        for parameter in model.parameters():
            parameter.data = rounded(parameter.data + torch.randn(parameter.shape))
        for average in kinds.values():
            average.update_parameters(model)
        records.append({"weights": flat(model), **{kind: flat(own.module) for kind, own in kinds.items()}})
    return {"decay": decay, "shapes": {"weight": [3, 2], "bias": [3]}, "steps": records}


def softmax_regression() -> dict:
    """The least mean cross-entropy that an affine map of one number to three logits reaches."""
    labels = torch.arange(90) % 3
    x = rounded(labels - 1 + 0.8 * torch.randn(90))
    weight = torch.zeros(3, 1, requires_grad=True)
    bias = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(x[:, None] @ weight.T + bias, labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return {"x": x.tolist(), "labels": labels.tolist(), "optimum": closure().item()}


if __name__ == "__main__":
    fixtures.mkdir(parents=True, exist_ok=True)
    for name, make in {"adamw": adamw, "softmax-regression": softmax_regression, "averages": averages}.items():
        (fixtures / f"{name}.json").write_text(json.dumps(make()))
