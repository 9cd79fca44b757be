"""A fixture of packages/encoder-text: the first, or the last, tokens of long texts and pairs, as its tokenizers cut them.

Needs tokenizers. Run from the root of the repository:
    python tools/parity/tokenizer_long.py
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

fixtures = Path("packages/encoder-text/fixtures")
names = ["byte-level-bpe", "split-bpe", "byte-fallback-bpe", "word-piece", "unigram", "sentence-piece"]
# What is repeated how often, and what follows.
texts = [
    ["\ufffd", 5000, ""], ["三", 5000, " x"], ["a", 5000, ""], ["seven", 1000, "!"], ["one two ", 600, "three"], [" ", 5000, "end"],
    ["fünf 七,", 700, ""],
]  # fmt: skip
pairs = [["one two ", 850, "three"], ["nine", 1700, "!"], ["one", 1, ""]]
cases = []
written = lambda given: given[0] * given[1] + given[2]


def add(name, text, pair, max_length, side, truncated, ids, offsets, types):
    cases.append(dict(tokenizer=name, text=text, pair=pair, maxLength=max_length, side=side, truncated=truncated, ids=ids, offsets=offsets, types=types))


for name in names:
    tokenizer = Tokenizer.from_file(str(fixtures / f"{name}.json"))
    tokenizer.no_truncation()
    for text in texts:
        # Truncation makes encodings of all that is cut off too, thousands of them: here it is a slice. (Offsets are trimmed after it.)
        whole = tokenizer.encode(written(text), add_special_tokens=False)
        truncated = len(whole.ids) > 9
        add(name, text, None, 9, "right", truncated, whole.ids[:9], whole.offsets[:9], whole.type_ids[:9])
        add(name, text, None, 9, "left", truncated, whole.ids[-9:], None, whole.type_ids[-9:])
    for index, text in enumerate(pairs):
        for max_length, side in [(150, "right"), (151, "right"), (151, "left")]:
            tokenizer.enable_truncation(max_length, direction=side)
            pair = pairs[(index + 1) % len(pairs)]
            encoding = tokenizer.encode(written(text), written(pair), add_special_tokens=False)
            add(name, text, pair, max_length, side, len(encoding.overflowing) > 0, encoding.ids, encoding.offsets, encoding.type_ids)
(fixtures / "long.json").write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
print(len(cases))
