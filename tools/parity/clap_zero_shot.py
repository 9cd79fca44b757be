"""Fixtures of packages/architectures: tiny CLAP with its processors, and the probabilities that Python gives recordings.

Needs numpy, torch, transformers, tokenizers. Run from the root of the repository:
    python tools/parity/clap_zero_shot.py
"""

import json
import shutil
import wave
from pathlib import Path

import numpy as np
import torch
from clap_family import randomise_all
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, PreTrainedTokenizerFast

fixtures = Path("packages/architectures/fixtures/clap")
rate = 8000
texts = [
    "a dog that barks", "the sound of rain on a roof", "Music, with a flute & two drums!", "naïve cafés 🐶", "", "a cat",
    "someone speaks for a very long time and says nothing that anyone would want to hear again, whatever they may say",
]  # fmt: skip

# Where Python draws where a part begins, the middle of what it draws from.
np.random.choice = lambda values: values[len(values) // 2]
np.random.randint = lambda low, high: (low + high) // 2


def recordings() -> dict[str, np.ndarray]:
    """16-bit sound: shorter than a second, just as long, and longer."""
    noise = np.random.default_rng(3).standard_normal
    time = lambda length: np.arange(length) / rate
    sounds = {
        "long-chirp": 0.4 * np.sin(2 * np.pi * (200 + 500 * time(14321)) * time(14321)) + 0.02 * noise(14321),
        "short-noise": 0.2 * noise(3001),
        "one-second": 0.3 * np.sin(2 * np.pi * 440 * time(8000)) + 0.01 * noise(8000),
    }
    return {name: np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16) for name, sound in sounds.items()}


def roberta_tokenizer() -> PreTrainedTokenizerFast:
    """As CLAP's: bytes, merges, and the special tokens of RoBERTa."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = dict(bos_token="<s>", cls_token="<s>", pad_token="<pad>", eos_token="</s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=24, **names)


def write(name: str, sounds: dict[str, np.ndarray], **options) -> None:
    folder = fixtures / name
    extractor = ClapFeatureExtractor(
        feature_size=64, sampling_rate=rate, hop_length=80, max_length_s=1, fft_window_size=256, frequency_min=50,
        frequency_max=3800, **options,
    )  # fmt: skip
    tokenizer = roberta_tokenizer()
    config = ClapConfig(
        text_config=dict(
            vocab_size=len(tokenizer), hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=26,
        ),
        audio_config=dict(
            spec_size=128, num_mel_bins=64, patch_size=8, patch_stride=[8, 8], window_size=4, depths=[2, 1], num_attention_heads=[1, 2], patch_embeds_hidden_size=8,
            hidden_size=16, mlp_ratio=2.0, enable_fusion=options["truncation"] == "fusion",
        ),
        projection_dim=6,
    )  # fmt: skip
    model = ClapModel(config)
    randomise_all(model, 11, std=0.4)
    with torch.no_grad():
        model.logit_scale_a.fill_(1.7)
        model.audio_model.audio_encoder.batch_norm.running_mean.sub_(20)  # decibels
        model.audio_model.audio_encoder.batch_norm.running_var.mul_(300)
    model.eval().save_pretrained(folder)
    extractor.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    waves = [sound.astype(np.float32) / 32768 for sound in sounds.values()]
    inputs = extractor(waves, sampling_rate=rate, return_tensors="pt") | tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    with torch.no_grad():
        output = model(**inputs)
    expected = {
        "audios": [f"{name}.wav" for name in sounds],
        "texts": texts,
        "ids": [tokenizer(text, truncation=True)["input_ids"] for text in texts],
        "isLonger": inputs["is_longer"].flatten().tolist(),
        "audioEmbeddings": output.audio_embeds.tolist(),
        "textEmbeddings": output.text_embeds.tolist(),
        "probabilities": output.logits_per_audio.softmax(-1).tolist(),
    }
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
    print(name, expected["isLonger"], output.logits_per_audio.softmax(-1).numpy().round(2).tolist())


if __name__ == "__main__":
    shutil.rmtree(fixtures, ignore_errors=True)
    sounds = recordings()
    write("unfused", sounds, truncation="rand_trunc", padding="repeatpad")
    write("fused", sounds, truncation="fusion", padding="pad")
    write("fused-short", {"short-noise": sounds["short-noise"]}, truncation="fusion", padding="repeat")
    for name, sound in sounds.items():
        with wave.open(str(fixtures / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(sound.astype("<i2").tobytes())
