"""A contender: Whisper in PyTorch by transformers' `generate`, eager, float32. Arguments: the folder of the workload, the case, how many threads."""

import json
import os
import sys
import time
import wave
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import numpy as np
    import torch
    from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizerFast
except ImportError as error:
    missing(str(error))

folder, name, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
workload = json.loads((folder / "workload.json").read_text())
files, batch = workload["cases"][name]["files"], workload["cases"][name]["batch"]
model = WhisperForConditionalGeneration.from_pretrained(workload["model"], dtype=torch.float32).eval()
extractor = WhisperFeatureExtractor.from_pretrained(workload["model"])
tokenizer = WhisperTokenizerFast.from_pretrained(workload["model"])


def sound_of(file):
    with wave.open(file) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), dtype=np.int16).astype(np.float32) / 32768


def heard(sounds):
    is_long = any(len(own) > extractor.n_samples for own in sounds)
    more = {"truncation": False, "padding": "longest", "return_attention_mask": True} if is_long else {}
    inputs = extractor(sounds, sampling_rate=16000, return_tensors="pt", **more)
    with torch.inference_mode():
        ids = model.generate(**inputs, return_timestamps=is_long)
    return [text.strip() for text in tokenizer.batch_decode(ids, skip_special_tokens=True)]


def write():
    sounds = [sound_of(file) for file in files]
    return [text for at in range(0, len(sounds), batch) for text in heard(sounds[at : at + batch])]


def run(times):
    results = []
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        texts = write()
        results.append({"ms": (time.perf_counter() - start) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3, "texts": texts})
    return results


write()
serve(run)
