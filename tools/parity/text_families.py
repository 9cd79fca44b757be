"""Fixtures of packages/encoder-text/src/families: tiny random checkpoints of each family, and what transformers computes.

Needs torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/text_families.py [family …]
"""

import sys
from pathlib import Path

import torch
from family_fixture import randomise, write_fixture
from transformers import BertConfig, BertForMaskedLM, BertModel

fixtures = Path("packages/encoder-text/src/families/fixtures")
vocabulary = 31
sides = {"right": [(7, 0), (4, 3)], "left": [(7, 0), (3, 4)], "both": [(5, 1), (3, 2), (1, 4)]}


def padded(side: str, seed: int, padding: int):
    """Ids and a mask of rows of different lengths, padded at one end, or in the middle of nowhere."""
    generator = torch.Generator().manual_seed(seed)
    ids, masks = [], []
    for count, rest in sides[side]:
        row = torch.randint(2, vocabulary, (count,), generator=generator)
        fill = torch.full((rest,), padding)
        before = rest if side == "left" else rest // 2 if side == "both" else 0
        ids.append(torch.cat([fill[:before], row, fill[before:]]))
        masks.append(torch.cat([torch.zeros(before), torch.ones(count), torch.zeros(rest - before)]))
    width = max(len(row) for row in ids)
    grow = lambda row, value: torch.cat([row, torch.full((width - len(row),), value, dtype=row.dtype)])
    return torch.stack([grow(row, padding) for row in ids]), torch.stack([grow(mask, 0) for mask in masks])


def encoder_case(name, model, seed, side="right", token_types=None, **options):
    randomise(model, seed)
    padding = model.config.pad_token_id
    ids, mask = padded(side, seed, padding)
    features = {"inputIds": ids, "mask": mask}
    if token_types is not None:
        features["tokenTypeIds"] = torch.randint(0, token_types, ids.shape, generator=torch.Generator().manual_seed(seed))

    def run(base):
        output = base(input_ids=ids, attention_mask=mask, token_type_ids=features.get("tokenTypeIds"))
        tokens = output.last_hidden_state
        if base.pooler is None:
            return {"tokens": tokens}
        first = tokens[torch.arange(len(mask)), mask.argmax(1)]  # where padding stands before, not what Python pools
        return {"tokens": tokens, "pooled": base.pooler(first[:, None])}

    write_fixture(
        fixtures / name, model, layers=lambda base: base.encoder.layer, features=features, run=run, **options
    )


def bert() -> None:
    def config(**options):
        return BertConfig(
            vocab_size=vocabulary, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
            max_position_embeddings=9, **options,
        )  # fmt: skip

    def older(tensors) -> None:
        """As TensorFlow's conversion named them, and as PyTorch's first versions saved the buffers."""
        for name in [name for name in tensors if "LayerNorm" in name]:
            tensors[name.replace("weight", "gamma").replace("bias", "beta")] = tensors.pop(name)
        tensors["bert.embeddings.position_ids"] = torch.arange(9)[None]

    encoder_case("bert/pooler-types", BertModel(config()), 1, token_types=2)
    encoder_case("bert/left-relu-one-layer", BertModel(config(hidden_act="relu", type_vocab_size=1)), 2, "left")
    encoder_case("bert/no-pooler-f16", BertModel(config(hidden_act="gelu_new"), add_pooling_layer=False), 3, "both", dtype=torch.float16)
    encoder_case("bert/masked-lm-older-names-bf16", BertForMaskedLM(config(layer_norm_eps=1e-5)), 4, edit_tensors=older, dtype=torch.bfloat16)


families = {"bert": bert}
for family in sys.argv[1:] or families:
    families[family]()
