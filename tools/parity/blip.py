"""Fixtures of packages/architectures/src/blip: a tiny random checkpoint of BLIP, and what transformers computes and writes with it.

Needs torch, transformers, tokenizers, safetensors, pillow. Run from the root of the repository:
    python tools/parity/blip.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from family_fixture import randomise
from safetensors.torch import save_file
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration

folder = Path("packages/architectures/fixtures/blip")
size = 16
captions = ["a red cube", "two balls on the grass", "a picture of a house"]


def tokenizer() -> BertTokenizer:
    """Whole words and letters, and what BLIP adds: what decoders and encoders of it begin with."""
    words = sorted({word for caption in captions for word in caption.split()})
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *"xyz"]
    own = BertTokenizer(vocab={word: index for index, word in enumerate(vocab)})
    own.add_special_tokens({"bos_token": "[DEC]", "additional_special_tokens": ["[ENC]"]})
    return own


shutil.rmtree(folder, ignore_errors=True)
own = tokenizer()
ids = {"bos_token_id": own.convert_tokens_to_ids("[DEC]"), "sep_token_id": own.sep_token_id, "pad_token_id": own.pad_token_id, "eos_token_id": 2}
config = BlipConfig(
    text_config={"vocab_size": len(own), "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
                 "max_position_embeddings": 16, **ids},
    vision_config={"hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": size, "patch_size": 8},
)  # fmt: skip
torch.manual_seed(0)
model = BlipForConditionalGeneration(config).eval()
randomise(model, 76, std=0.4)
with torch.no_grad():  # so that what is written depends on more than which word is frequent
    model.text_decoder.cls.predictions.bias *= 0.1
    model.text_decoder.bert.embeddings.position_embeddings.weight *= 4
model.save_pretrained(folder)
own.save_pretrained(folder)
(folder / "preprocessor_config.json").write_text(json.dumps({
    "image_processor_type": "BlipImageProcessor", "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    "processor_class": "BlipProcessor", "resample": 3, "rescale_factor": 1 / 255, "size": {"height": size, "width": size},
}, indent=2) + "\n")  # fmt: skip
model.double()  # what is compared is off by our rounding alone

pixels = np.random.default_rng(5).integers(0, 256, (3, size, size, 3), dtype=np.uint8)  # of the size that the model takes
mean, std = [torch.tensor(values, dtype=torch.float64) for values in ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])]
values = ((torch.tensor(pixels).double() / 255 - mean) / std).permute(0, 3, 1, 2)

read = own(captions, return_tensors="pt", padding=True)
inputs = read.input_ids.clone()
inputs[:, 0] = ids["bos_token_id"]
labels = inputs.masked_fill(read.attention_mask == 0, -100)
output = model(pixel_values=values, input_ids=inputs, attention_mask=read.attention_mask, labels=labels)
output.loss.backward()
vision = model.vision_model(pixel_values=values)
asked = {"max_new_tokens": 9}
greedy = model.generate(pixel_values=values, do_sample=False, **asked)
beams = model.generate(pixel_values=values, do_sample=False, num_beams=3, **asked)


def written(rows: torch.Tensor) -> list[list[int]]:
    """Behind the start token, up to the end."""
    found = [row[1:] for row in rows.tolist()]
    return [row[: row.index(own.sep_token_id) + 1] if own.sep_token_id in row else row for row in found]


(folder / "expected.json").write_text(json.dumps({
    "size": size, "pixels": pixels.reshape(3, -1).tolist(), "captions": captions, "loss": output.loss.item(),
    "states": vision.last_hidden_state.tolist(), "pooled": vision.pooler_output.tolist(),
    "greedy": written(greedy), "beams": written(beams), "answers": own.batch_decode(greedy, skip_special_tokens=True),
}) + "\n")  # fmt: skip
save_file({name: parameter.grad.float().contiguous() for name, parameter in model.named_parameters()}, folder / "gradients.safetensors")
print(output.loss.item(), written(greedy), written(beams))
