"""Reference values for the head `boxes` of @polymodal/heads: DETR's decoder, heads and loss in transformers, assignments of SciPy, and
average precision of pycocotools.

Needs numpy, scipy, pycocotools, torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/boxes.py
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from family_fixture import randomise
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from safetensors.torch import save_file
from scipy.optimize import linear_sum_assignment
from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

root = Path(__file__).resolve().parents[2] / "packages"
sizes = [(48, 80), (64, 32), (60, 60)]  # height, width of the pictures
labels = ["cup", "plate", "spoon"]
pixels = [
    [((4, 6, 40, 30), 2), ((30, 10, 78, 46), 0)],
    [],
    [((0, 0, 20, 20), 1), ((18, 22, 60, 50), 1), ((5, 40, 25, 59), 0)],
]  # left, top, right, bottom


def wanted(size: tuple[int, int], things: list) -> dict:
    height, width = size
    scale = torch.tensor([width, height, width, height])
    corners = torch.tensor([box for box, _ in things]).reshape(-1, 4).double() / scale
    boxes = torch.cat([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], 1)
    return {"class_labels": torch.tensor([label for _, label in things], dtype=torch.int64), "boxes": boxes}


def detr() -> DetrForObjectDetection:
    backbone = ResNetConfig(
        embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type="basic", out_features=["stage2"]
    )
    return DetrForObjectDetection(
        DetrConfig(
            use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=backbone,
            num_queries=6, d_model=16, encoder_layers=1, decoder_layers=3, encoder_ffn_dim=24, decoder_ffn_dim=24,
            encoder_attention_heads=2, decoder_attention_heads=2, dropout=0, num_labels=len(labels),
        )
    )  # fmt: skip


def write_detr() -> None:
    """The loss of all layers is that of the paper: each layer goes on from what the one before gave, and what is read behind it is normed.

    transformers has the layers go on from what is normed once auxiliary_loss is set, which no published checkpoint was trained with. So the states
    are collected here, with auxiliary_loss off, and its loss function is given them.
    """
    model = detr().eval()
    randomise(model, 3, 0.4)
    model.model.query_position_embeddings.weight.data *= 8
    model.class_labels_classifier.weight.data *= 4
    torch.manual_seed(5)
    images, mask = torch.randn(3, 3, 40, 56), torch.ones(3, 40, 56)
    with torch.no_grad():  # what differs between queries is to decide what each says
        mean = model(images, pixel_mask=mask).last_hidden_state.mean((0, 1))
        model.class_labels_classifier.bias[:] = -(model.class_labels_classifier.weight @ mean)
    seen, states = {}, []

    def keep(_module: torch.nn.Module, _args: tuple, given: dict) -> None:
        given["encoder_hidden_states"].retain_grad()
        seen.update(given)

    model.model.decoder.register_forward_pre_hook(keep, with_kwargs=True)
    for layer in model.model.decoder.layers:
        layer.register_forward_hook(lambda _module, _args, own: states.append(own))
    targets = [wanted(size, things) for size, things in zip(sizes, pixels)]
    output = model(images, pixel_mask=mask, labels=targets)
    normed = torch.stack([model.model.decoder.layernorm(state) for state in states])
    model.config.auxiliary_loss = True
    loss, terms, _ = model.loss_function(
        output.logits, targets, "cpu", output.pred_boxes, model.config,
        model.class_labels_classifier(normed), model.bbox_predictor(normed).sigmoid(),
    )  # fmt: skip
    loss.backward()
    parts = dict(model.model.decoder.named_parameters(prefix="decoder"))
    parts["queries"] = model.model.query_position_embeddings.weight
    parts |= dict(model.class_labels_classifier.named_parameters(prefix="classifier"))
    parts |= dict(model.bbox_predictor.named_parameters(prefix="box"))
    tensors = {
        "tokens": seen["encoder_hidden_states"],
        "positions": seen["spatial_position_embeddings"][0],
        "states": output.last_hidden_state,
        "logits": output.logits,
        "boxes": output.pred_boxes,
        **{f"parameter {name}": own for name, own in parts.items()},
        **{f"gradient {name}": own.grad for name, own in parts.items()},
        "gradient tokens": seen["encoder_hidden_states"].grad,
    }
    said = SimpleNamespace(logits=output.logits, pred_boxes=output.pred_boxes)
    found = DetrImageProcessorPil.post_process_object_detection(None, said, 0.33, sizes)
    known = {
        "labels": labels,
        "sizes": sizes,
        "things": pixels,
        "grid": [tensors["positions"].shape[0] // 7, 7],
        "found": [{key: own.tolist() for key, own in row.items()} for row in found],
        "all": {"loss": loss.item(), "terms": {name: float(own.detach()) for name, own in terms.items()}},
        "last": {"loss": output.loss.item(), "terms": {name: float(own.detach()) for name, own in output.loss_dict.items()}},
    }
    fixtures = root / "heads" / "fixtures"
    save_file({name: own.detach().float().contiguous() for name, own in tensors.items()}, fixtures / "boxes.safetensors")
    (fixtures / "boxes.json").write_text(json.dumps(known) + "\n", encoding="utf-8")


def write_precision() -> None:
    """Pictures with boxes that are there, found about right, twice, not at all, or where nothing is, and what pycocotools says of them."""
    random = np.random.default_rng(1)
    pictures, actual, found = [], [], []
    for image in range(24):
        own = {"actual": [], "found": []}
        for _ in range(random.integers(0, 6)):
            box = [*random.uniform(0, 60, 2).round(1), *random.uniform(8, 40, 2).round(1)]
            label = int(random.integers(0, 3))
            own["actual"].append({"box": box, "label": label})
            for _ in range(random.integers(0, 3)):
                moved = (np.array(box) + random.normal(0, 2.5, 4)).round(2)
                moved[2:] = np.maximum(moved[2:], 1)
                said = label if random.random() < 0.85 else int(random.integers(0, 4))
                own["found"].append({"box": moved.tolist(), "label": said, "score": round(float(random.random()), 2)})
        for _ in range(random.integers(0, 2)):
            own["found"].append({"box": [1, 2, 30, 20], "label": int(random.integers(0, 4)), "score": round(float(random.random()), 2)})
        pictures.append(own)
        for one in own["actual"]:
            area = one["box"][2] * one["box"][3]
            actual.append({"id": len(actual) + 1, "image_id": image, "category_id": one["label"], "bbox": one["box"], "area": area, "iscrowd": 0})
        found += [{"image_id": image, "category_id": one["label"], "bbox": one["box"], "score": one["score"]} for one in own["found"]]
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": image, "width": 100, "height": 100} for image in range(len(pictures))],
        "annotations": actual,
        "categories": [{"id": label, "name": str(label)} for label in range(4)],
    }
    truth.createIndex()
    judged = COCOeval(truth, truth.loadRes(found), "bbox")
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    known = {"pictures": pictures, "averagePrecision": judged.stats[0], "averagePrecision50": judged.stats[1], "averagePrecision75": judged.stats[2]}
    path = root / "heads" / "fixtures" / "box-precision.json"
    path.write_text(json.dumps(known) + "\n", encoding="utf-8")


def write_assignments() -> None:
    random = np.random.default_rng(0)
    cases = []
    for rows, columns in [(1, 1), (1, 5), (3, 3), (4, 9), (8, 8), (12, 40), (30, 31)]:
        costs = np.round(random.normal(size=(rows, columns)), 3)
        cases.append({"costs": costs.tolist(), "assigned": linear_sum_assignment(costs)[1].tolist()})
    path = root / "nn" / "fixtures" / "linear-assignment.json"
    path.write_text(json.dumps(cases) + "\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    write_detr()
    write_assignments()
    write_precision()
