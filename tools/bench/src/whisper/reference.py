"""
What transformers' Whisper writes of recordings, greedily and among beams, without times and with them. Arguments: a file with the work as JSON, one
that results are appended to, a line of JSON each (what is there already is not done again), and how many threads.
"""

import json
import os
import sys
import wave
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import numpy as np
import torch
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

work, results = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
model = WhisperForConditionalGeneration.from_pretrained(work["model"], dtype=torch.float32).eval()
extractor = WhisperFeatureExtractor.from_pretrained(work["model"])
end = model.generation_config.eos_token_id
done = {tuple(json.loads(line)[key] for key in ("way", "name")) for line in results.read_text().splitlines()} if results.exists() else set()


def sound_of(file):
    with wave.open(file) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), dtype=np.int16).astype(np.float32) / 32768


def without_end(ids):
    ids = ids.tolist()
    return ids[: ids.index(end)] if end in ids else ids


def write(sounds, way):
    """Ids of each sound, all of its windows one after the other."""
    options = {"max_new_tokens": work["maxNewTokens"]} | ({"num_beams": way["beams"]} if way["beams"] > 1 else {})
    if len(sounds) == 1 and len(sounds[0]) > extractor.n_samples:
        inputs = extractor(sounds, sampling_rate=16000, return_tensors="pt", truncation=False, padding="longest", return_attention_mask=True)
        output = model.generate(**inputs, return_timestamps=True, return_segments=True, **options)
        return [[id for part in row for id in part["tokens"].tolist()] for row in output["segments"]]
    features = extractor(sounds, sampling_rate=16000, return_tensors="pt").input_features
    if way["times"]:
        output = model.generate(features, return_timestamps=True, return_segments=True, **options)
        return [[id for part in row for id in part["tokens"].tolist()] for row in output["segments"]]
    key = id(sounds[0])
    if key not in encoded:
        encoded[key] = model.model.encoder(features).last_hidden_state
    given = BaseModelOutput(last_hidden_state=encoded[key].clone())
    return [without_end(row) for row in model.generate(encoder_outputs=given, **options)]


encoded = {}
sounds = {own["name"]: sound_of(own["file"]) for own in work["recordings"]}
short = [name for name, own in sounds.items() if len(own) <= extractor.n_samples]
groups = [short[at : at + 8] for at in range(0, len(short), 8)] + [[name] for name in sounds if name not in short]
with torch.inference_mode(), results.open("a") as file:
    for way in work["ways"]:
        for names in groups:
            if all((way["name"], name) in done for name in names) or (names[0] not in short and not way["times"]):
                continue
            for name, ids in zip(names, write([sounds[name] for name in names], way)):
                if (way["name"], name) not in done:
                    file.write(json.dumps({"way": way["name"], "name": name, "ids": ids}) + "\n")
            file.flush()
print(json.dumps({"written": True}))
