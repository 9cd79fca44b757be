"""Fixtures of packages/heads: cross-entropy with label smoothing, and the contrastive loss of CLIP with its gradients.

Needs numpy, safetensors, torch, transformers. Run from the root of the repository:
    python tools/parity/heads.py
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
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
save_file({name: value.detach().contiguous() for name, value in tensors.items()}, fixtures / "losses.safetensors")
