"""A language model as ONNX, with the inputs and outputs that transformers.js asks for: tokens and a cache in, logits and the grown cache out."""

import torch
from transformers import DynamicCache

BATCH, LENGTH = "batch_size", "sequence_length"


class DecoderWithPast(torch.nn.Module):
    """Logits and the grown cache of a decoder, from tokens and the cache."""

    def __init__(self, model, logits_to_keep):
        super().__init__()
        self.model, self.logits_to_keep = model, logits_to_keep

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = DynamicCache(list(zip(past[0::2], past[1::2])))
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=self.logits_to_keep,
        )
        present = [tensor for layer in outputs.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return (outputs.logits, *present)


def export_decoder(model, path, logits_to_keep=0):
    """`logits_to_keep`: of how many tokens at the end, 0 for all."""
    config = model.config
    heads = getattr(config, "num_key_value_heads", config.num_attention_heads)
    size = (2, heads, 5, config.hidden_size // config.num_attention_heads)
    past = [f"past_key_values.{i}.{kind}" for i in range(config.num_hidden_layers) for kind in ("key", "value")]
    present = [name.replace("past_key_values", "present") for name in past]
    ids = torch.randint(0, config.vocab_size, (2, 3))
    mask = torch.ones(2, 8, dtype=torch.int64)
    positions = torch.arange(5, 8).expand(2, 3)
    axes = {
        "input_ids": {0: BATCH, 1: LENGTH},
        "position_ids": {0: BATCH, 1: LENGTH},
        "attention_mask": {0: BATCH, 1: "total_length"},
        "logits": {0: BATCH, 1: LENGTH},
        **{name: {0: BATCH, 2: "past_length"} for name in past},
        **{name: {0: BATCH, 2: "total_length"} for name in present},
    }
    torch.onnx.export(
        DecoderWithPast(model, logits_to_keep).eval(),
        (ids, mask, positions, *(torch.randn(size) for _ in past)),
        path,
        input_names=["input_ids", "attention_mask", "position_ids", *past],
        output_names=["logits", *present],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
