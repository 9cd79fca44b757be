"""Fixtures of packages/encoder-audio: what the feature extractors of transformers make of sounds of every kind.

The sounds are not stored: `sound` makes them with operations that are exact, and the test makes the same ones.
Needs numpy, safetensors, torch, transformers. Run from the root of the repository:
    python tools/parity/audio_features.py
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from transformers import ASTFeatureExtractor, ClapFeatureExtractor, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

folder = Path("packages/encoder-audio/fixtures/features")
folder.mkdir(parents=True, exist_ok=True)

# Where Python draws where a part begins, the middle of what it draws from.
np.random.choice = lambda values: values[len(values) // 2]
np.random.randint = lambda low, high: (low + high) // 2


def sound(kind: str, length: int) -> np.ndarray:
    """16-bit sound. `mixed` has rising tones, noise, pauses and a constant offset; `clipped` is loud noise, cut off."""
    values = np.zeros(length)
    state, phase = 1, 0.0
    for n in range(length):
        state = state * 16807 % 2147483647
        noise = state / 2147483647 - 0.5
        phase = (phase + 0.005 + (n % 50000) * 0.000008) % 1
        wave = 4 * (2 * phase - 1) * (1 - abs(2 * phase - 1))  # nearly a sine
        if kind == "mixed":
            values[n] = (wave * 0.4 + noise * 0.05) * (n % 7000 < 5000) + noise * 0.001 + 0.01
        elif kind == "clipped":
            values[n] = noise * 6
        elif kind == "quiet":
            values[n] = noise * 0.0002
        elif kind == "constant":
            values[n] = 0.25
        elif kind == "click":
            values[n] = 1.0 if n == length // 3 else 0.0
    return (np.clip(np.floor(values * 32768 + 0.5), -32768, 32767) / 32768).astype(np.float32)


cases, tensors = [], {}


def case(extractor, signals, feature: str, step: int = 1, file: dict | None = None, **call) -> None:
    """Of features (P, …, frames, bins) every `step`-th frame is stored."""
    content = json.loads(extractor.to_json_string())
    content.update(file or {})
    content.pop("mel_filters", None)
    name = f"{len(cases)} {type(extractor).__name__}"
    waves = [sound(*signal) for signal in signals]
    out = extractor(waves, sampling_rate=extractor.sampling_rate, return_tensors="np", **call)
    values = np.asarray(out[feature], np.float32)
    axis = values.ndim - 1 if type(extractor) is Wav2Vec2FeatureExtractor else values.ndim - 2
    if type(extractor) is WhisperFeatureExtractor:
        values = values.transpose(0, 2, 1)
    kept = np.take(values, range(0, values.shape[axis], step), axis)
    tensors[name] = np.ascontiguousarray(kept)
    if "attention_mask" in out:
        mask = np.asarray(out["attention_mask"], np.float32)
        tensors[f"{name} mask"] = np.ascontiguousarray(mask[:, ::step])
    if "is_longer" in out:
        tensors[f"{name} isLonger"] = np.asarray(out["is_longer"], np.float32)[:, 0]
    cases.append({"name": name, "content": content, "signals": signals, "shape": list(values.shape), "step": step})


def wav2vec2() -> None:
    for signal in [("mixed", 16001), ("quiet", 400), ("clipped", 7777), ("constant", 5000), ("click", 1203)]:
        case(Wav2Vec2FeatureExtractor(), [signal], "input_values", step=3)
    case(Wav2Vec2FeatureExtractor(do_normalize=False), [("mixed", 4000)], "input_values", step=3)
    masked = Wav2Vec2FeatureExtractor(return_attention_mask=True, padding_value=-1.5)
    case(masked, [("mixed", 9000), ("clipped", 4097), ("quiet", 401)], "input_values", step=5, padding=True)


def whisper() -> None:
    signals = [("mixed", 16000), ("clipped", 15999), ("quiet", 9001), ("click", 5000), ("mixed", 1), ("mixed", 40123)]
    small = {"chunk_length": 1, "return_attention_mask": True}
    masked = {"return_attention_mask": True}  # said in the file alone, Python's mask would be one of samples
    case(WhisperFeatureExtractor(**small), signals, "input_features", step=4, **masked)
    case(WhisperFeatureExtractor(feature_size=128, **small), signals[:3], "input_features", step=4, **masked)
    case(WhisperFeatureExtractor(), [("mixed", 480000), ("mixed", 123457)], "input_features", step=97)
    # The recording ends within a hop; a transform of a size with a large prime factor; padding that is no silence.
    odd = WhisperFeatureExtractor(n_fft=514, hop_length=199, padding_value=0.01, feature_size=40, **small)
    case(odd, [("mixed", 12345), ("clipped", 16000)], "input_features", step=3, **masked)


def ast() -> None:
    small = {"max_length": 60}
    signals = [("mixed", 9000), ("clipped", 9999), ("quiet", 5001), ("constant", 2000), ("click", 4000), ("mixed", 400)]
    case(ASTFeatureExtractor(**small), [*signals, ("mixed", 20000)], "input_values", step=3)
    case(ASTFeatureExtractor(num_mel_bins=40, mean=-6.5, std=3.25, **small), signals[:3], "input_values", step=3)
    case(ASTFeatureExtractor(do_normalize=False, **small), signals[:2], "input_values", step=4)
    case(ASTFeatureExtractor(), [("mixed", 170001), ("mixed", 61234)], "input_values", step=41)


def clap() -> None:
    small = {"max_length_s": 1}
    short = [("mixed", 14000), ("clipped", 47999), ("quiet", 48000), ("click", 30000), ("mixed", 100)]
    for padding in ("repeatpad", "repeat", "pad"):
        extractor = ClapFeatureExtractor(truncation="rand_trunc", padding=padding, frequency_min=50, **small)
        case(extractor, short, "input_features", step=8)
    long = [("mixed", 48001), ("mixed", 48479), ("mixed", 48480), ("mixed", 48960), ("mixed", 49441), ("mixed", 150001)]
    case(ClapFeatureExtractor(truncation="fusion", **small), [*short[:2], *long], "input_features", step=9)
    repeated = ClapFeatureExtractor(truncation="fusion", padding="repeat", **small)
    case(repeated, [*short[:1], *long[2:4]], "input_features", step=9)
    case(ClapFeatureExtractor(truncation="rand_trunc", **small), long, "input_features", step=8)
    case(ClapFeatureExtractor(truncation="fusion", **small), short[:1], "input_features", step=9)  # passes for longer
    published = {"chunk_length_s": 10, "n_fft": 1024, "nb_max_frames": 1000, "processor_class": "ClapProcessor"}
    unfused = ClapFeatureExtractor(truncation="rand_trunc", frequency_min=50)
    case(unfused, [("mixed", 200001)], "input_features", step=43, file=published)
    case(ClapFeatureExtractor(), [("mixed", 700001)], "input_features", step=61)


wav2vec2()
whisper()
ast()
clap()
save_file(tensors, folder / "expected.safetensors")
(folder / "cases.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
