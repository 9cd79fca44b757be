"""Fixtures of packages/hub: a file of every type that Python writes, and a sharded folder as transformers saves it.

Needs torch, safetensors, tokenizers, transformers. Run from the root of the repository:
    python tools/parity/hub.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, GenerationConfig, PreTrainedTokenizerFast, ViTImageProcessor

fixtures = Path("packages/hub/fixtures")
fixtures.mkdir(exist_ok=True)
torch.manual_seed(0)

# Floats at and beside every boundary of the two 16-bit types: halves between neighbours, the largest, the smallest.
bits = [0, 1, 0x33000000, 0x33000001, 0x32FFFFFF, 0x387FC000, 0x387FE000, 0x387FFFFF, 0x38800000, 0x477FE000, 0x477FEFFF]
bits += [0x477FF000, 0x47800000, 0x7F7F7FFF, 0x7F7F8000, 0x7F7FFFFF, 0x7F800000, 0x3F801000, 0x3F803000, 0x3F808000]
bits += [0x3F818000, 0x3F807FFF, 0x3F808001, 0x007FFFFF, 0x00800000, 0x00008000, 0x00018000]
patterns = torch.tensor(bits, dtype=torch.int64)
random = torch.cat(
    [
        torch.randint(0, 0x7F800000, (400,)),  # any float
        torch.randint(0x32000000, 0x48000000, (600,)),  # those that float16 tells apart
        torch.randint(0x3300, 0x4780, (200,)) * 0x10000 + 0x8000,  # ties of bfloat16
        torch.randint(0x38800000 >> 12, 0x47800000 >> 12, (200,)) << 12,  # ties of float16, every other one
    ]
)
magnitudes = torch.cat([patterns, random])
floats = torch.cat([magnitudes, magnitudes + 0x80000000 - (1 << 32)]).to(torch.int32).view(torch.float32)

integers = {
    "I64": [0, 1, -1, 2**31 - 1, -(2**31), 123456789],
    "I32": [0, 1, -1, 2**31 - 1, -(2**31), 123456789],
    "I16": [0, 1, -1, 2**15 - 1, -(2**15), 12345],
    "I8": [0, 1, -1, 127, -128, 12],
    "U64": [0, 1, 2**31 - 1, 5, 6, 7],
    "U32": [0, 1, 2**31 - 1, 5, 6, 7],
    "U16": [0, 1, 65535, 5, 6, 7],
    "U8": [0, 1, 255, 5, 6, 7],
    "BOOL": [0, 1, 1, 0, 0, 1],
}
names = {"I": "int", "U": "uint"}
types = {k: torch.bool if k == "BOOL" else getattr(torch, names[k[0]] + k[1:]) for k in integers}
save_file(
    {
        **{name: torch.tensor(values, dtype=types[name]).reshape(2, 3) for name, values in integers.items()},
        "F32": floats,
        "F16": floats.half(),
        "BF16": floats.bfloat16(),
        "F64": floats.double() * (1 + 1e-9),
        "F64 as F32": (floats.double() * (1 + 1e-9)).float(),
        "F8": torch.zeros(3, dtype=torch.float8_e4m3fn),
        "too large I64": torch.tensor([1, 2**31], dtype=torch.int64),
        "too small I64": torch.tensor([1, -(2**31) - 1], dtype=torch.int64),
        "too large U64": torch.tensor([1, 2**63], dtype=torch.uint64),
        "too large U32": torch.tensor([1, 2**32 - 1], dtype=torch.uint32),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3, dtype=torch.bfloat16),
    },
    fixtures / "dtypes.safetensors",
    metadata={"format": "pt"},
)

folder = fixtures / "tiny-bert"
config = BertConfig(
    hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=12, max_position_embeddings=6
)
model = BertModel(config).bfloat16()
model.save_pretrained(folder, max_shard_size="1KB")
save_file({k: v.float() for k, v in model.state_dict().items()}, fixtures / "tiny-bert.safetensors", {"format": "pt"})
vocabulary = {token: index for index, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ja", "nein"])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", padding_side="left").save_pretrained(
    folder
)
ViTImageProcessor(size={"height": 8, "width": 8}).save_pretrained(folder)
GenerationConfig(eos_token_id=3, pad_token_id=0).save_pretrained(folder)
