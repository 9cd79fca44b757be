"""Fixtures of packages/encoder-text/src/sentence: a tiny random BERT, and the vectors that sentence-transformers makes of texts with it.

Needs torch, transformers, sentence-transformers. Run from the root of the repository:
    python tools/parity/sentence.py
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from family_fixture import randomise
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

fixture = Path("packages/encoder-text/fixtures/sentence")
texts = ["three dogs", "a Cat", "the house by the water is red, and nobody lives there", "x"]
width = 12
modes = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]


def base(folder: Path) -> None:
    """The Transformer and its tokenizer, as transformers saves them."""
    model = BertModel(BertConfig(
        vocab_size=400, hidden_size=width, num_hidden_layers=3, num_attention_heads=3, intermediate_size=20, max_position_embeddings=40,
    ))  # fmt: skip
    randomise(model, 1)
    model.save_pretrained(folder)
    special = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]")
    PreTrainedTokenizerFast(tokenizer_file="packages/encoder-text/fixtures/word-piece.json", model_max_length=40, **special).save_pretrained(folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["normalizer"]["lowercase"] = False  # so that small letters are other tokens
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))


def beside_weights(folder: Path) -> dict:
    """What sentence-transformers saved beside the Transformer, by name."""
    names = ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"]
    found = [folder / name for name in names] + sorted(folder.glob("*/config.json"))
    return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in found if path.exists()}


def case(root: Path, name: str, *, pooling="mean", include_prompt=True, normalize=False, edit=None, adjust=None, config={}, encode={}, **options) -> dict:
    """adjust: the options of ours that ask for the same, of a folder without these files or, for a prompt, with them"""
    parts = [Transformer(str(root), config_kwargs=config), Pooling(width, pooling, include_prompt=include_prompt)]
    model = SentenceTransformer(modules=parts + ([Normalize()] if normalize else []), device="cpu", **options)
    with tempfile.TemporaryDirectory() as saved:
        model.save(saved, create_model_card=False)
        if edit:
            edit(Path(saved))
        files = beside_weights(Path(saved))
        vectors = SentenceTransformer(saved, device="cpu").encode(texts, **encode)
    asked = {} if adjust is None else {"adjust": adjust}
    return {"name": name, "files": files if adjust is None or "prompt" in adjust else {}, **asked, "vectors": vectors.tolist()}


def as_in_version_2(folder: Path, **settings) -> None:
    """With an option for each mode, and the classes under their former names."""
    pooling = json.loads((folder / "1_Pooling/config.json").read_text())
    active = pooling["pooling_mode"]
    names = ["cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]
    flags = {f"pooling_mode_{long}": mode in active for long, mode in zip(names, modes)}
    (folder / "1_Pooling/config.json").write_text(json.dumps({"word_embedding_dimension": width, **flags}))
    parts = json.loads((folder / "modules.json").read_text())
    for part in parts:
        part["type"] = "sentence_transformers.models." + part["type"].split(".")[-1]
    (folder / "modules.json").write_text(json.dumps(parts))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 512, "do_lower_case": False, **settings}))


def main() -> None:
    torch.manual_seed(0)
    shutil.rmtree(fixture, ignore_errors=True)
    root = fixture / "bert"
    base(root)
    prompts = {"query": "the search: ", "document": "a text: "}
    cases = [
        *[case(root, mode, pooling=mode) for mode in modes],
        case(root, "of unit length", normalize=True),
        case(root, "two modes, normalised", pooling=["max", "lasttoken"], normalize=True),
        case(root, "modes in an order of their own", pooling=["mean", "cls", "weightedmean"]),
        case(root, "all modes, as in version 2", pooling=modes, edit=as_in_version_2),
        case(root, "shorter texts and small letters", edit=lambda folder: as_in_version_2(folder, max_seq_length=6, do_lower_case=True)),
        case(root, "a prompt by default", prompts=prompts, default_prompt_name="query"),
        case(root, "prompts that nobody chose", prompts=prompts),
        case(root, "the other prompt", prompts=prompts, default_prompt_name="query", encode={"prompt_name": "document"}, adjust={"prompt": "document"}),
        case(root, "no prompt", prompts=prompts, default_prompt_name="query", encode={"prompt": ""}, adjust={"prompt": False}),
        case(root, "a pooling without prompts", include_prompt=False),
        case(root, "fewer layers", config={"num_hidden_layers": 2}, pooling=["cls", "mean"], adjust={"numHiddenLayers": 2, "pooling": ["cls", "mean"]}),
        case(root, "shorter texts", edit=lambda folder: as_in_version_2(folder, max_seq_length=5), adjust={"maxLength": 5, "pooling": "mean"}),
    ]
    (fixture / "expected.json").write_text(json.dumps({"texts": texts, "cases": cases}, ensure_ascii=False))


main()
