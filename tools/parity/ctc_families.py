"""Fixtures of packages/architectures/src/ctc: tiny random wav2vec 2.0 and HuBERT that write by CTC, and what transformers computes with them.

Needs numpy, torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/ctc_families.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from family_fixture import randomise
from safetensors.torch import save_file
from transformers import (
    AutomaticSpeechRecognitionPipeline,
    HubertConfig,
    HubertForCTC,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
)

fixtures = Path("packages/architectures/fixtures/ctc")
vocabulary = ["<pad>", "<s>", "</s>", "<unk>", "|", "E", "T", "A", "O", "N", "'"]
texts = ["tea at noon", "one", "a note to toneet"]


def sound(length: float, seed: int) -> np.ndarray:
    """Tones that rise and fall, in noise."""
    random = np.random.default_rng(seed)
    time = np.arange(int(length * 16000)) / 16000
    tones = sum(np.sin(2 * np.pi * (200 * (k + 1) + 150 * np.sin((k + 2) * time)) * time) for k in range(3))
    return np.round((0.2 * tones / 3 + 0.02 * random.standard_normal(len(time))) * 32767).astype(np.int16)


sounds = [sound(length, index) for index, length in enumerate([0.5, 0.3, 0.41, 2.3])]
floats = [(one / 32768).astype(np.float32) for one in sounds]


def write(name: str, model_class: type, config_class: type, blank: int, seed: int, **options: object) -> None:
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokens = vocabulary[1 : blank + 1] + ["<pad>"] + vocabulary[blank + 1 :]
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), do_lower_case=True)
    tokenizer.save_pretrained(folder)
    extractor = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    extractor.save_pretrained(folder)
    config = config_class(
        vocab_size=len(tokens), pad_token_id=blank, bos_token_id=None, eos_token_id=None, hidden_size=16,
        num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, conv_dim=[8, 8, 8], conv_stride=[5, 4, 4],
        conv_kernel=[10, 4, 4], num_feat_extract_layers=3, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
        hidden_dropout=0, activation_dropout=0, attention_dropout=0, feat_proj_dropout=0, final_dropout=0, layerdrop=0,
        mask_time_prob=0, **options,
    )  # fmt: skip
    model = model_class(config).eval()
    randomise(model, seed, 0.3)
    inputs = extractor(floats[:3], sampling_rate=16000, return_tensors="pt", padding=True)
    with torch.no_grad():  # what differs between frames is to decide what is written
        hidden = model.base_model(**inputs).last_hidden_state.flatten(0, 1)
        model.lm_head.weight *= 2 / (hidden @ model.lm_head.weight.T).std(0).mean()
        model.lm_head.bias[:] = -(model.lm_head.weight @ hidden.mean(0))
        model.lm_head.bias[blank] += 1
    model.save_pretrained(folder)
    labels = tokenizer(texts, return_tensors="pt", padding=True)
    model.double()
    inputs = {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()}
    wanted = labels.input_ids.masked_fill(labels.attention_mask == 0, -100)
    samples = inputs["attention_mask"].sum(1)
    lengths = model._get_feat_extract_output_lengths(samples).tolist()
    if model.config.feat_extract_norm == "group":  # Python takes padding into the norm, so that each is to be heard alone
        heard = [model(input_values=inputs["input_values"][i : i + 1, :n], labels=wanted[i : i + 1]) for i, n in enumerate(samples)]
        loss = sum(one.loss for one in heard)
        logits = torch.nn.utils.rnn.pad_sequence([one.logits[0] for one in heard], batch_first=True)
    else:
        output = model(**inputs, labels=wanted)
        loss, logits = output.loss, output.logits
    loss.backward()
    paths = [row[:length].argmax(-1) for row, length in zip(logits, lengths)]
    told = [tokenizer.decode(path, output_word_offsets=True) for path in paths]
    model.float()
    pipe = AutomaticSpeechRecognitionPipeline(model, feature_extractor=extractor, tokenizer=tokenizer, device="cpu")
    long = pipe(floats[3].copy(), chunk_length_s=0.8, stride_length_s=0.2, return_timestamps="word")
    expected = {
        "loss": loss.item(),
        "frames": lengths,
        "labels": [tokenizer(text).input_ids for text in texts],
        "ids": [path.tolist() for path in paths],
        "texts": [one.text for one in told],
        "words": [
            [[word["word"], int(word["start_offset"]), int(word["end_offset"])] for word in one.word_offsets] for one in told
        ],
        "long": {
            "text": long["text"],
            "words": [[chunk["text"], *chunk["timestamp"]] for chunk in long["chunks"]],
        },
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
    tensors = {f"gradient.{key}": value.grad.float() for key, value in model.named_parameters() if value.grad is not None}
    tensors["logits"] = logits.detach().float()
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "expected.safetensors")


if __name__ == "__main__":
    fixtures.mkdir(parents=True, exist_ok=True)
    save_file({str(index): torch.from_numpy(one) for index, one in enumerate(sounds)}, fixtures / "sounds.safetensors")
    write("wav2vec2", Wav2Vec2ForCTC, Wav2Vec2Config, 0, 3, ctc_loss_reduction="sum")
    write(
        "hubert", HubertForCTC, HubertConfig, 3, 5,
        ctc_loss_reduction="mean", ctc_zero_infinity=True, feat_extract_norm="layer", do_stable_layer_norm=True,
    )  # fmt: skip
