"""Fixtures of packages/heads: cross-entropy with label smoothing, weights and focus, the contrastive loss of CLIP, and those of labels, grades
and numbers, with their gradients; and figures as scikit-learn makes them.

Needs coral_pytorch, numpy, safetensors, scikit-learn, torch, transformers. Run from the root of the repository:
    python tools/parity/heads.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from coral_pytorch.losses import coral_loss
from safetensors.torch import save_file
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight
from transformers.models.clip.modeling_clip import image_text_contrastive_loss

fixtures = Path("packages/heads/fixtures")
fixtures.mkdir(exist_ok=True)
torch.manual_seed(0)

logits = torch.randn(5, 4) * 2
classes = torch.tensor([3, 0, 0, 2, 1])
tensors = {"logits": logits, "classes": classes.float()}
for smoothing in (0.0, 0.1):
    tensors[f"cross_entropy.{smoothing}"] = F.cross_entropy(logits, classes, label_smoothing=smoothing)

image = torch.randn(6, 8, requires_grad=True)
text = torch.randn(6, 8, requires_grad=True)
logit_scale = torch.tensor(2.6593, requires_grad=True)
groups = torch.tensor([0, 1, 0, 2, 1, 0])  # rows of one group match one another


def similarity() -> torch.Tensor:
    a = image / image.norm(dim=-1, keepdim=True)
    b = text / text.norm(dim=-1, keepdim=True)
    return b @ a.T * logit_scale.exp()


def record(name: str, loss: torch.Tensor) -> None:
    gradients = torch.autograd.grad(loss, [image, text, logit_scale])
    tensors[f"{name}.loss"] = loss.detach()
    for parameter, gradient in zip(["image", "text", "logit_scale"], gradients):
        tensors[f"{name}.gradient.{parameter}"] = gradient


record("clip", image_text_contrastive_loss(similarity()))
same = (groups[:, None] == groups[None, :]).float()
soft = same / same.sum(1, keepdim=True)
scores = similarity()
record("grouped", (F.cross_entropy(scores, soft) + F.cross_entropy(scores.T, soft)) / 2)

tensors |= {"image": image, "text": text, "logit_scale": logit_scale, "groups": groups.float()}

# Losses of a tensor, as sums, with their gradients.


def record_sum(name: str, given: torch.Tensor, loss: torch.Tensor) -> None:
    tensors[f"{name}.loss"] = loss.detach()
    tensors[f"{name}.gradient"] = torch.autograd.grad(loss, given)[0]


given = logits.clone().requires_grad_()
weights = torch.tensor([0.5, 2.0, 1.0, 3.0])
for smoothing in (0.0, 0.1):
    loss = F.cross_entropy(given, classes, weight=weights, label_smoothing=smoothing)  # the mean: divided by the classes' weights
    record_sum(f"weighted.{smoothing}", given, loss)
log_p = F.log_softmax(given, 1)
focal = -(weights * F.one_hot(classes, 4) * (1 - log_p.exp()) ** 2 * log_p).sum()
record_sum("focal", given, focal)

label_logits = torch.randn(5, 3, requires_grad=True)
labels = torch.tensor([[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0, 1, 0]]).float()
positive = torch.tensor([2.0, 1.0, 0.5])
tensors |= {"label_logits": label_logits, "labels": labels}
record_sum(
    "labels.weighted", label_logits,
    F.binary_cross_entropy_with_logits(label_logits, labels, pos_weight=positive, reduction="sum"),
)  # fmt: skip
p = label_logits.sigmoid()
surprise = F.binary_cross_entropy_with_logits(label_logits, labels, reduction="none")
record_sum("labels.focal", label_logits, (surprise * (1 - (labels * p + (1 - labels) * (1 - p))) ** 2).sum())

rank_logits = torch.randn(5, 3, requires_grad=True)
tensors["rank_logits"] = rank_logits
levels = (classes[:, None] > torch.arange(3)).float()
record_sum("coral", rank_logits, coral_loss(rank_logits, levels, reduction="mean"))

estimates = torch.randn(6, requires_grad=True)
truth = torch.randn(6) * 2
tensors |= {"estimates": estimates, "truth": truth}
record_sum("mse", estimates, F.mse_loss(estimates, truth, reduction="sum"))
record_sum("mae", estimates, F.l1_loss(estimates, truth, reduction="sum"))
record_sum("huber", estimates, F.huber_loss(estimates, truth, delta=0.7, reduction="sum"))
quantiles = torch.randn(6, 3, requires_grad=True)
shares = torch.tensor([0.1, 0.5, 0.9])
error = truth[:, None] - quantiles
record_sum("pinball", quantiles, torch.maximum(shares * error, (shares - 1) * error).mean(1).sum())
expected = [metrics.mean_pinball_loss(truth, quantiles[:, i].detach(), alpha=a) for i, a in enumerate([0.1, 0.5, 0.9])]
assert abs(tensors["pinball.loss"].item() / 6 - np.mean(expected)) < 1e-6
tensors["quantiles"] = quantiles

save_file({name: value.detach().contiguous() for name, value in tensors.items()}, fixtures / "losses.safetensors")

# Figures.
draw = np.random.default_rng(0)
actual = draw.integers(0, 4, 60)
scores = draw.normal(size=(60, 4)) + 1.5 * np.eye(4)[actual]
scores[:, 1] = np.round(scores[:, 1])  # with ties
probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
predicted = probabilities.argmax(1)
confidence, right = probabilities.max(1), predicted == actual
bins = np.ceil(confidence * 15).astype(int)
ece = sum(abs((confidence - right)[bins == b].sum()) for b in range(1, 16)) / 60
one_hot = np.eye(4)[actual]
classification = {
    "accuracy": metrics.accuracy_score(actual, predicted),
    "crossEntropy": metrics.log_loss(actual, probabilities),
    "macroF1": metrics.f1_score(actual, predicted, average="macro"),
    "balancedAccuracy": metrics.balanced_accuracy_score(actual, predicted),
    "ece": ece,
    "auroc": metrics.roc_auc_score(actual, probabilities, multi_class="ovr"),
    "averagePrecision": metrics.average_precision_score(one_hot, probabilities),
    **{f"{label} F1": f1 for label, f1 in zip("abcd", metrics.f1_score(actual, predicted, average=None))},
}
binary_scores = np.round(probabilities[:, 1], 1)
binary = {
    "auroc": metrics.roc_auc_score(actual == 1, binary_scores),
    "averagePrecision": metrics.average_precision_score(actual == 1, binary_scores),
}
truth, estimate = draw.normal(size=40), draw.normal(size=40)
errors = abs(truth - estimate)
regression = {
    "mae": metrics.mean_absolute_error(truth, estimate),
    "rmse": metrics.root_mean_squared_error(truth, estimate),
    "r2": metrics.r2_score(truth, estimate),
    "medianError": metrics.median_absolute_error(truth, estimate),
    "p90Error": np.quantile(errors, 0.9),
}
ordinal = {
    "accuracy": classification["accuracy"],
    "mae": metrics.mean_absolute_error(actual, predicted),
    "quadraticKappa": metrics.cohen_kappa_score(actual, predicted, weights="quadratic"),
}
label_scores, label_truth = draw.random((50, 3)).round(2), draw.integers(0, 2, (50, 3))
said = label_scores >= 0.5
multi_label = {
    "accuracy": metrics.accuracy_score(label_truth, said),
    "microF1": metrics.f1_score(label_truth, said, average="micro"),
    "macroF1": metrics.f1_score(label_truth, said, average="macro"),
    "auroc": metrics.roc_auc_score(label_truth, label_scores),
    "averagePrecision": metrics.average_precision_score(label_truth, label_scores),
    **{f"{label} F1": f1 for label, f1 in zip("abc", metrics.f1_score(label_truth, said, average=None))},
}


def lowest_temperature() -> float:
    """That of the least cross-entropy, by torch's LBFGS."""
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], lr=0.5, max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-14)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(torch.tensor(scores) / log_t.exp(), torch.tensor(actual))
        loss.backward()
        return loss

    optimizer.step(closure)
    return log_t.exp().item()


figures = {
    "actual": actual, "probabilities": probabilities, "classification": classification,
    "binaryScores": binary_scores, "binary": binary, "truth": truth, "estimate": estimate, "regression": regression,
    "ordinal": ordinal, "labelScores": label_scores, "labelTruth": label_truth, "multiLabel": multi_label,
    "temperature": lowest_temperature(),
    "balanced": compute_class_weight("balanced", classes=np.arange(4), y=actual),
}  # fmt: skip
plain = json.loads(json.dumps(figures, default=lambda value: value.tolist()))
(fixtures / "figures.json").write_text(json.dumps(plain, separators=(",", ":")) + "\n")
