"""Scores of scikit-learn's RidgeClassifier over standardised features, which linear probes of branches are.

    python tools/parity/ridge_classifier.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.preprocessing import StandardScaler

target = Path(__file__).parents[2] / "packages/trainer/fixtures"
draw = np.random.default_rng(7)
rows = draw.normal(size=(24, 4)) * [1, 5, 0.2, 1] + [0, 3, -1, 0]
classes = np.digitize(rows[:, 0] + rows[:, 1] / 5 + 0.3 * draw.normal(size=24), [0.2, 1.0])
tried = draw.normal(size=(5, 4)) * [1, 5, 0.2, 1] + [0, 3, -1, 0]
scaler = StandardScaler().fit(rows)
model = RidgeClassifier(alpha=1.0).fit(scaler.transform(rows), classes)
case = {
    "rows": rows.tolist(),
    "classes": classes.tolist(),
    "tried": tried.tolist(),
    "scores": model.decision_function(scaler.transform(tried)).tolist(),
}
target.mkdir(exist_ok=True)
(target / "ridge-classifier.json").write_text(json.dumps(case) + "\n")
