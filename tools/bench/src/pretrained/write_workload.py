"""
Writes the workload of a case: a model of its real size with random weights in Hugging Face layout, the same as ONNX, and
inputs. Arguments: the folder, the model (bert, clip, wav2vec2, gpt2), the number of rows.

The ONNX files are what Optimum makes and onnx-community publishes: one graph from PyTorch's TorchScript exporter, opset 17,
constants folded, batch and length dynamic, and for GPT-2 the cache as inputs and outputs.
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

    sys.path.insert(0, str(Path(__file__).parent.parent))
    from export_decoder import BATCH, LENGTH, export_decoder
    from transformers import (
        BertConfig,
        BertModel,
        CLIPVisionConfig,
        CLIPVisionModel,
        GPT2Config,
        GPT2LMHeadModel,
        Wav2Vec2Config,
        Wav2Vec2Model,
    )
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()

class LastHiddenState(torch.nn.Module):
    """An encoder as a function of its inputs in a fixed order."""

    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs):
        return self.model(**dict(zip(self.names, inputs))).last_hidden_state


def bert(rows):
    ids = torch.randint(0, 30_522, (rows, 128))
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
    axes = {name: {0: BATCH, 1: LENGTH} for name in inputs}
    return BertModel(BertConfig(), add_pooling_layer=False), inputs, axes, {0: BATCH, 1: LENGTH}


def clip(rows):
    return CLIPVisionModel(CLIPVisionConfig()), {"pixel_values": torch.randn(rows, 3, 224, 224)}, {"pixel_values": {0: BATCH}}, {0: BATCH}


def wav2vec2(rows):
    inputs = {"input_values": torch.randn(rows, 80_000)}
    return Wav2Vec2Model(Wav2Vec2Config()), inputs, {"input_values": {0: BATCH, 1: LENGTH}}, {0: BATCH, 1: "frames"}


def gpt2(rows):
    return GPT2LMHeadModel(GPT2Config()), {"input_ids": torch.randint(0, 50_257, (rows, 16))}


def export_encoder(model, inputs, axes, output_axes, path):
    names = list(inputs)
    torch.onnx.export(
        LastHiddenState(model, names).eval(),
        tuple(inputs.values()),
        path,
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={**axes, "last_hidden_state": output_axes},
        opset_version=17,
        dynamo=False,
    )


def write_inputs(folder, inputs):
    """Each as raw bytes, and their types and shapes. Pictures with channels last too, as our processors give them."""
    if "pixel_values" in inputs:
        inputs = {**inputs, "pixel_values_last": inputs["pixel_values"].permute(0, 2, 3, 1)}
    described = {}
    for name, tensor in inputs.items():
        array = tensor.contiguous().numpy()
        array = array.astype("int32") if array.dtype == "int64" else array
        (folder / f"{name}.bin").write_bytes(array.tobytes())
        described[name] = {"dtype": str(array.dtype), "shape": list(array.shape)}
    (folder / "inputs.json").write_text(json.dumps(described))


folder, kind, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
torch.manual_seed(0)
model, inputs, *axes = {"bert": bert, "clip": clip, "wav2vec2": wav2vec2, "gpt2": gpt2}[kind](rows)
model = model.eval()
with torch.no_grad():
    for parameter in model.parameters():  # biases begin as zeros and norms as ones, which no trained model has
        if parameter.dim() == 1:
            parameter.add_(0.02 * torch.randn_like(parameter))
model.save_pretrained(folder)
(folder / "onnx").mkdir()
path = folder / "onnx" / "model.onnx"
with torch.no_grad():
    export_decoder(model, path) if kind == "gpt2" else export_encoder(model, inputs, *axes, path)
write_inputs(folder, inputs)
print(json.dumps({"written": True}))
