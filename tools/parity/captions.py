"""CIDEr-D of captions from pycocoevalcap: of every text, and their mean. Its scorer splits at white space, so texts come without punctuation."""

import json
import random
from pathlib import Path

from pycocoevalcap.cider.cider import Cider

random.seed(5)
words = "a the red green blue circle square triangle and left of is small large near ein roter Kreis".lower().split()


def text(most: int) -> str:
    return " ".join(random.choice(words) for _ in range(random.randint(1, most)))


def near(reference: str) -> str:
    """A reference with a few words changed, left out or doubled."""
    kept = []
    for word in reference.split():
        draw = random.random()
        kept += [] if draw < 0.1 else [random.choice(words)] if draw < 0.25 else [word, word] if draw < 0.3 else [word]
    return " ".join(kept)


def case(pictures: int, most_references: int, most_words: int) -> dict:
    references = [[text(most_words) for _ in range(random.randint(1, most_references))] for _ in range(pictures)]
    candidates = [near(random.choice(own)) for own in references]
    candidates[0] = references[0][0]
    candidates[-1] = ""
    ids = range(pictures)
    score, scores = Cider().compute_score({i: references[i] for i in ids}, {i: [candidates[i]] for i in ids})
    return {"candidates": candidates, "references": references, "score": float(score), "scores": [float(s) for s in scores]}


cases = [case(12, 1, 12), case(9, 5, 15), case(6, 2, 3), case(2, 1, 6)]
path = Path("packages/head-text/fixtures/cider.json")
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n", encoding="utf-8")
print(f"{path}: {sum(len(c['scores']) for c in cases)} captions, means {[round(c['score'], 4) for c in cases]}")
