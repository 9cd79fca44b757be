"""Fixtures of packages/architectures/src/whisper: tiny random Whispers, of several languages and of English alone, in the layout of published
ones but for hearing 2 seconds at a time; what transformers writes with them of short and long recordings, and what they learn.

Needs numpy, torch, tokenizers, transformers, safetensors. Run from the root of the repository:
    python tools/parity/whisper.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from family_fixture import randomise
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)
from transformers.models.whisper.tokenization_whisper import _combine_tokens_into_words

fixtures = Path("packages/architectures/fixtures/whisper")
seconds, positions = 2, 40
words = ["so it was said", "and the rest of it", "zwei und drei", "no more of this, please", "what is it?"]
languages = ["en", "de", "fr"]


def tokens_of(multilingual: bool) -> list[str]:
    """In the order of published vocabularies."""
    codes = [f"<|{code}|>" for code in (languages if multilingual else languages[:1])]
    more = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{step * 0.02:.2f}|>" for step in range(seconds * 50 + 1)]
    return ["<|endoftext|>", "<|startoftranscript|>", *codes, *more, *times]


def tokenizer_of(folder: Path, multilingual: bool) -> WhisperTokenizer:
    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=290, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    own.train_from_iterator(words, trainer)
    model = json.loads(own.to_str())["model"]
    tokenizer = WhisperTokenizer(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]])
    names = tokens_of(multilingual)
    split = next(index for index, name in enumerate(names) if name[2].isdigit())
    tokenizer.add_special_tokens({"additional_special_tokens": names[:split]})
    tokenizer.add_tokens(names[split:])
    tokenizer.save_pretrained(folder)
    return tokenizer


def sound(length: float, seed: int) -> np.ndarray:
    """Tones that rise and fall, in noise."""
    random = np.random.default_rng(seed)
    time = np.arange(int(length * 16000)) / 16000
    tones = sum(np.sin(2 * np.pi * (200 * (k + 1) + 150 * np.sin((k + 2) * time)) * time) for k in range(3))
    loudness = 0.2 * (1 + np.sin(2 * np.pi * (0.7 + 0.3 * seed) * time))
    return np.round((loudness * tones / 3 + 0.02 * random.standard_normal(len(time))) * 32767).astype(np.int16)


def sounds_of() -> tuple[list[np.ndarray], list[np.ndarray]]:
    short = [sound(length, index) for index, length in enumerate([0.5, 1.3, 2.0])]
    return short, [sound(length, 5 + index) for index, length in enumerate([4.1, 2.6])]


def write(name: str, seed: int, multilingual: bool) -> None:
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer = tokenizer_of(folder, multilingual)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in tokens_of(multilingual)}
    end, start, timeless = ids["<|endoftext|>"], ids["<|startoftranscript|>"], ids["<|notimestamps|>"]
    assert timeless + 1 == ids["<|0.00|>"] and end + 1 == start
    vocabulary = ids[f"<|{seconds:.2f}|>"] + 1
    config = WhisperConfig(
        vocab_size=vocabulary, num_mel_bins=8, d_model=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=24,
        decoder_layers=2, decoder_attention_heads=2, decoder_ffn_dim=24, max_source_positions=seconds * 50,
        max_target_positions=positions, pad_token_id=end, bos_token_id=end, eos_token_id=end, decoder_start_token_id=start,
        median_filter_width=7, suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    extractor = WhisperFeatureExtractor(feature_size=8, chunk_length=seconds)
    extractor.save_pretrained(folder)
    model = WhisperForConditionalGeneration(config).eval()
    randomise(model, seed, 0.4)
    model.tie_weights()
    common = dict(
        decoder_start_token_id=start, eos_token_id=end, pad_token_id=end, bos_token_id=end, max_length=positions,
        no_timestamps_token_id=timeless, prev_sot_token_id=ids["<|startofprev|>"], max_initial_timestamp_index=50,
        suppress_tokens=[1, 2, 7, 8, ids["<|startoflm|>"], ids["<|startofprev|>"], ids["<|nospeech|>"]],
        begin_suppress_tokens=[220, end], return_timestamps=False, is_multilingual=multilingual,
        alignment_heads=[[0, 1], [1, 0], [1, 1]],
    )  # fmt: skip
    if multilingual:
        common |= dict(
            lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in languages},
            task_to_id={task: ids[f"<|{task}|>"] for task in ("translate", "transcribe")},
        )
    model.generation_config = GenerationConfig(**common)
    model.save_pretrained(folder)

    short, long = ([own.astype(np.float32) / 32768 for own in sounds] for sounds in sounds_of())
    features = extractor(short, sampling_rate=16000, return_tensors="pt").input_features
    prompt = tokenizer.get_prompt_ids("so it was", return_tensors="np").tolist()

    asked = {
        "plain": {}, "timestamps": dict(return_timestamps=True),
        "prompt": dict(prompt_ids=torch.tensor(prompt)),
        "prompt with timestamps": dict(prompt_ids=torch.tensor(prompt), return_timestamps=True),
        "beams": dict(num_beams=5), "beams with timestamps": dict(num_beams=3, return_timestamps=True),
    }  # fmt: skip
    if multilingual:
        asked |= {
            "german": dict(language="de", task="transcribe"), "translated": dict(language="french", task="translate"),
            "detected and translated": dict(task="translate", return_timestamps=True),
        }  # fmt: skip
    cases = []
    for title, options in asked.items():
        output = model.generate(features, return_segments=True, **options)
        rows = [[part(own) for own in row] for row in output["segments"]]
        cases.append({"title": title, "segments": rows})
        print(name, title, [sum(len(own["tokens"]) for own in row) for row in rows])
    languages_heard = model.detect_language(features).tolist() if multilingual else None

    inputs = extractor(long, sampling_rate=16000, return_tensors="pt", truncation=False, padding="longest", return_attention_mask=True)
    ways = {
        "long": {}, "conditioned": dict(condition_on_prev_tokens=True),
        "conditioned on a prompt": dict(condition_on_prev_tokens=True, prompt_ids=torch.tensor(prompt), prompt_condition_type="all-segments"),
        "skipping": dict(no_speech_threshold=0.0, temperature=(0.0,)),
        "with a first prompt": dict(prompt_ids=torch.tensor(prompt)), "in beams": dict(num_beams=3),
        "words": dict(return_token_timestamps=True), "words in beams": dict(return_token_timestamps=True, num_beams=3),
        "in beams, skipping": dict(num_beams=3, no_speech_threshold=0.0, temperature=(0.0,)),
    }  # fmt: skip
    own_language = dict(language="de", task="transcribe") if multilingual else {}

    def heard(**options):
        # Each by itself: in a batch Python pads what was said before to the longest, and forgets a mask.
        rows = []
        for index in range(len(long)):
            frames = int(inputs.attention_mask[index].sum())
            mask = inputs.attention_mask[index : index + 1, :frames]
            output = model.generate(inputs.input_features[index : index + 1, :, :frames], attention_mask=mask, return_segments=True, return_timestamps=True, **own_language, **options)
            rows.append([with_words(own, tokenizer) if "return_token_timestamps" in options else part(own) for own in output["segments"][0]])
        return rows

    def some_windows(options):
        """With a threshold of the likelihood at which some windows are passed over, and others are not."""
        most = sum(map(len, heard(num_beams=options.get("num_beams", 1))))
        least, largest = -8.0, 0.0
        for _ in range(12):
            threshold = (least + largest) / 2
            rows = heard(**options, logprob_threshold=threshold)
            count = sum(map(len, rows))
            if 0 < count < most:
                return threshold, rows
            least, largest = (threshold, largest) if count == most else (least, threshold)
        raise AssertionError("no such threshold")

    for title, options in ways.items():
        threshold, rows = some_windows(options) if "skipping" in title else (None, heard(**options))
        cases.append({"title": title, "segments": rows} | ({"logprobThreshold": threshold} if threshold is not None else {}))
        print(name, title, [len(row) for row in rows])

    repeated = [[7, 8, 9] * 20, list(range(1, 400, 7)), [300]]
    texts = ["so it was said", "drei", "what is it?"]
    prefix = [ids["<|de|>"], ids["<|transcribe|>"], timeless] if multilingual else [timeless]
    targets = [prefix + tokenizer(text, add_special_tokens=False).input_ids + [end] for text in texts]
    width = max(map(len, targets))
    labels = torch.tensor([own + [-100] * (width - len(own)) for own in targets])
    loss = model(input_features=features, labels=labels).loss
    loss.backward()
    gradients = {key: value.grad.contiguous() for key, value in model.named_parameters() if value.grad is not None}
    save_file(gradients, folder / "gradients.safetensors")
    case = {
        "cases": cases, "languages": languages_heard, "prompt": prompt, "texts": texts, "targets": targets, "loss": loss.item(),
        "promptText": "so it was", "compression": [[own, model._retrieve_compression_ratio(torch.tensor(own), vocabulary)] for own in repeated],
        "decoded": [[tokenizer.decode(own["tokens"], skip_special_tokens=True) for own in row] for row in cases[1]["segments"]],
    }  # fmt: skip
    (folder / "expected.json").write_text(json.dumps(case) + "\n")
    print(f"{name}: {sum(file.stat().st_size for file in folder.iterdir()) / 1024:.0f} KiB, loss {loss.item():.4f}")


def with_words(segment, tokenizer) -> dict:
    """With the times of its words: each begins where the token before it comes to its end, as `_decode_asr` has it."""
    times, first = segment["result"]["token_timestamps"].tolist(), segment["idxs"][0]
    offset = float(segment["token_timestamps"][0]) - times[first]
    tokens = segment["tokens"].tolist()
    places = [place for place, token in enumerate(tokens) if token < tokenizer.eos_token_id]
    words, _, indices = _combine_tokens_into_words(tokenizer, [tokens[place] for place in places], "english")
    at = lambda place: round(offset + times[first + place], 4)
    spans = [(at(places[own[0]] - 1), at(places[own[-1]])) for own in indices]
    return part(segment) | {"words": [{"text": text, "start": start, "end": end} for text, (start, end) in zip(words, spans)]}


def part(segment) -> dict:
    return {"start": float(segment["start"]), "end": float(segment["end"]), "tokens": segment["tokens"].tolist()}


def main() -> None:
    fixtures.mkdir(parents=True, exist_ok=True)
    short, long = sounds_of()
    save_file({f"{index}": torch.tensor(own) for index, own in enumerate(short + long)}, fixtures / "sounds.safetensors")
    write("multilingual", 1, True)
    write("english", 2, False)


if __name__ == "__main__":
    main()
