"""
Writes a language model for transformers.js: `onnx/model.onnx` in float32, the cache among its inputs and outputs, from PyTorch's TorchScript exporter,
with logits of the last token alone, and the files that stand beside it. Arguments: the model's folder, the folder to write.
"""

import shutil
import sys
import warnings
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

sys.path.insert(0, str(Path(__file__).parent.parent))
from export_decoder import export_decoder

warnings.filterwarnings("ignore")
source, target = Path(sys.argv[1]), Path(sys.argv[2])
(target / "onnx").mkdir(parents=True, exist_ok=True)
for file in source.glob("*.json"):
    shutil.copy(file, target / file.name)
model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="sdpa")
export_decoder(model, str(target / "onnx" / "model.onnx"), logits_to_keep=1)
