"""Fixtures of packages/encoder-audio: log-mel frames, resampled signals and encoded files.

Needs numpy, scipy, safetensors, soundfile, transformers. Run from the root of the repository:
    python tools/parity/audio.py
"""

from pathlib import Path

import numpy as np
import soundfile
from safetensors.numpy import save_file
from scipy.signal import resample_poly
from scipy.special import i0
from transformers import WhisperFeatureExtractor
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

fixtures = Path("packages/encoder-audio/fixtures")
rng = np.random.default_rng(7)


def sound(rate: int, seconds: float) -> np.ndarray:
    """A rising tone with overtones, a pause, and noise 40 dB below, as 16-bit sound has it."""
    t = np.arange(int(rate * seconds)) / rate
    phase = 2 * np.pi * (150 * t + 900 * t**2)
    tone = sum(np.sin(k * phase) / k for k in (1, 2, 3, 5)) * (np.abs(t - 0.6 * seconds) > 0.08 * seconds)
    mixed = 0.3 * tone + 0.003 * rng.standard_normal(len(t))
    return np.round(mixed * 32767).astype(np.float32) / 32768


def whisper(samples: np.ndarray) -> np.ndarray:
    extractor = WhisperFeatureExtractor(feature_size=80)
    features = extractor(samples, sampling_rate=16000, padding="longest", return_tensors="np")
    return np.ascontiguousarray(features["input_features"][0].T, dtype=np.float32)


def log_mel(samples, rate, window, hop, fft, bands, low, high, scale, norm) -> np.ndarray:
    filters = mel_filter_bank(fft // 2 + 1, bands, low, high, rate, norm=norm, mel_scale=scale)
    frames = spectrogram(
        samples, window_function(window, "hann"), window, hop, fft,
        power=2.0, mel_filters=filters, mel_floor=1e-10, log_mel="log10",
    )
    return np.ascontiguousarray(frames.T[: max(1, len(samples) // hop)], dtype=np.float32)


def resampled(samples: np.ndarray, up: int, down: int) -> np.ndarray:
    """Kaiser-windowed sinc: 24 zero crossings a side, beta 8.6, cut-off at 0.945 of the narrower Nyquist frequency."""
    bandwidth = min(1.0, up / down)
    half = int(24 / bandwidth * up)
    time = np.arange(-half, half + 1) / up
    window = i0(8.6 * np.sqrt(np.maximum(0, 1 - (time * bandwidth / 24) ** 2)))
    taps = window * np.sinc(time * bandwidth * 0.945)
    return resample_poly(samples.astype(np.float64), up, down, window=taps / taps.sum()).astype(np.float32)


wide = sound(16000, 0.5)
narrow = sound(8000, 0.6)
short = sound(16000, 0.009)  # shorter than half a window: mirrored more than once
noise = rng.standard_normal(900).astype(np.float32)
ratios = [(2, 1), (1, 2), (160, 441), (3, 2), (16000, 16001), (8000, 44101)]
save_file(
    {
        "wide": wide,
        "narrow": narrow,
        "short": short,
        "noise": noise,
        "whisper": whisper(wide),
        "slaney": log_mel(wide, 16000, 400, 160, 512, 80, 0.0, 8000.0, "slaney", "slaney"),
        "htk": log_mel(wide, 16000, 400, 160, 400, 40, 60.0, 7600.0, "htk", None),
        "narrow8k": log_mel(narrow, 8000, 200, 80, 256, 40, 0.0, 4000.0, "slaney", "slaney"),
        "short16k": log_mel(short, 16000, 400, 160, 512, 40, 0.0, 8000.0, "slaney", "slaney"),
        **{f"resampled_{up}_{down}": resampled(noise, up, down) for up, down in ratios},
    },
    fixtures / "audio.safetensors",
)

# 440 Hz on the left, 1000 Hz on the right, a quarter of a second.
t = np.arange(11025) / 44100
tones = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 1000 * t)], axis=1)
soundfile.write(fixtures / "tones.flac", tones, 44100, format="FLAC", subtype="PCM_16")
soundfile.write(fixtures / "tones.mp3", tones, 44100, format="MP3")
soundfile.write(fixtures / "tones.ogg", tones, 44100, format="OGG", subtype="VORBIS")
t = np.arange(12000) / 48000
tones = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 1000 * t)], axis=1)
soundfile.write(fixtures / "tones.opus", tones, 48000, format="OGG", subtype="OPUS")
soundfile.write(fixtures / "tones-24bit.wav", tones[:2400], 48000, format="WAV", subtype="PCM_24")

# 50 ms of one channel.
t = np.arange(400) / 8000
soundfile.write(fixtures / "mono.mp3", 0.5 * np.sin(2 * np.pi * 440 * t), 8000, format="MP3")
