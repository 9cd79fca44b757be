"""Fixture of packages/encoder-text: what tokenizers make of strings with a placeholder in them, `<image>`.

Needs tokenizers, and the tokenizers of text.py. Run from the root of the repository:
    python tools/parity/text_documents.py
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer

fixtures = Path("packages/encoder-text/fixtures")
kinds = ["byte-fallback-bpe", "byte-level-bpe", "sentence-piece", "split-bpe", "unigram", "word-piece"]
length = 8

# None is the place of a picture.
documents = [
    ["What is left of ", None, "?"],
    [None, "\nThe dog sees three foxes!"],
    ["one ", None, None, " two", None],
    [None, "", None],
    ["fünf", None, "三只狗", None, " naïve  cafés ", None, "\tséven"],
    ["  leading", None, "  both  ", None, "x"],
    ["Does ", "the dog", " see ", None, " mind", "?", None, " emoji 🐶👩‍👩‍👧 done"],
    ["x" * 60, None, "one two three four five six seven eight nine ten"],
    ["one two three four five six seven eight nine ten ", None, " end"],
    ["no picture at all"],
]

placeholders = {
    "special": AddedToken("<image>", special=True, normalized=False),
    "strips": AddedToken("<image>", special=True, normalized=False, lstrip=True, rstrip=True),
    "normalized": AddedToken("<image>", special=False, normalized=True),
}


def cases(kind: str, placeholder: AddedToken) -> dict:
    def tokenizer() -> Tokenizer:
        own = Tokenizer.from_file(str(fixtures / f"{kind}.json"))
        own.no_truncation()
        own.no_padding()
        own.add_tokens([placeholder])
        return own

    def encode(direction: str | None) -> list:
        own = tokenizer()
        if direction:
            own.enable_truncation(length, direction=direction)
        texts = ["".join("<image>" if part is None else part for part in parts) for parts in documents]
        return [own.encode(text).ids for text in texts]

    added = next(token for token in json.loads(tokenizer().to_str())["added_tokens"] if token["content"] == "<image>")
    return {"added": added, "ids": encode(None), "right": encode("right"), "left": encode("left")}


output = {
    "length": length,
    "documents": documents,
    "tokenizers": {
        kind: {name: cases(kind, placeholder) for name, placeholder in placeholders.items()} for kind in kinds
    },
}
(fixtures / "documents.json").write_text(json.dumps(output, ensure_ascii=False, separators=(",", ":")) + "\n")
