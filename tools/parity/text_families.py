"""Fixtures of packages/encoder-text/src/families: tiny random checkpoints of each family, and what transformers computes.

Needs torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/text_families.py [family …]
"""

import sys
from pathlib import Path

import torch
from family_fixture import randomise, write_fixture
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    GPT2Config,
    GPT2LMHeadModel,
    GPT2Model,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2Model,
    RobertaConfig,
    RobertaForMaskedLM,
    RobertaModel,
    SiglipTextConfig,
    SiglipTextModel,
    T5Config,
    T5EncoderModel,
    T5ForConditionalGeneration,
    XLMRobertaConfig,
    XLMRobertaModel,
)

fixtures = Path("packages/encoder-text/fixtures/families")
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


def t5() -> None:
    def config(**options):
        return T5Config(
            vocab_size=vocabulary, d_model=12, d_kv=4, d_ff=16, num_layers=2, num_heads=2, relative_attention_num_buckets=8,
            relative_attention_max_distance=5, decoder_start_token_id=0, **options,
        )  # fmt: skip

    def case(name, model, seed, side="right", **options):
        randomise(model, seed)
        ids, mask = padded(side, seed, 0)

        def run(base):
            tokens = getattr(base, "encoder", base)(input_ids=ids, attention_mask=mask).last_hidden_state
            return {"tokens": tokens, "pooled": (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)}

        features = {"inputIds": ids, "mask": mask}
        write_fixture(fixtures / name, model, layers=lambda base: base.encoder.block, features=features, run=run, **options)

    case("t5/relu-right", T5EncoderModel(config()), 81)
    case("t5/gated-left-bf16", T5EncoderModel(config(feed_forward_proj="gated-gelu", layer_norm_epsilon=1e-2)), 82, "left", dtype=torch.bfloat16)


def roberta() -> None:
    sizes = dict(
        vocab_size=vocabulary, hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=12, type_vocab_size=1,
    )  # fmt: skip
    encoder_case("roberta/right", RobertaModel(RobertaConfig(**sizes)), 11)
    encoder_case("roberta/xlm-left-bf16", XLMRobertaModel(XLMRobertaConfig(**sizes)), 12, "left", dtype=torch.bfloat16)
    encoder_case("roberta/masked-lm-other-padding", RobertaForMaskedLM(RobertaConfig(**sizes | {"pad_token_id": 3})), 13, "both")


def decoder_case(name, model, seed, side="right", length=None, **options):
    """Positions count the tokens of a row, as `generate` counts them; without padding on the left that is the index."""
    randomise(model, seed)
    ids, mask = padded(side, seed, 0)
    if length is not None:
        ids = torch.randint(2, vocabulary, (1, length), generator=torch.Generator().manual_seed(seed))
        mask = torch.ones(1, length)
    positions = (mask.cumsum(1) - 1).clamp(min=0).long()
    last = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    model.config._attn_implementation = "eager"

    def run(base):
        base.config._attn_implementation = "eager"
        tokens = base(input_ids=ids, attention_mask=mask, position_ids=positions).last_hidden_state
        return {"tokens": tokens, "pooled": tokens[torch.arange(len(mask)), last]}

    write_fixture(
        fixtures / name,
        model,
        layers=lambda base: base.h if hasattr(base, "h") else base.layers,
        features={"inputIds": ids, "mask": mask},
        run=run,
        **options,
    )


def gpt2() -> None:
    def config(**options):
        return GPT2Config(vocab_size=vocabulary, n_positions=9, n_embd=12, n_layer=2, n_head=3, **options)

    def older(tensors) -> None:
        for layer in range(2):
            tensors[f"transformer.h.{layer}.attn.bias"] = torch.ones(9, 9).tril()[None, None].to(torch.uint8)
            tensors[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)

    decoder_case("gpt2/right", GPT2Model(config()), 21)
    decoder_case("gpt2/left-unscaled-relu-f16", GPT2Model(config(scale_attn_weights=False, activation_function="relu", n_inner=20)), 22, "left", dtype=torch.float16)
    decoder_case("gpt2/lm-scaled-by-layer-buffers", GPT2LMHeadModel(config(scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True)), 23, "both", edit_tensors=older)


llama_sizes = dict(
    vocab_size=vocabulary, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
    max_position_embeddings=16, pad_token_id=0,
)  # fmt: skip


def llama() -> None:
    def config(**options):
        return LlamaConfig(**llama_sizes | {"num_key_value_heads": 1, "head_dim": 4} | options)

    def scaled(rope_type, **parameters):
        parameters = {"rope_theta": 100.0, "rope_type": rope_type, **parameters}
        return LlamaModel(config(num_hidden_layers=1, rope_parameters=parameters))

    def as_in_version_4(settings) -> None:
        """One theta, and the scaling apart, its kind under an older name."""
        parameters = settings.pop("rope_parameters")
        settings["rope_theta"] = parameters.pop("rope_theta")
        settings["rope_scaling"] = {"type": parameters.pop("rope_type"), **parameters}

    def without_scaling(settings) -> None:
        settings["rope_theta"] = settings.pop("rope_parameters")["rope_theta"]
        settings["rope_scaling"] = None
        settings.pop("head_dim")
        settings.pop("num_key_value_heads")

    def older(tensors) -> None:
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(2)

    decoder_case("llama/grouped-right", LlamaModel(config()), 31)
    decoder_case("llama/biases-left-gelu-bf16", LlamaModel(config(attention_bias=True, mlp_bias=True, hidden_act="gelu", num_key_value_heads=3)), 32, "left", dtype=torch.bfloat16)
    decoder_case("llama/wide-heads-lm-untied", LlamaForCausalLM(config(head_dim=6, rms_norm_eps=1e-2)), 33, "both", edit_tensors=older)
    decoder_case("llama/version-4", LlamaModel(config(num_key_value_heads=3, rope_parameters={"rope_theta": 500.0, "rope_type": "default"})), 34, edit_config=without_scaling)
    decoder_case("llama/rope-linear-version-4", scaled("linear", factor=2.5), 35, length=7, edit_config=as_in_version_4)
    decoder_case("llama/rope-dynamic", scaled("dynamic", factor=2.0), 36, length=21)
    decoder_case("llama/rope-yarn", scaled("yarn", factor=4.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5), 37, length=11)
    decoder_case("llama/rope-longrope", scaled("longrope", factor=2.0, original_max_position_embeddings=8, short_factor=[1.0, 1.5], long_factor=[2.0, 5.0]), 38, length=11)
    decoder_case("llama/rope-llama3", scaled("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16), 39, "left")


def qwen2() -> None:
    def config(**options):
        return Qwen2Config(**llama_sizes | {"num_key_value_heads": 1} | options)

    def as_in_version_4(settings) -> None:
        settings.pop("layer_types")
        settings["rope_theta"] = settings.pop("rope_parameters")["rope_theta"]

    window = dict(use_sliding_window=True, sliding_window=3, max_window_layers=1)
    decoder_case("qwen2/right", Qwen2Model(config()), 41)
    decoder_case("qwen2/window-left-version-4", Qwen2Model(config(**window)), 42, "left", edit_config=as_in_version_4)
    decoder_case("qwen2/lm-tied-window-f16", Qwen2ForCausalLM(config(**window, tie_word_embeddings=True)), 43, length=9, dtype=torch.float16)


def tower_case(name, model, seed, ids, mask, pooled=None, positions=None, **options):
    """`pooled`: which token gives the vector, where Python takes one that is masked."""
    randomise(model, seed)
    model.base_model.config._attn_implementation = "eager"

    def run(base):
        output = base(input_ids=ids, attention_mask=mask, position_ids=positions)
        tokens = output.last_hidden_state
        chosen = output.pooler_output if pooled is None else tokens[torch.arange(len(tokens)), pooled]
        return {"tokens": tokens, "pooled": base.head(chosen) if pooled is not None and hasattr(base, "head") else chosen}

    features = {"inputIds": ids, "mask": mask} | ({} if positions is None else {"positionIds": positions})
    write_fixture(
        fixtures / name, model, layers=lambda base: base.encoder.layers, features=features, run=run, **options
    )


def with_position_ids(tensors) -> None:
    """The prefix and the buffer that transformers 4 saved."""
    for name in [name for name in tensors if name.startswith(("embeddings.", "encoder.", "final_", "head."))]:
        tensors[f"text_model.{name}"] = tensors.pop(name)
    tensors["text_model.embeddings.position_ids"] = torch.arange(9)[None]


def clip_text() -> None:
    def config(**options):
        return CLIPTextConfig(
            vocab_size=vocabulary, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
            max_position_embeddings=9, projection_dim=5, bos_token_id=28, **options,
        )  # fmt: skip

    def ended(side, seed, end, padding):
        """Rows that end with a token; in the first row another one stands in the middle."""
        ids, mask = padded(side, seed, padding)
        ids = torch.where(ids >= end, 3, ids)
        ids[torch.arange(len(ids)), (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)] = end
        ids[0, 2] = end
        return torch.where(mask > 0, ids, padding), mask

    first = ended("right", 51, 29, 29)
    tower_case("clip-text/first-eos", CLIPTextModel(config(eos_token_id=29, pad_token_id=29)), 51, *first)
    legacy = CLIPTextModel(config(eos_token_id=2, hidden_act="gelu", layer_norm_eps=1e-3))
    tower_case("clip-text/largest-id-older-bf16", legacy, 52, *ended("right", 52, 30, 0), edit_tensors=with_position_ids, dtype=torch.bfloat16)
    projected = CLIPTextModelWithProjection(config(eos_token_id=27, attention_dropout=0.1))
    tower_case("clip-text/projected-left-f16", projected, 53, *ended("left", 53, 27, 0), dtype=torch.float16)
    ids = torch.tensor([[28, 4, 5, 29, 29, 29, 29], [28, 29, 29, 29, 29, 29, 29]])
    tower_case("clip-text/padding-takes-part", CLIPTextModel(config(eos_token_id=29)), 54, ids, torch.ones(2, 7))
    ids = torch.tensor([[28, 4, 5, 7, 3, 6, 9, 12, 8], [4, 9, 6, 28, 4, 5, 7, 3, 6]])
    positions = torch.tensor([[0, 1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 0, 0, 1, 2, 3]])
    tower_case("clip-text/without-eos-own-positions", CLIPTextModel(config(eos_token_id=29)), 55, ids, torch.ones(2, 9), positions=positions)


def siglip_text() -> None:
    def config(**options):
        sizes = {"hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 3}
        return SiglipTextConfig(vocab_size=vocabulary, max_position_embeddings=9, **sizes | options)

    filled = torch.tensor([[7, 9, 4, 1, 1, 1, 1, 1, 1], [5, 8, 22, 17, 30, 6, 9, 3, 1]])
    tower_case("siglip-text/filled-up", SiglipTextModel(config()), 61, filled, torch.ones(2, 9))
    wide = SiglipTextModel(config(projection_size=7, hidden_act="relu", layer_norm_eps=1e-3, attention_dropout=0.1))
    tower_case("siglip-text/projection-size-left-older-f16", wide, 62, *padded("left", 62, 1), edit_tensors=with_position_ids, dtype=torch.float16)
    ids, mask = padded("both", 63, 1)
    last = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    tower_case("siglip-text/masked-bf16", SiglipTextModel(config(projection_size=12)), 63, ids, mask, last, dtype=torch.bfloat16)


families = {
    "bert": bert,
    "roberta": roberta,
    "gpt2": gpt2,
    "llama": llama,
    "qwen2": qwen2,
    "t5": t5,
    "clip-text": clip_text,
    "siglip-text": siglip_text,
}
for family in sys.argv[1:] or families:
    families[family]()
