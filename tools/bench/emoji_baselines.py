"""What scikit-learn makes of the table of apps/examples/manifest, on the split of its run:

    python tools/bench/emoji_baselines.py runs/manifest

HistGradientBoosting sees the columns of numbers and flags, logistic regression these and the words of the texts (tf-idf). Neither sees pictures. Needs
scikit-learn and pandas.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

numbers = ["version", "skin_tones", "code_points"]


def parts(folder):
    table = pd.read_csv(folder / "emoji.csv", keep_default_na=False)
    table["skin_tones"] = (table["skin_tones"] == "yes").astype(float)
    lines = (folder / "runs" / "emoji" / "split.jsonl").read_text().splitlines()
    part_of = {row[0]: row[1] for row in map(json.loads, lines[1:])}
    part = table["emoji"].map(part_of)
    return table[part == "train"], table[part == "test"]


def words():
    return TfidfVectorizer(sublinear_tf=True)


models = {
    "HistGradientBoosting, columns": make_pipeline(
        make_column_transformer(("passthrough", numbers)), HistGradientBoostingClassifier(random_state=0)
    ),
    "logistic regression, columns": make_pipeline(
        make_column_transformer((StandardScaler(), numbers)), LogisticRegression(max_iter=2000)
    ),
    "logistic regression, columns and words of the name": make_pipeline(
        make_column_transformer((StandardScaler(), numbers), (words(), "name")),
        LogisticRegression(max_iter=2000, C=10),
    ),
    "logistic regression, columns and words of name and keywords": make_pipeline(
        make_column_transformer((StandardScaler(), numbers), (words(), "name"), (words(), "keywords")),
        LogisticRegression(max_iter=2000, C=10),
    ),
}

train, test = parts(Path(sys.argv[1]))
for name, model in models.items():
    answers = model.fit(train, train["group"]).predict(test)
    accuracy = (answers == test["group"]).mean()
    print(f"{name}: accuracy {accuracy:.4f}, balanced {balanced_accuracy_score(test['group'], answers):.4f} of {len(test)}")
