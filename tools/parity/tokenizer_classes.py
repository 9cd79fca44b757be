"""A fixture of packages/encoder-text: what AutoTokenizer takes of a tokenizer.json, by the `tokenizer_class` beside it.

Needs transformers, sentencepiece. Run from the root of the repository:
    python tools/parity/tokenizer_classes.py
"""

import json
from pathlib import Path

import transformers
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES, tokenizer_class_from_name
from transformers.tokenization_utils_tokenizers import TokenizersBackend

transformers.logging.set_verbosity_error()
target = Path("packages/encoder-text/fixtures/tokenization/tokenizer-classes.json")
names = {name.removesuffix("Fast") for name in [*TOKENIZER_MAPPING_NAMES.values(), *dir(transformers)] if name}
names = sorted(name for name in names if name.endswith("Tokenizer"))


def taken(name: str) -> str:
    """`file`: the tokenizer.json as it stands. Else the class that makes a tokenizer of its own, perhaps from other files."""
    found = tokenizer_class_from_name(name)
    return "file" if found is None or found.__name__ in ("TokenizersBackend", "PythonBackend") else found.__name__


def is_made_of_file(name: str) -> bool:
    found = tokenizer_class_from_name(name)
    return isinstance(found, type) and issubclass(found, TokenizersBackend)


target.write_text(json.dumps({name: taken(name) for name in names}, indent=1) + "\n")
print({name: is_made_of_file(name) for name in names if taken(name) != "file"})
