"""Reference values for ctcLoss of @polymodal/nn, by torch.nn.functional.ctc_loss in float64.

Each case holds logits (rounded to float32), how many frames and labels each row has, the losses of the rows, and the gradient of their sum
weighted by a cotangent with respect to the logits. A row whose labels are too many for its frames has the loss null (infinite) and counts
nothing in the gradient, as with zero_infinity.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "nn" / "fixtures" / "ctc-loss.json"

CASES = {
    # name: (frames of the longest row, vocabulary, blank, frames and labels of each row)
    "mixed lengths, repeated labels, an empty row, and one whose frames are just enough": (
        *(9, 5, 0),
        [(9, [1, 2, 3]), (6, [2, 2, 4]), (5, []), (4, [3, 3, 1]), (7, [1, 1, 1, 1])],
    ),
    "labels for which the frames are too few, and a blank that is not the first": (
        *(5, 4, 3),
        [(5, [0, 1]), (2, [0, 1, 2]), (3, [1, 1, 1]), (1, [2])],
    ),
    "a long row that is hardly likely": (60, 12, 0, [(60, [(7 * i) % 11 + 1 for i in range(22)]), (31, [5] * 16)]),
}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    cases = []
    for seed, (name, (frames, classes, blank, rows)) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        scale = 6 if "hardly" in name else 1.5
        logits = (scale * torch.randn(len(rows), frames, classes)).float().double().requires_grad_()
        cotangent = torch.randn(len(rows)).float().double()
        longest = max(len(labels) for _, labels in rows)
        padded = torch.tensor([labels + [0] * (longest - len(labels)) for _, labels in rows])

        def losses(zero_infinity: bool) -> torch.Tensor:
            return torch.nn.functional.ctc_loss(
                logits.log_softmax(-1).transpose(0, 1),
                padded,
                torch.tensor([length for length, _ in rows]),
                torch.tensor([len(labels) for _, labels in rows]),
                blank=blank,
                reduction="none",
                zero_infinity=zero_infinity,
            )

        (gradient,) = torch.autograd.grad((losses(True) * cotangent).sum(), logits)
        case = {
            "name": name,
            "blank": blank,
            "shape": list(logits.shape),
            "frames": [length for length, _ in rows],
            "labels": [labels for _, labels in rows],
            "logits": logits.flatten().tolist(),
            "cotangent": cotangent.tolist(),
            "losses": [None if loss == float("inf") else loss for loss in losses(False).tolist()],
            "gradient": gradient.flatten().tolist(),
        }
        cases.append(case)
    FIXTURE.write_text(json.dumps(cases) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
