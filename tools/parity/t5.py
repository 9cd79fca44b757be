"""Fixtures of packages/architectures/src/t5, and of the buckets of packages/nn: tiny random checkpoints of T5, and what transformers computes and writes with them.

Needs torch, transformers, tokenizers, safetensors. Run from the root of the repository:
    python tools/parity/t5.py
"""

import json
import shutil
from pathlib import Path

import torch
from family_fixture import randomise
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, trainers
from transformers import GenerationConfig, T5Config, T5ForConditionalGeneration, T5Tokenizer
from transformers.models.t5.modeling_t5 import T5Attention

fixtures = Path("packages/architectures/fixtures/t5")
texts = ["translate English to German: The house is small.", "summarize: a red cube", "two balls lie in the grass"]


def tokenizer() -> T5Tokenizer:
    """A unigram model of few pieces, in the files that T5's tokenizer has."""
    trained = Tokenizer(models.Unigram())
    words = [("▁" + word) for text in texts for word in text.split()]
    special = ["<pad>", "</s>", "<unk>"]
    trained.train_from_iterator(words * 4, trainers.UnigramTrainer(vocab_size=60, special_tokens=special, unk_token="<unk>", show_progress=False))
    vocab = [tuple(piece) for piece in json.loads(trained.to_str())["model"]["vocab"]]
    return T5Tokenizer(vocab=vocab, extra_ids=4, model_max_length=64)


def case(name: str, seed: int, tied: bool, **options) -> None:
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    own = tokenizer()
    config = T5Config(
        vocab_size=len(own) + 4, d_model=12, d_kv=4, d_ff=16, num_layers=2, num_decoder_layers=1 if tied else 2, num_heads=2,
        relative_attention_num_buckets=8, relative_attention_max_distance=6, decoder_start_token_id=0, tie_word_embeddings=tied, **options,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config).eval()
    if not tied:
        model.lm_head.weight = torch.nn.Parameter(torch.zeros(config.vocab_size, config.d_model))
    randomise(model, seed, std=0.25)
    model.generation_config = GenerationConfig(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0)
    model.save_pretrained(folder)
    own.save_pretrained(folder)
    model.double()  # what is compared is off by our rounding alone

    cases = []
    for side in ("right", "left"):
        own.padding_side = side
        read = own(texts, return_tensors="pt", padding=True)
        labels = own(["das Haus", "a cube", "two balls in the grass."], return_tensors="pt", padding=True, padding_side="right").input_ids
        labels[labels == 0] = -100
        model.zero_grad()
        output = model(**read, labels=labels)
        output.loss.backward()
        written = model.generate(**read, max_new_tokens=14, do_sample=False)[:, 1:]
        mask = read.attention_mask
        cases.append({
            "ids": read.input_ids.tolist(),
            "mask": mask.tolist(),
            "labels": [[token for token in row if token >= 0] for row in labels.tolist()],
            "loss": output.loss.item(),
            "encoded": (output.encoder_last_hidden_state * mask[..., None]).tolist(),
            "written": [row[: row.index(1) + 1 if 1 in row else None] for row in written.tolist()],
            "answers": own.batch_decode(written, skip_special_tokens=True),
        })  # fmt: skip
    (folder / "expected.json").write_text(json.dumps({"texts": texts, "cases": cases}) + "\n")
    gradients = {n: p.grad.float().contiguous() for n, p in model.named_parameters()}
    save_file(gradients, folder / "gradients.safetensors")
    print(name, output.loss.item(), [len(row) for row in cases[0]["written"]])


case("relu-tied", 91, True)
case("gated-untied", 92, False, feed_forward_proj="gated-gelu")

buckets = {
    f"{count} {most} {both}": T5Attention._relative_position_bucket(torch.arange(-most - 3, most + 4), both, count, most).tolist()
    for count, most in [(32, 128), (8, 6), (16, 100)]
    for both in [True, False]
}
Path("packages/nn/fixtures/relative-position-buckets.json").write_text(json.dumps(buckets) + "\n")
