"""Fixtures of packages/architectures/src/language-model: tiny language models, what transformers generates with them and how, and what
they learn; of packages/encoder-text/src/generation: texts of tokens; and of packages/generation: what its processors make of logits.

Needs torch, transformers, tokenizers, safetensors. Run from the root of the repository:
    python tools/parity/generation.py
"""

import json
import re
import shutil
from pathlib import Path

import torch
import transformers
from family_fixture import randomise
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM
from transformers.generation import logits_process as processors

fixtures = Path("packages/architectures/fixtures/language-models")
text_fixtures = Path("packages/encoder-text/fixtures/generation")
logits_fixtures = Path("packages/generation/fixtures")
tokenizer_fixtures = Path("packages/encoder-text/fixtures")
vocabulary = 61
least_margin = 5e-4  # between the first and the second token, so that rounding decides nothing


def camel(options):
    return {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in options.items()}


def prompts_of(lengths, seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(1, vocabulary, (length,), generator=generator).tolist() for length in lengths]


def left_padded(prompts):
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return ids, mask


def cut(new, ends):
    """Without what fills up a text that has ended."""
    stop = next((index for index, token in enumerate(new) if token in ends), len(new) - 1)
    return new[: stop + 1]


def run(model, lengths, seed, keep_logits=False, **options):
    """What generate gives for prompts of these lengths, the first without a near tie. Where it draws, with the scores of each step."""
    for attempt in range(100):
        case = run_once(model, prompts_of(lengths, seed + 100 * attempt), seed, keep_logits, **options)
        if case is not None:
            return case
    raise AssertionError("no prompts without a near tie")


def run_once(model, prompts, seed, keep_logits, alone=False, **options):
    if alone:  # lengths that count the prompt, which Python takes from the longest of a batch, and we from each
        cases = [run_once(model, [prompt], seed, keep_logits, **options) for prompt in prompts]
        if None in cases:
            return None
        return cases[0] | {"prompts": prompts, "continuations": [case["continuations"][0] for case in cases]}
    ids, mask = left_padded(prompts)
    torch.manual_seed(seed)
    output = model.generate(
        ids, attention_mask=mask, pad_token_id=0, return_dict_in_generate=True, output_logits=True, output_scores=True, **options,
    )  # fmt: skip
    ends = options.get("eos_token_id") or []
    ends = ends if isinstance(ends, list) else [ends]
    new = [cut(row, ends) for row in output.sequences[:, ids.shape[1] :].tolist()]
    sampled = options.get("do_sample", False)
    if not sampled:
        for step, scores in enumerate(output.scores):
            first, second = scores.topk(2)[0].T
            for row in range(len(prompts)):
                if step < len(new[row]) and first[row] - second[row] < least_margin:
                    return None
    case = {"prompts": prompts, "options": camel(options), "continuations": new}
    if sampled:
        case["scores"] = [[clean(row) for row in scores] for scores in output.scores]
    if sampled or keep_logits:
        case["logits"] = [[clean(row) for row in logits] for logits in output.logits]
    return case


def clean(row):
    """JSON has no infinity."""
    return [None if value == float("-inf") else float(f"{value:.7g}") for value in row.tolist()]


def write_loss(folder, model):
    """The loss of answers behind prompts, with the labels -100 on the prompts, that of the whole texts, and the gradients of both."""
    lengths = [(3, 4), (7, 1), (1, 6)]
    generator = torch.Generator().manual_seed(21)
    texts = [torch.randint(1, vocabulary, (sum(pair),), generator=generator).tolist() for pair in lengths]
    width = max(map(len, texts))
    ids = torch.tensor([text + [0] * (width - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (width - len(text)) for text in texts])
    prompts = torch.tensor([[place < prompt for place in range(width)] for prompt, _ in lengths])
    losses = {}
    for name, hidden in {"answers": prompts, "texts": torch.zeros_like(prompts)}.items():
        model.zero_grad()
        labels = ids.masked_fill((mask == 0) | hidden, -100)
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        losses[name] = loss.item()
        gradients = {key: value.grad.contiguous() for key, value in model.named_parameters()}
        save_file(gradients, folder / f"gradients-{name}.safetensors")
    document = {"texts": texts, "prompts": [prompt for prompt, _ in lengths], "losses": losses}
    (folder / "loss.json").write_text(json.dumps(document) + "\n")


def write_model(name, model, seed, runs, std=0.3, learns=False):
    folder = fixtures / name
    shutil.rmtree(folder, ignore_errors=True)
    randomise(model, seed, std)
    model.tie_weights()
    model.eval().generation_config.eos_token_id = None
    model.save_pretrained(folder)
    (folder / "generation.json").write_text(json.dumps([run(model, *arguments, **options) for arguments, options in runs]) + "\n")
    if learns:
        write_loss(folder, model)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{name}: {size / 1024:.0f} KiB")


def gpt2() -> None:
    config = GPT2Config(vocab_size=vocabulary, n_positions=300, n_embd=12, n_layer=2, n_head=3, bos_token_id=None, eos_token_id=None)
    every = dict(
        do_sample=True, temperature=0.7, top_k=30, top_p=0.95, min_p=0.02, typical_p=0.9, repetition_penalty=1.3,
        no_repeat_ngram_size=2, min_new_tokens=6, eos_token_id=[5, 6], suppress_tokens=[0, 9], begin_suppress_tokens=[12],
        bad_words_ids=[[7], [3, 4]], max_new_tokens=14,
    )  # fmt: skip
    write_model("gpt2", GPT2LMHeadModel(config), 1, [
        (((7, 3, 5), 1), dict(max_new_tokens=12, keep_logits=True)),
        (((9,), 2), dict(max_new_tokens=180, repetition_penalty=1.2)),
        (((4, 6), 3), dict(max_new_tokens=30, eos_token_id=[5, 17, 23], no_repeat_ngram_size=2, suppress_tokens=[0])),
        (((3, 8), 4), dict(max_length=20, min_length=12, eos_token_id=list(range(1, 30)), repetition_penalty=1.5, suppress_tokens=[0], alone=True)),
        (((5, 2), 5), every),
    ], learns=True)  # fmt: skip
    untied = GPT2LMHeadModel(GPT2Config(vocab_size=vocabulary, n_positions=40, n_embd=12, n_layer=1, n_head=2, tie_word_embeddings=False, scale_attn_by_inverse_layer_idx=True))
    write_model("gpt2-untied", untied, 2, [
        (((6, 2), 1), dict(max_new_tokens=10, repetition_penalty=1.5)),
        (((37, 6, 21), 2), dict(max_length=40, repetition_penalty=1.5, alone=True)),
    ])  # fmt: skip


def decoder_sizes(**options):
    return dict(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=160, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    ) | options  # fmt: skip


def llama() -> None:
    write_model("llama", LlamaForCausalLM(LlamaConfig(**decoder_sizes())), 3, [
        (((3, 11, 6), 1), dict(max_new_tokens=12, keep_logits=True)),
        (((5,), 2), dict(max_new_tokens=140, repetition_penalty=1.15)),
        (((4, 2), 3), dict(max_new_tokens=25, repetition_penalty=1.3, eos_token_id=[5, 8, 40])),
        (((156, 140, 148), 4), dict(max_length=160, repetition_penalty=1.3, alone=True)),
    ], learns=True)  # fmt: skip
    scaled = dict(rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
    tied = LlamaForCausalLM(LlamaConfig(**decoder_sizes(tie_word_embeddings=True, attention_bias=True, rope_parameters=scaled)))
    write_model("llama-tied-scaled", tied, 4, [(((4, 9), 1), dict(max_new_tokens=60, repetition_penalty=1.2))])
    long = dict(rope_type="longrope", rope_theta=10000.0, factor=2.0, short_factor=[1.0, 1.1], long_factor=[1.5, 3.0], original_max_position_embeddings=40)
    crossing = LlamaForCausalLM(LlamaConfig(**decoder_sizes(rope_parameters=long)))
    write_model("llama-longrope", crossing, 5, [(((6, 3), 1), dict(max_new_tokens=50, repetition_penalty=1.2))])


def qwen2() -> None:
    write_model("qwen2", Qwen2ForCausalLM(Qwen2Config(**decoder_sizes(tie_word_embeddings=True))), 6, [
        (((8, 4, 1), 1), dict(max_new_tokens=12, keep_logits=True)),
        (((3, 6), 2), dict(max_new_tokens=70, repetition_penalty=1.2)),
    ])  # fmt: skip
    windows = Qwen2ForCausalLM(Qwen2Config(**decoder_sizes(num_hidden_layers=3, use_sliding_window=True, sliding_window=5, max_window_layers=1)))
    write_model("qwen2-windows", windows, 7, [(((9, 3), 1), dict(max_new_tokens=40, repetition_penalty=1.2, keep_logits=True))], learns=True)


def logits() -> None:
    """Each processor by itself, on the same logits and texts."""
    generator = torch.Generator().manual_seed(11)
    scores = torch.randn(4, 37, generator=generator) * 2
    ids = torch.randint(1, 12, (4, 15), generator=generator)
    cases = {
        "repetitionPenalty": [({"value": value}, processors.RepetitionPenaltyLogitsProcessor(value)) for value in (1.4, 0.7)],
        "noRepeatNgrams": [({"value": value}, processors.NoRepeatNGramLogitsProcessor(value)) for value in (1, 2, 3)],
        "excludeSequences": [({"value": [[3], [1, 2]] + [[int(row[-2]), int(row[-1]), 20] for row in ids]}, processors.NoBadWordsLogitsProcessor([[3], [1, 2]] + [[int(row[-2]), int(row[-1]), 20] for row in ids]))],
        "excludeTokens": [({"value": [0, 5, 36]}, processors.SuppressTokensLogitsProcessor([0, 5, 36]))],
        "excludeUntil": [
            ({"value": count, "tokens": [4, 9]}, processors.MinNewTokensLengthLogitsProcessor(10, count, torch.tensor([4, 9]))) for count in (5, 6)
        ],
        "temperature": [({"value": value}, processors.TemperatureLogitsWarper(value)) for value in (0.6, 1.7)],
        "topK": [({"value": value}, processors.TopKLogitsWarper(value)) for value in (1, 5, 36, 100)],
        "topP": [({"value": value}, processors.TopPLogitsWarper(value)) for value in (0.05, 0.5, 0.9, 0.999)],
        "minP": [({"value": value}, processors.MinPLogitsWarper(value)) for value in (0.02, 0.3, 1.0)],
        "typicalP": [({"value": value}, processors.TypicalLogitsWarper(value)) for value in (0.1, 0.5, 0.95)],
    }
    written = {
        name: [options | {"expected": [clean(row) for row in processor(ids, scores.clone())]} for options, processor in made]
        for name, made in cases.items()
    }
    document = {"promptLength": 10, "ids": ids.tolist(), "logits": [clean(row) for row in scores], "cases": written}
    (logits_fixtures / "logits.json").write_text(json.dumps(document) + "\n")


def texts() -> None:
    """What the tokenizers of the fixtures decode: each text, and what it begins with."""
    source = json.loads((tokenizer_fixtures / "ids.json").read_text())
    decoded = {}
    for name in ("byte-level-bpe", "byte-fallback-bpe", "split-bpe"):
        tokenizer = Tokenizer.from_file(str(tokenizer_fixtures / f"{name}.json"))
        decoded[name] = [{"ids": ids, "text": tokenizer.decode(ids)} for ids in source["tokenizers"][name]["ids"]]
    (text_fixtures / "texts.json").write_text(json.dumps(decoded, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    fixtures.mkdir(parents=True, exist_ok=True)
    logits_fixtures.mkdir(parents=True, exist_ok=True)
    for part in (gpt2, llama, qwen2, logits, texts):
        part()
