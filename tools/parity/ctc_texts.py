"""Reference values for the head `ctc` of @polymodal/head-text.

- What Wav2Vec2CTCTokenizer of transformers makes of texts (ids), and of the likeliest ids of frames: text and word offsets.
- The best text of pyctcdecode's beam search without a language model, over random frames.
- Word and character error rates of jiwer.

Needs `pip install pyctcdecode` beside the other requirements.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import jiwer
import numpy as np
from pyctcdecode import build_ctcdecoder
from transformers import Wav2Vec2CTCTokenizer

FIXTURE = Path(__file__).resolve().parents[2] / "packages" / "head-text" / "fixtures" / "ctc-texts.json"
TOKENS = ["<pad>", "<s>", "</s>", "<unk>", "|", "E", "T", "A", "O", "'"]
PAIRS = [
    ("one two three", "one two three"),
    ("one two three", "one too three"),
    ("one  two three ", "two three three three"),
    ("seven", ""),
    ("nine ähnlich four", "nine ahnlich four four"),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.json"
        vocabulary.write_text(json.dumps({token: index for index, token in enumerate(TOKENS)}))
        plain = Wav2Vec2CTCTokenizer(str(vocabulary))
        lower = Wav2Vec2CTCTokenizer(str(vocabulary), do_lower_case=True)
    rng = np.random.default_rng(0)
    paths = [
        [0, 6, 6, 0, 4, 4, 7, 0, 7, 7, 0, 0],
        [4, 4, 5, 5, 0, 5, 3, 4, 0, 4, 8, 9],
        [0, 0, 0],
        *(rng.choice([0, 4, 5, 6, 7], 24, p=[0.4, 0.15, 0.15, 0.15, 0.15]).tolist() for _ in range(4)),
    ]
    decoded = []
    for path in paths:
        told = lower.decode(path, output_word_offsets=True)
        words = [{**word, "word": word["word"]} for word in told.word_offsets]
        spans = [[word["word"], int(word["start_offset"]), int(word["end_offset"])] for word in words]
        decoded.append({"path": path, "text": plain.decode(path), "lower": told.text, "words": spans})
    texts = ["TEA AT TOE", "TOE'S", "A  TEA", "", "tea <unk>at"]
    encoded = [{"text": t, "ids": plain(t).input_ids, "lower": lower(t).input_ids} for t in texts]
    labels = [" ", "a", "b", "c", ""]
    decoder = build_ctcdecoder(labels)
    searched = []
    for _ in range(6):
        logits = (2 * rng.standard_normal((14, len(labels)))).astype(np.float32)
        logs = logits - np.log(np.exp(logits.astype(np.float64)).sum(1, keepdims=True)).astype(np.float32)
        text = decoder.decode(logs, beam_width=500, beam_prune_logp=-1000, token_min_logp=-1000)
        searched.append({"frames": [[round(float(one), 6) for one in row] for row in logs], "text": text})
    rates = {
        "pairs": PAIRS,
        "words": [jiwer.wer(*pair) for pair in PAIRS],
        "characters": [jiwer.cer(*pair) for pair in PAIRS],
        "allWords": jiwer.wer(*map(list, zip(*PAIRS))),
        "allCharacters": jiwer.cer(*map(list, zip(*PAIRS))),
    }
    fixture = {"tokens": TOKENS, "decoded": decoded, "encoded": encoded, "searched": searched, "rates": rates}
    FIXTURE.write_text(json.dumps(fixture) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
