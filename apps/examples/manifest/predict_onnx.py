"""Answers of the exported model in Python, beside those of the command:

    python apps/examples/manifest/predict_onnx.py runs/manifest

emoji.onnx takes numbers; emoji.json beside it says how these follow from the cells of the table. Needs onnxruntime, numpy and pillow.
"""

import csv
import json
import sys
import unicodedata
from pathlib import Path
from statistics import NormalDist

import numpy as np
import onnxruntime
from PIL import Image

folder = Path(sys.argv[1])
description = json.loads((folder / "emoji.json").read_text())
session = onnxruntime.InferenceSession(folder / "emoji.onnx", providers=["CPUExecutionProvider"])


def text_features(texts, options):
    """UTF-8 bytes as tokens, b + 3, between a start (2) and an end (1)."""
    encoded = [unicodedata.normalize("NFC", text).encode() for text in texts]
    ids = [[2, *(byte + 3 for byte in cut(text, options["maxLength"] - 2)), 1] for text in encoded]
    length = max(map(len, ids))
    padded = np.array([row + [0] * (length - len(row)) for row in ids])
    mask = np.array([[1] * len(row) + [0] * (length - len(row)) for row in ids])
    return {"inputIds": padded, "mask": mask}


def cut(text, length):
    """No character is cut in two."""
    return text[:length].decode(errors="ignore").encode()


def picture_features(files, options):
    side = options["imageSize"]
    pictures = [Image.open(folder / file).convert("RGB").resize((side, side), Image.BICUBIC) for file in files]
    pixels = np.stack([np.asarray(picture, np.float64) for picture in pictures])
    return {"pixelValues": (pixels / 255 - options["mean"]) / options["std"]}


def row_features(rows, options):
    cells, mask = np.zeros((2, len(rows), len(options["cells"])))
    for place, field in enumerate(options["cells"]):
        for index, row in enumerate(rows):
            value = number_of(row[field["column"]], field)
            if value is not None:
                cells[index, place], mask[index, place] = value, 1
    return {"cells": cells, "cellsMask": mask}


def number_of(cell, field):
    """What a cell becomes; nothing where it is empty, or tells nothing that the model knows."""
    if cell == "" or "unused" in field:
        return None
    if "codes" not in field:
        return normal_score(float(cell), np.array(field["scale"]["quantiles"]))
    said = {"yes": "true", "no": "false"}.get(cell, cell)
    return field["codes"].get(said, field.get("otherwise"))


def normal_score(value, quantiles):
    """The rank among the training values as a deviation of the normal distribution, as scikit-learn's QuantileTransformer has it."""
    ranks = np.linspace(0, 1, len(quantiles))
    low, high = np.interp(value, quantiles, ranks), -np.interp(-value, -quantiles[::-1], -ranks[::-1])
    rank = 0 if value <= quantiles[0] else 1 if value >= quantiles[-1] else (low + high) / 2
    return NormalDist().inv_cdf(np.clip(rank, 1e-7, 1 - 1e-7))


def features(slot, rows):
    options = description["slots"][slot]
    if options["modality"] == "row":
        return row_features(rows, options)
    cells = [row[slot] for row in rows]
    return text_features(cells, options) if options["modality"] == "text" else picture_features(cells, options)


def probabilities(rows):
    named = {f"{slot}/{name}": value for slot in description["slots"] for name, value in features(slot, rows).items()}
    types = {one["name"]: np.int32 if one["dtype"] == "int32" else np.float32 for one in description["inputs"]}
    [scores] = session.run(None, {name: named[name].astype(type) for name, type in types.items()})
    odds = np.exp(scores - scores.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


labels = description["heads"]["group"]["labels"]
with open(folder / "emoji.csv") as table, open(folder / "answers.csv") as answers:
    both = list(zip(csv.DictReader(table), csv.DictReader(answers), strict=True))
whole = [(row, answer) for row, answer in both if row["name"] and row["picture"]]  # the model was exported for all slots
ours = np.concatenate([probabilities([row for row, _ in whole[at : at + 64]]) for at in range(0, len(whole), 64)])
theirs = np.array([[float(answer[f"group.probabilities.{label}"]) for label in labels] for _, answer in whole])
for (row, _), own in zip(whole[:5], ours):
    print(f"{row['emoji']} {row['name']}: {labels[own.argmax()]} ({own.max():.3f})")
same = (ours.argmax(1) == theirs.argmax(1)).sum()
print(f"{len(whole)} rows: the same label in {same}, probabilities differ by at most {np.abs(ours - theirs).max():.1e}")
