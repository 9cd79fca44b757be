"""A contender: the model in PyTorch, eager, float32. Arguments: the folder of the workload, the model, the number of threads."""

import json
import os
import sys
import time
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import numpy as np
    import torch
    from transformers import BertModel, CLIPVisionModel, GPT2LMHeadModel, Wav2Vec2Model
except ImportError as error:
    missing(str(error))

folder, kind = Path(sys.argv[1]), sys.argv[2]
torch.set_num_threads(int(sys.argv[3]))
classes = {"bert": BertModel, "clip": CLIPVisionModel, "wav2vec2": Wav2Vec2Model, "gpt2": GPT2LMHeadModel}
model = classes[kind].from_pretrained(folder, **({"add_pooling_layer": False} if kind == "bert" else {})).eval()
described = json.loads((folder / "inputs.json").read_text())


def read_input(name):
    values = np.fromfile(folder / f"{name}.bin", dtype=described[name]["dtype"]).reshape(described[name]["shape"])
    tensor = torch.from_numpy(values)
    return tensor.long() if values.dtype == np.int32 else tensor


inputs = {name: read_input(name) for name in described if name != "pixel_values_last"}


def call():
    with torch.inference_mode():
        if kind == "gpt2":
            options = {"do_sample": False, "max_new_tokens": 64, "min_new_tokens": 64, "pad_token_id": 0}
            mask = torch.ones_like(inputs["input_ids"])
            return model.generate(**inputs, attention_mask=mask, **options).float().numpy()
        return model(**inputs).last_hidden_state.numpy()


def run(times):
    milliseconds = []
    for _ in range(times):
        start = time.perf_counter()
        output = call()
        milliseconds.append((time.perf_counter() - start) * 1e3)
    file = folder / "pytorch.f32"
    np.ascontiguousarray(output, dtype=np.float32).tofile(file)
    return {"ms": milliseconds, "output": str(file)}


call()
serve(run)
