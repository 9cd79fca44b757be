"""Writes two towers of their published sizes with random weights in Hugging Face layout: CLIP ViT-B/32's vision tower and all-MiniLM-L6's BERT.

Arguments: the folder, a tokenizer.json.
"""

import json
import os
import shutil
import sys
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
try:
    import torch
    from transformers import BertConfig, BertModel, CLIPVisionConfig, CLIPVisionModel
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()

folder = Path(sys.argv[1])
torch.manual_seed(0)
still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
small = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
CLIPVisionModel(CLIPVisionConfig()).save_pretrained(folder / "clip")
BertModel(BertConfig(**small, **still)).save_pretrained(folder / "minilm")
shutil.copy(sys.argv[2], folder / "minilm/tokenizer.json")
size = {"height": 224, "width": 224}
processor = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}, "crop_size": size}
(folder / "clip/preprocessor_config.json").write_text(json.dumps(processor))
print(json.dumps({}))
