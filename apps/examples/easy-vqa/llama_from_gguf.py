"""Makes a Hugging Face folder of a Llama-like language model that came as one GGUF file, with its byte-level BPE tokenizer.

    python llama_from_gguf.py MODEL.gguf FOLDER

Needs numpy, safetensors, tokenizers and gguf. What was quantised is written as the float32 that it stands for: a model that computes
what the file says, and not, bit for bit, the one that the file was made from.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

OUTSIDE_LAYERS = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
IN_A_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
CONTROL_TOKEN = 3


class Source:
    """A GGUF file: what it says of the model, and its weights under the names of Hugging Face."""

    def __init__(self, path):
        self.reader = GGUFReader(path)
        self.heads = self.of_model("attention.head_count")
        self.key_value_heads = self.of_model("attention.head_count_kv")

    def field(self, name):
        return self.reader.fields[name].contents()

    def of_model(self, name):
        return self.field(f"{self.field('general.architecture')}.{name}")

    def weights(self):
        for tensor in self.reader.tensors:
            values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            name, rotated_heads = self.named(tensor.name)
            yield name, halves_apart(values, rotated_heads) if rotated_heads else values

    def named(self, name):
        """The name of a tensor, and how many heads in it are rotated by position."""
        in_a_layer = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
        if not in_a_layer:
            return f"{OUTSIDE_LAYERS[name.removesuffix('.weight')]}.weight", 0
        layer, part = in_a_layer.groups()
        rotated_heads = {"attn_q": self.heads, "attn_k": self.key_value_heads}.get(part, 0)
        return f"model.layers.{layer}.{IN_A_LAYER[part]}.weight", rotated_heads


def halves_apart(weight, heads):
    """GGUF rotates neighbours within a head, Hugging Face its first half with its second."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.transpose(0, 2, 1, 3)).reshape(rows, columns)


def config_of(source, is_tied):
    token = lambda name: source.field(f"tokenizer.ggml.{name}_token_id")
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": source.of_model("embedding_length"),
        "intermediate_size": source.of_model("feed_forward_length"),
        "num_hidden_layers": source.of_model("block_count"),
        "num_attention_heads": source.heads,
        "num_key_value_heads": source.key_value_heads,
        "max_position_embeddings": source.of_model("context_length"),
        "vocab_size": source.of_model("vocab_size"),
        "rms_norm_eps": float(f"{source.of_model('attention.layer_norm_rms_epsilon'):.3g}"),  # kept as a float32
        "rope_theta": source.of_model("rope.freq_base"),
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": is_tied,
        "bos_token_id": token("bos"),
        "eos_token_id": token("eos"),
        "torch_dtype": "float32",
    }


def tokenizer_of(source):
    tokens = source.field("tokenizer.ggml.tokens")
    kinds = source.field("tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ", 1)) for merge in source.field("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = ByteLevelDecoder()
    control = [token for token, kind in zip(tokens, kinds) if kind == CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer


def tokenizer_config_of(source):
    tokens = source.field("tokenizer.ggml.tokens")
    named = {name: tokens[source.field(f"tokenizer.ggml.{name}_token_id")] for name in ("bos", "eos")}
    return {
        "tokenizer_class": "GPT2Tokenizer",
        "chat_template": source.field("tokenizer.chat_template"),
        "bos_token": named["bos"],
        "eos_token": named["eos"],
        "pad_token": named["eos"],
        "model_max_length": source.of_model("context_length"),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("gguf", type=Path)
    options.add_argument("folder", type=Path)
    asked = options.parse_args()
    source = Source(asked.gguf)
    if source.field("tokenizer.ggml.pre") != "smollm":
        raise SystemExit("This script knows the tokenizer of SmolLM alone.")
    weights = dict(source.weights())
    asked.folder.mkdir(parents=True)
    save_file(weights, asked.folder / "model.safetensors", {"format": "pt"})
    tokenizer_of(source).save(str(asked.folder / "tokenizer.json"))
    files = {
        "config.json": config_of(source, is_tied="lm_head.weight" not in weights),
        "tokenizer_config.json": tokenizer_config_of(source),
    }
    for name, content in files.items():
        (asked.folder / name).write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
