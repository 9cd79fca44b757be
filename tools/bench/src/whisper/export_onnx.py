"""
Writes `onnx/encoder_model.onnx` and `onnx/decoder_model_merged.onnx` of a Whisper beside its weights, in float32, with the inputs and outputs that
transformers.js asks for. Argument: the folder.

The decoder has one branch more than what Optimum merges, in the same places: where `use_cache_branch` is false, each layer projects keys and values of what
was heard, and otherwise takes those that it is given.
"""

import json
import os
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
try:
    import torch
    from torch import nn
    from transformers import WhisperForConditionalGeneration
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()


@torch.jit.script
def kept(use_cache: torch.Tensor, past: torch.Tensor, heard: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, heads: int):
    if bool(use_cache):
        result = past
    else:
        rows, length, width = heard.shape
        projected = nn.functional.linear(heard, weight, bias)
        result = projected.view(rows, length, heads, width // heads).transpose(1, 2)
    return result


class Encoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.encoder = model.model.encoder

    def forward(self, input_features):
        return self.encoder(input_features).last_hidden_state


class Decoder(nn.Module):
    """`WhisperDecoder` and its head, with all caches as inputs and outputs."""

    def __init__(self, model):
        super().__init__()
        self.decoder, self.head, self.heads = model.model.decoder, model.proj_out, model.config.decoder_attention_heads

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, x.shape[2] // self.heads).transpose(1, 2)

    def attend(self, attention, query, key, value, mask=None):
        attended = nn.functional.scaled_dot_product_attention(self.split(attention.q_proj(query)), key, value, attn_mask=mask)
        return attention.out_proj(attended.transpose(1, 2).flatten(2))

    def forward(self, input_ids, encoder_hidden_states, use_cache_branch, *past):
        before, length = past[0].shape[2], input_ids.shape[1]
        places = torch.arange(before, before + length)
        x = self.decoder.embed_tokens(input_ids) + self.decoder.embed_positions.weight[places]
        mask = torch.arange(before + length)[None, :] <= places[:, None]
        present = []
        for index, layer in enumerate(self.decoder.layers):
            key_before, value_before, key_heard, value_heard = past[4 * index : 4 * index + 4]
            own, cross = layer.self_attn, layer.encoder_attn
            normed = layer.self_attn_layer_norm(x)
            key = torch.cat([key_before, self.split(own.k_proj(normed))], dim=2)
            value = torch.cat([value_before, self.split(own.v_proj(normed))], dim=2)
            x = x + self.attend(own, normed, key, value, mask)
            no_bias = torch.zeros(cross.k_proj.weight.shape[0])
            key_heard = kept(use_cache_branch, key_heard, encoder_hidden_states, cross.k_proj.weight, no_bias, self.heads)
            value_heard = kept(use_cache_branch, value_heard, encoder_hidden_states, cross.v_proj.weight, cross.v_proj.bias, self.heads)
            x = x + self.attend(cross, layer.encoder_attn_layer_norm(x), key_heard, value_heard)
            x = x + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(x))))
            present += [key, value, key_heard, value_heard]
        return (self.head(self.decoder.layer_norm(x)), *present)


folder = Path(sys.argv[1])
model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
config = model.config
(folder / "onnx").mkdir(exist_ok=True)
common = {"opset_version": 17, "dynamo": False}
with torch.no_grad():
    frames = torch.randn(2, config.num_mel_bins, 2 * config.max_source_positions)
    torch.onnx.export(
        Encoder(model), (frames,), folder / "onnx" / "encoder_model.onnx", input_names=["input_features"], output_names=["last_hidden_state"],
        dynamic_axes={"input_features": {0: "batch_size"}, "last_hidden_state": {0: "batch_size"}}, **common,
    )  # fmt: skip
    names = [f"{index}.{part}.{kind}" for index in range(config.decoder_layers) for part in ("decoder", "encoder") for kind in ("key", "value")]
    past, present = [f"past_key_values.{name}" for name in names], [f"present.{name}" for name in names]
    lengths = [3 if ".decoder." in name else 5 for name in names]
    width = config.d_model // config.decoder_attention_heads
    given = [torch.randn(2, config.decoder_attention_heads, length, width) for length in lengths]
    axes = {
        "input_ids": {0: "batch_size", 1: "decoder_sequence_length"}, "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"},
        "logits": {0: "batch_size", 1: "decoder_sequence_length"},
        **{name: {0: "batch_size", 2: "past_decoder_sequence_length" if ".decoder." in name else "encoder_sequence_length_out"} for name in past},
        **{name: {0: "batch_size", 2: "total" if ".decoder." in name else "heard"} for name in present},
    }  # fmt: skip
    decoder = Decoder(model).eval()
    torch.onnx.export(
        decoder, (torch.tensor([[1, 2], [3, 4]]), torch.randn(2, 5, config.d_model), torch.tensor([True]), *given),
        folder / "onnx" / "decoder_model_merged.onnx", input_names=["input_ids", "encoder_hidden_states", "use_cache_branch", *past],
        output_names=["logits", *present], dynamic_axes=axes, **common,
    )  # fmt: skip
print(json.dumps({"written": True}))
