"""scikit-learn on the splits that it is given: gradient boosting and a linear model, with what they take by default.

    python peers.py tasks.json
"""

import json
import sys

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler


def frame(rows, columns):
    table = pd.DataFrame([row["cells"] for row in rows], columns=list(columns))
    for name, kind in columns.items():
        if kind == "number":
            table[name] = pd.to_numeric(table[name])
        if kind == "date":
            date = pd.to_datetime(table.pop(name))
            table[f"{name} time"] = (date - pd.Timestamp("1970-01-01")).dt.total_seconds() / 86400
            table[f"{name} month"] = date.dt.month.astype(float)
            table[f"{name} weekday"] = date.dt.day_of_week.astype(float)
    return table


def run(task):
    columns, is_classes = task["columns"], task["task"] == "classification"
    train, test = frame(task["train"], columns), frame(task["test"], columns)
    y_train, y_test = ([row["target"] for row in task[part]] for part in ("train", "test"))
    categories = [name for name, kind in columns.items() if kind == "category"]
    numbers = [name for name in train.columns if name not in categories]
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=2, max_categories=250)
    trees = HistGradientBoostingClassifier if is_classes else HistGradientBoostingRegressor
    boosting = make_pipeline(
        make_column_transformer((ordinal, categories), ("passthrough", numbers)),
        trees(random_state=task["seed"], categorical_features=list(range(len(categories)))),
    )
    linear = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2), categories),
            (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
        ),
        LogisticRegression(max_iter=2000) if is_classes else Ridge(),
    )
    models = {"gradient boosting": boosting, "linear": linear}
    return {name: model.fit(train, y_train).score(test, y_test) for name, model in models.items()}


with open(sys.argv[1]) as file:
    print(json.dumps([run(task) for task in json.load(file)]))
