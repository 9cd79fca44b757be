"""Fixtures of packages/head-text/src/spans, packages/architectures/src/text-spans and of where tokens stand in packages/encoder-text.

Needs torch, transformers, tokenizers, safetensors, seqeval. Run from the root of the repository:
    python tools/parity/text_spans.py
"""

import collections
import json
import random
import re
import shutil
import string
from pathlib import Path

import torch
from family_fixture import randomise
from safetensors.torch import save_file
from seqeval.metrics import classification_report
from tokenizers import Tokenizer
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForQuestionAnswering,
    RobertaForTokenClassification,
    XLMRobertaConfig,
    XLMRobertaForQuestionAnswering,
    XLMRobertaForTokenClassification,
    pipeline,
)

torch.set_num_threads(1)
tokenizers = Path("packages/encoder-text/fixtures")
fixtures = Path("packages/architectures/fixtures/text-spans")

odd = [
    "Ada went to London.",
    "Café Zoë — naïve, e\u0301te\u0301 A\u030angstro\u0308m",
    "\U0001f469\u200d\U0001f680 and \U0001f600\U0001f600 ok",
    "北京 is 東京, not 서울",
    "  two  spaces\tand\n lines  ",
    "don't re-enter 3,141.59!",
    "ﬁne ½ Ⅷ ㎏ İstanbul STRASSE straße",
    "\u202eabc\u00a0def\u200b ghi",
    "",
]
long = "Ada Lovelace was born in London and wrote the first program for the Analytical Engine of Charles Babbage, in 1843. \U0001f469\u200d\U0001f680 Café!"
question = "Who wrote the first program?"


def units(text):
    """Positions of code points, in units of UTF-16."""
    at = [0]
    for character in text:
        at.append(at[-1] + (2 if ord(character) > 0xFFFF else 1))
    return at


def places(encoding, text, sequence):
    at = units(text)
    own = [index == sequence for index in encoding.sequence_ids]
    return {
        "ids": encoding.ids,
        "typeIds": encoding.type_ids,
        "offsets": [[at[o] for o in range_] if mine else [-1, -1] for range_, mine in zip(encoding.offsets, own)],
        "words": [word if mine else -1 for word, mine in zip(encoding.word_ids, own)],
    }


def located(name):
    tokenizer = Tokenizer.from_file(str(tokenizers / f"{name}.json"))
    tokenizer.no_truncation()
    texts = [places(tokenizer.encode(text), text, 0) for text in odd]
    length = len(tokenizer.encode(question).ids) + 16
    windows = {}
    for pair in (False, True):
        tokenizer.enable_truncation(length, stride=6, strategy="only_second" if pair else "longest_first")
        first = tokenizer.encode(question, long) if pair else tokenizer.encode(long)
        windows["pair" if pair else "one"] = [places(each, long, int(pair)) for each in [first, *first.overflowing]]
    return {"length": length, "texts": texts, **windows}


names = ["word-piece", "byte-level-bpe", "sentence-piece", "unigram"]
(tokenizers / "token-places.json").write_text(
    json.dumps({"odd": odd, "long": long, "question": question, "stride": 6, "tokenizers": {name: located(name) for name in names}}) + "\n"
)

tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
sizes = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12)
kinds = {
    "bert": (BertConfig, BertForTokenClassification, BertForQuestionAnswering, "word-piece", {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}),
    "roberta": (RobertaConfig, RobertaForTokenClassification, RobertaForQuestionAnswering, "byte-level-bpe", {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>"}),
}
more = {"bert": {}, "roberta": {"type_vocab_size": 1, "pad_token_id": 2}, "xlm-roberta": {"type_vocab_size": 1, "pad_token_id": 1}}
# XLM-RoBERTa's: pieces of SentencePiece, in its order of ids, with its places between the texts of a pair.
kinds["xlm-roberta"] = (XLMRobertaConfig, XLMRobertaForTokenClassification, XLMRobertaForQuestionAnswering, None, {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"})


def xlm_roberta_tokenizer():
    own = json.loads((tokenizers / "sentence-piece.json").read_text())
    pieces = [piece for piece in own["model"]["vocab"] if piece[0] not in ("<pad>", "</s>", "<unk>")]
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    own["model"]["vocab"] = [[token, 0.0] for token in special] + pieces
    own["model"]["unk_id"] = 3
    own["added_tokens"] = [dict(own["added_tokens"][0], id=index, content=token) for index, token in enumerate(special)]
    token = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    text = lambda name: {"Sequence": {"id": name, "type_id": 0}}
    own["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [token("<s>"), text("A"), token("</s>")],
        "pair": [token("<s>"), text("A"), token("</s>"), token("</s>"), text("B"), token("</s>")],
        "special_tokens": {name: {"id": name, "ids": [special.index(name)], "tokens": [name]} for name in ("<s>", "</s>")},
    }
    return Tokenizer.from_str(json.dumps(own))


tagged = [
    ("Ada went to London, not Café Zoë.", [(0, 3, "PER"), (12, 18, "LOC"), (24, 32, "LOC")]),
    ("\U0001f600 Ada Lovelace slept", [(3, 15, "PER")]),  # in UTF-16
]


def gradients(model, folder):
    save_file({n: p.grad.float().contiguous() for n, p in model.named_parameters()}, folder / "gradients.safetensors")


def labels_of(encoding, text, spans):
    """The recipe of HF: the first token of a word has its tag, all others -100. Words are those of the tokenizer."""
    at = units(text)
    words = collections.defaultdict(list)
    for token, (word, special) in enumerate(zip(encoding.word_ids, encoding.special_tokens_mask)):
        if word is not None and not special:
            words[word].append(token)
    labels = [-100] * len(encoding.ids)
    begun = set()
    for own in words.values():
        start, end = at[encoding.offsets[own[0]][0]], at[encoding.offsets[own[-1]][1]]
        span = next((s for s in spans if s[0] < end and start < s[1]), None)
        labels[own[0]] = 0 if span is None else tags.index(("I-" if span in begun else "B-") + span[2])
        if span is not None:
            begun.add(span)
    return labels


def token_classifier(kind, config, model_class, tokenizer, seed):
    folder = fixtures / f"{kind}-tags"
    shutil.rmtree(folder, ignore_errors=True)
    config = config(**sizes, vocab_size=len(tokenizer), max_position_embeddings=96, id2label=dict(enumerate(tags)), label2id={t: i for i, t in enumerate(tags)}, **more[kind])
    model = model_class(config).eval()
    randomise(model, seed, std=0.6)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    cases = []
    total, count = 0, 0
    model.double()
    for text, spans in tagged:
        encoding = tokenizer._tokenizer.encode(text)
        labels = torch.tensor([labels_of(encoding, text, spans)])
        logits = model(torch.tensor([encoding.ids])).logits
        total = total + torch.nn.functional.cross_entropy(logits[0], labels[0], ignore_index=-100, reduction="sum")
        count += int((labels >= 0).sum())
        own = model(torch.tensor([encoding.ids]), labels=labels).loss
        cases.append({"text": text, "spans": [{"start": s, "end": e, "label": l} for s, e, l in spans], "ids": encoding.ids, "logits": logits[0].tolist(), "loss": own.item()})
    loss = total / count
    loss.backward()
    gradients(model, folder)
    model.float()
    for strategy in ("simple", "first"):
        found = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=strategy)
        for case in cases:
            at = units(case["text"])
            case[strategy] = [{"start": at[e["start"]], "end": at[e["end"]], "label": e["entity_group"], "score": float(e["score"])} for e in found(case["text"])]
    (folder / "expected.json").write_text(json.dumps({"loss": loss.item(), "cases": cases}) + "\n")
    print(folder.name, loss.item(), [len(c["simple"]) for c in cases], [len(c["first"]) for c in cases])


def best_span(windows):
    """`postprocess_qa_predictions` of run_qa.py, with every pair in place of the 20 best."""
    best, none = None, None
    for window in windows:
        start, end = window["start"], window["end"]
        if none is None or start[0] + end[0] < none:
            none = start[0] + end[0]
        for i, a in enumerate(window["offsets"]):
            for j in range(i, min(len(start), i + 30)):
                b = window["offsets"][j]
                if a[0] < 0 or b[0] < 0:
                    continue
                if best is None or start[i] + end[j] > best[0]:
                    best = (start[i] + end[j], a[0], b[1])
    return {"start": best[1], "end": best[2], "noAnswer": none - best[0]}


def question_answerer(kind, config, model_class, tokenizer, seed):
    folder = fixtures / f"{kind}-answers"
    shutil.rmtree(folder, ignore_errors=True)
    config = config(**sizes, vocab_size=len(tokenizer), max_position_embeddings=96, **more[kind])
    model = model_class(config).eval()
    randomise(model, seed, std=0.6)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    model.double()
    answer = (units(long)[long.index("Charles")], units(long)[long.index(", in 1843")])
    backend = Tokenizer.from_str(tokenizer._tokenizer.to_str())
    length = len(backend.encode(question).ids) + 24
    backend.enable_truncation(length, stride=8, strategy="only_second")
    first = backend.encode(question, long)
    windows, losses = [], []
    for each in [first, *first.overflowing]:
        place = places(each, long, 1)
        context = [i for i, (s, _) in enumerate(place["offsets"]) if s >= 0]
        begin, stop = context[0], context[-1]
        o = place["offsets"]
        start = end = 0
        if o[begin][0] <= answer[0] and o[stop][1] >= answer[1]:
            while begin < len(o) and o[begin][0] <= answer[0] and o[begin][0] >= 0:
                begin += 1
            start = begin - 1
            while o[stop][1] >= answer[1]:
                stop -= 1
            end = stop + 1
        arguments = dict(input_ids=torch.tensor([each.ids]))
        if kind == "bert":
            arguments["token_type_ids"] = torch.tensor([each.type_ids])
        output = model(**arguments, start_positions=torch.tensor([start]), end_positions=torch.tensor([end]))
        losses.append(output.loss)
        windows.append({"ids": each.ids, "offsets": o, "start": output.start_logits[0].tolist(), "end": output.end_logits[0].tolist(), "positions": [start, end], "loss": output.loss.item()})
    loss = sum(losses) / len(losses)
    loss.backward()
    gradients(model, folder)
    expected = {"question": question, "context": long, "answer": answer, "length": length, "stride": 8, "loss": loss.item(), "windows": windows, "best": best_span(windows)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(folder.name, loss.item(), [w["positions"] for w in windows], expected["best"])


seeds = {"bert": 40, "roberta": 41, "xlm-roberta": 46}  # by which something is found
for kind, (config, tags_class, answers_class, name, special) in kinds.items():
    source = {"tokenizer_file": str(tokenizers / f"{name}.json")} if name else {"tokenizer_object": xlm_roberta_tokenizer()}
    tokenizer = PreTrainedTokenizerFast(**source, model_max_length=94, **special)
    token_classifier(kind, config, tags_class, tokenizer, seeds[kind])
    question_answerer(kind, config, answers_class, tokenizer, 10 + seeds[kind])

# Figures: spans by seqeval, answers by the formulas of the official SQuAD scripts.
random.seed(5)
sequences = [[[random.choice(["O", "O", *tags]) for _ in range(random.randint(1, 9))] for _ in range(40)] for _ in range(2)]
predicted = [[tag if random.random() < 0.6 else other for tag, other in zip(own, (others * 9)[: len(own)])] for own, others in zip(sequences[0], sequences[1])]
report = classification_report(sequences[0], predicted, output_dict=True)


def normalize(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(predicted, actual):
    p, a = normalize(predicted).split(), normalize(actual).split()
    if not p or not a:
        return float(p == a)
    same = sum((collections.Counter(p) & collections.Counter(a)).values())
    return 0.0 if same == 0 else 2 * same / (len(p) + len(a))


pieces = ["The", "a", "cat's", "(red)", "Zoë", "zoë", "an", "U.S.", "theatre", "1843", "…", "été"]
answers = []
for _ in range(60):
    draw = lambda: " ".join(random.choice(pieces) for _ in range(random.randint(0, 4)))
    actual = [draw() for _ in range(random.randint(0, 3))]
    answers.append({"predicted": draw(), "actual": actual})
golds = [a["actual"] or [""] for a in answers]
squad = {
    "exactMatch": sum(max(float(normalize(a["predicted"]) == normalize(g)) for g in gold) for a, gold in zip(answers, golds)) / len(answers),
    "f1": sum(max(f1(a["predicted"], g) for g in gold) for a, gold in zip(answers, golds)) / len(answers),
}
figures = {
    "actual": sequences[0],
    "predicted": predicted,
    "entities": {
        "precision": report["micro avg"]["precision"],
        "recall": report["micro avg"]["recall"],
        "f1": report["micro avg"]["f1-score"],
        "macroF1": report["macro avg"]["f1-score"],
        "PER F1": report["PER"]["f1-score"],
        "LOC F1": report["LOC"]["f1-score"],
    },
    "answers": answers,
    "squad": squad,
}
Path("packages/head-text/fixtures/span-figures.json").write_text(json.dumps(figures, default=float) + "\n")
