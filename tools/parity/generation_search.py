"""Fixtures of search in beams and of stop strings: what transformers finds with the tiny language models of generation.py (beams.json beside
each), and after which tokens it stops (packages/encoder-text/fixtures/generation/stop-strings.json).

Needs torch, transformers, tokenizers, and the fixtures of generation.py and text.py. Run from the root of the repository:
    python tools/parity/generation_search.py
"""

import json
import random
from pathlib import Path

import torch
import transformers
from generation import camel, cut, fixtures, left_padded, prompts_of, text_fixtures, tokenizer_fixtures
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from transformers.generation.stopping_criteria import StopStringCriteria

some = [5, 17, 23, 31, 40, 44, 52]  # often enough for sequences to end with them
cases = {
    "gpt2": [
        ((7, 3, 5), dict(num_beams=4, max_new_tokens=10)),
        ((4, 6), dict(num_beams=3, num_return_sequences=3, max_new_tokens=14, eos_token_id=some, length_penalty=0.6)),
        ((4, 6, 2), dict(num_beams=3, num_return_sequences=2, max_new_tokens=14, eos_token_id=some, early_stopping=True)),
        ((4, 6), dict(num_beams=4, num_return_sequences=2, max_new_tokens=14, eos_token_id=some, early_stopping="never", length_penalty=1.5)),
        ((5, 2), dict(num_beams=3, num_return_sequences=3, max_new_tokens=12, eos_token_id=some, length_penalty=-1.0, repetition_penalty=1.4)),
        ((9,), dict(num_beams=2, max_new_tokens=150, repetition_penalty=1.2)),
    ],
    "llama": [
        ((3, 11, 6), dict(num_beams=5, num_return_sequences=2, max_new_tokens=12, no_repeat_ngram_size=2)),
        ((8, 2), dict(num_beams=3, num_return_sequences=3, max_new_tokens=16, eos_token_id=some, early_stopping="never", length_penalty=0.0)),
        ((8, 2), dict(num_beams=3, num_return_sequences=3, max_new_tokens=16, eos_token_id=some, min_new_tokens=5, bad_words_ids=[[7], [3, 4]], suppress_tokens=[0, 9])),
    ],
    "qwen2": [
        ((8, 4, 1), dict(num_beams=4, num_return_sequences=4, max_new_tokens=12, eos_token_id=some, repetition_penalty=1.3, no_repeat_ngram_size=3)),
    ],
    "qwen2-windows": [((9, 3), dict(num_beams=3, num_return_sequences=2, max_new_tokens=20, eos_token_id=[5], early_stopping=True))],
}  # fmt: skip


def searched(model, prompts, options):
    ids, mask = left_padded(prompts)
    output = model.generate(ids, attention_mask=mask, pad_token_id=0, return_dict_in_generate=True, output_scores=True, **options)
    sequences = [cut(row, options.get("eos_token_id", [])) for row in output.sequences[:, ids.shape[1] :].tolist()]
    return sequences, output.sequences_scores.tolist()


def beams() -> None:
    for name, runs in cases.items():
        single = AutoModelForCausalLM.from_pretrained(fixtures / name).eval()
        double = AutoModelForCausalLM.from_pretrained(fixtures / name).eval().double()
        written = []
        for number, (lengths, options) in enumerate(runs):
            for attempt in range(50):
                prompts = prompts_of(lengths, 1000 * number + attempt)
                sequences, scores = searched(single, prompts, options)
                if searched(double, prompts, options)[0] == sequences:  # rounding decides nothing
                    break
            else:
                raise AssertionError("no prompts without a near tie")
            written.append({"prompts": prompts, "options": camel(options), "continuations": sequences, "scores": scores})
        (fixtures / name / "beams.json").write_text(json.dumps(written) + "\n")


def stops() -> None:
    """Of random texts, whether each of their beginnings ends with a token that completes a string."""
    draw = random.Random(7)
    written = {}
    for name in ("byte-level-bpe", "split-bpe", "sentence-piece"):
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_fixtures / f"{name}.json"))
        plain = [id for id in range(len(tokenizer)) if tokenizer.decode([id], skip_special_tokens=True).isascii() and id not in tokenizer.all_special_ids]
        rows = []
        while len(rows) < 24:
            ids = [draw.choice(plain) for _ in range(draw.randint(3, 12))]
            text = tokenizer.decode(ids)
            strings = []
            for _ in range(draw.randint(1, 3)):
                start = draw.randrange(max(1, len(text) - 1))
                strings.append(text[start : start + draw.randint(1, 5)])
            if not all(strings):
                continue
            criterion = StopStringCriteria(tokenizer, strings)
            rows.append({
                "ids": ids,
                "strings": strings,
                "stops": [bool(criterion(torch.tensor([ids[:end]]), None)[0]) for end in range(1, len(ids) + 1)],
            })  # fmt: skip
        written[name] = rows
    (text_fixtures / "stop-strings.json").write_text(json.dumps(written, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    beams()
    stops()
