"""Draws tokenizers and texts at random, and writes down what Python's tokenizers make of them.

    python tools/parity/tokenizer_fuzz.py cases.jsonl --tokenizers 3000 --seed 1
    npm run fuzz:tokenizers -- cases.jsonl

A line of cases.jsonl is a tokenizer.json, and texts with their ids, offsets and so on, or the error that Python raised. Every
component takes part, in random combinations, most of them senseless; texts are made of what is easily got wrong. With
--folders so many folders follow, with tokenizer_config.json and special_tokens_map.json, as AutoTokenizer reads them.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

parser = argparse.ArgumentParser()
parser.add_argument("target")
parser.add_argument("--tokenizers", type=int, default=3000)
parser.add_argument("--folders", type=int, default=0)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--long", type=float, default=0, help="share of the texts that are made of thousands of letters")
options = parser.parse_args()

WORDS = """the quick brown fox jumps it's don't we'll I'm you've they're isn't do not hello Hello WORLD naïve café größe Straße
ΣΟΦΟΣ σοφος İstanbul ıslak ǅungla Ⅷ ﬁre ﬃ ① ½ ² ٣٤ ४२ 12 3.14 1,000 a b c x y z ab ba aab abab foo bar <s> </s> [CLS] [SEP] [MASK]
<unk> <0x41> <0x0A> <0xE6> ##a ##b a</w> ▁a ▁ ▁▁ Ġ Ġa Ċ 東京 中文 漢字 𠮷野家 한국어 가각 ひらがな カタカナ ー 々 הבית שלום مرحبا हिन्दी ไทย ကမ္ဘာ
👩‍👩‍👧 🇩🇪 😀 👍🏽 ✂️ é é ạ̈ å Å ﷺ ﬀ ſ K ß ẞ ŉ ǰ ͅ ι ϐ ς""".split()
SPACES = [" ", "  ", "   ", "\n", "\r\n", "\t", "\u0085", "\u00a0", "\u3000", "\u2003", "\u200b", "\ufeff", "\u180e", "\u2028", "\x1c", "\x0b"]
MARKS = ["\u0301", "\u0323", "\u0308", "\u0345", "\u0327", "\u093c", "\u094d", "\u1161", "\u11a8", "\u200d", "\u20dd", "\u05bc", "\u3099"]
SIGNS = list("!?.,;:'\"()-_/\\@#$%^&*+=<>[]{}|~`") + ["…", "—", "«", "»", "¿", "।", "、", "。", "€", "°", "·", "$$", "$&", "''", "``", "..."]
ODD = ["\x00", "\x01", "\x7f", "\x8f", "\x9f", "\xad", "\u061c", "\u0600", "\ufffd", "\ufffe", "\ue000", "\U0001d400", "\U00011130", "\u1c89", "\ua7cb", "\U00010d50", "\U0001e922", "\U000e0041", "\U0010ffff"]
PATTERNS = [
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+(?!\S)|\s+",
    r"\w+|[^\w\s]+", r"\d", r"\d+", r"(\d)", r"\s", r"\s+", r" ", r" {2,}", r"[a-z]+", r"(?i)[a-z]+", r"[^a-z]", r"\p{Han}", r"[\p{Han}\p{Hiragana}\p{Katakana}]+",
    r"\p{P}", r"[[:punct:]]", r"[[:alpha:]]+", r"[[:^space:]]", r"\b", r"\B", r"^", r"$", r"\A.", r".\z", r".\Z", r"^\s+|\s+$", r"(?<=[a-z])(?=[A-Z])", r"(?<!a)b", r"(?=b)", r"a*", r"a*?", r"a??b",
    r"(?:ab)+", r"(?:a|ab)(?:c|bcd)?", r"(?>a+)b", r"a++", r".{2}", r"..?", r"\R", r"\h+", r"\S+", r"\N", r"[\w&&[^a]]+", r"\p{Lu}\p{Ll}*", r"\p{^L}+", r"\P{L}", r"x|", r"", r"(?m:.)+", r".+", r"\G.", r"(?:a{1,2}){2}", r"[à-ž]+", r"\x{1F600}|é",
    r"(?<word>\w)\s", r"(?<=\s|^)\S", r"[^\n]*\n", r"(a+)+$", r"\p{Emoji}", r"\p{Greek}", r"\p{Alphabetic}", r"[[:upper:]][[:lower:]]", r"(?x) a b ", r"\u0301|\u00e9",
]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
draw = random.Random(options.seed)
chance = lambda p: draw.random() < p
flag = lambda: chance(0.5)
pick = draw.choice


def text(pieces=None):
    count = draw.randint(0, 12) if pieces is None else pieces
    parts = []
    for _ in range(count):
        kind = draw.random()
        if kind < 0.5:
            parts.append(pick(WORDS))
        elif kind < 0.7:
            parts.append(pick(SPACES))
        elif kind < 0.8:
            parts.append(pick(SIGNS))
        elif kind < 0.88:
            parts.append(pick(MARKS))
        elif kind < 0.92:
            parts.append(pick(ODD))
        elif kind < 0.96:
            parts.append(chr(draw.choice([draw.randrange(0x250), draw.randrange(0x3000), draw.randrange(0xD800), draw.randrange(0xE000, 0x20000), draw.randrange(0x110000 - 0x10000) + 0x10000])))
        else:
            parts.append(pick(WORDS) * draw.randint(2, 5))
        if chance(0.45):
            parts.append(" ")
    return "".join(part for part in parts if not any(0xD800 <= ord(c) < 0xE000 for c in part))


def pattern():
    return {"String": pick([" ", "a", "b", "ab", "''", "``", "-", "▁", "é", "", "中", ".", "$"])} if chance(0.35) else {"Regex": pick(PATTERNS)}


def normalizer(depth=0):
    kind = pick(["BertNormalizer", "BertNormalizer", "Strip", "StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Sequence", "Sequence", "Lowercase", "Nmt", "Precompiled", "Replace", "Replace", "Prepend", "ByteLevel"])
    if kind == "BertNormalizer":
        return dict(type=kind, clean_text=flag(), handle_chinese_chars=flag(), strip_accents=pick([None, True, False]), lowercase=flag())
    if kind == "Strip":
        return dict(type=kind, strip_left=flag(), strip_right=flag())
    if kind == "Sequence":
        return dict(type=kind, normalizers=[normalizer(depth + 1) for _ in range(draw.randint(0, 3 if depth == 0 else 1))])
    if kind == "Precompiled":
        return dict(type=kind, precompiled_charsmap=CHARSMAP)
    if kind == "Replace":
        return dict(type=kind, pattern=pattern(), content=pick(["", " ", "▁", "x", "$1", "$$", "ab", "é", "▁▁", "中", "-"]))
    if kind == "Prepend":
        return dict(type=kind, prepend=pick(["▁", " ", "", "x", "ab", "é"]))
    return dict(type=kind)


def metaspace(kind="Metaspace"):
    return dict(type=kind, replacement=pick(["▁", "▁", "_", "x", "é"]), prepend_scheme=pick(["always", "first", "never"]), split=flag())


def byte_level():
    return dict(type="ByteLevel", add_prefix_space=flag(), trim_offsets=flag(), use_regex=flag())


def pre_tokenizer(depth=0):
    kind = pick(["BertPreTokenizer", "ByteLevel", "ByteLevel", "CharDelimiterSplit", "Metaspace", "Metaspace", "Whitespace", "Sequence", "Sequence", "Split", "Split", "Split", "Punctuation", "WhitespaceSplit", "Digits", "UnicodeScripts", "FixedLength"])
    if kind == "ByteLevel":
        return byte_level()
    if kind == "CharDelimiterSplit":
        return dict(type=kind, delimiter=pick([" ", "a", "-", "é", "😀"]))
    if kind == "Metaspace":
        return metaspace()
    if kind == "Sequence":
        return dict(type=kind, pretokenizers=[pre_tokenizer(depth + 1) for _ in range(draw.randint(0, 3 if depth == 0 else 1))])
    if kind == "Split":
        return dict(type=kind, pattern=pattern(), behavior=pick(BEHAVIORS), invert=flag())
    if kind == "Punctuation":
        return dict(type=kind, behavior=pick(BEHAVIORS))
    if kind == "Digits":
        return dict(type=kind, individual_digits=flag())
    if kind == "FixedLength":
        return dict(type=kind, length=draw.randint(1, 6))
    return dict(type=kind)


def alphabet(samples):
    letters = sorted(set("".join(samples)) | set("abcdefghijklmnopqrstuvwxyz ▁Ġ"))
    return [letter for letter in letters if chance(0.9)]


def pieces(samples, count):
    found = []
    for _ in range(count):
        sample = pick(samples) or "a"
        start = draw.randrange(len(sample))
        found.append(sample[start : start + draw.randint(1, 5)])
    return found


def byte_alphabet():
    return [chr(c) for c in [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100), *range(0x100, 0x144)]]


def model(samples, is_byte_level):
    kind = pick(["BPE", "BPE", "WordPiece", "WordPiece", "Unigram", "Unigram", "WordLevel"])
    letters = byte_alphabet() if is_byte_level and chance(0.8) else alphabet(samples)
    words = pieces(samples, 40) + [word for sample in samples for word in sample.split()]
    unknown = pick(["[UNK]", "<unk>"])
    if kind == "WordLevel":
        vocab = dict.fromkeys([*([unknown] if chance(0.9) else []), *words, *letters])
        return dict(type=kind, vocab={word: i for i, word in enumerate(vocab)}, unk_token=unknown)
    if kind == "WordPiece":
        prefix = pick(["##", "##", "", "@@"])
        vocab = dict.fromkeys([*([unknown] if chance(0.9) else []), *words, *letters, *(prefix + letter for letter in letters), *(prefix + word for word in words[:20])])
        return dict(type=kind, vocab={word: i for i, word in enumerate(vocab)}, unk_token=unknown, continuing_subword_prefix=prefix, max_input_chars_per_word=pick([100, 100, 6, 0]))
    byte_tokens = [f"<0x{b:02X}>" for b in range(256) if chance(0.995)] if chance(0.5) else []
    if kind == "Unigram":
        vocab = list(dict.fromkeys([unknown, *words, *letters, *byte_tokens]))
        scored = [[word, round(-draw.random() * 12, pick([0, 1, 6, 15]))] for word in vocab]
        return dict(type=kind, vocab=scored, unk_id=pick([0, 0, 0, None, 1]), byte_fallback=flag())
    prefix = pick([None, None, None, "##", ""])
    suffix = pick([None, None, None, "</w>", ""])
    p, s = prefix or "", suffix or ""
    vocab = dict.fromkeys([*([unknown] if chance(0.8) else []), *letters, *((p + letter for letter in letters) if p else ()), *((letter + s for letter in letters) if s else ()), *((p + letter + s for letter in letters) if s and p else ()), *byte_tokens])
    merges = []
    for _ in range(draw.randint(0, 60)):
        sample = pick(samples)
        if len(sample) < 2:
            continue
        known = [word for word in list(vocab) if word not in byte_tokens]
        first, second = pick(known), pick(known)
        if chance(0.7):  # what stands side by side in a text
            at = draw.randrange(len(sample) - 1)
            first = next((w for w in sorted(known, key=len, reverse=True) if sample[: at + 1].endswith(w) and w), first)
            second = next((p + w for w in sorted({k[len(p):] for k in known if k.startswith(p)}, key=len, reverse=True) if w and sample[at + 1 :].startswith(w) and p + w in vocab), second)
        if not second.startswith(p) or (first, second) in merges:
            continue
        vocab[first + second[len(p) :]] = None
        merges.append((first, second))
    return dict(type=kind, dropout=None, unk_token=unknown if chance(0.75) else None, continuing_subword_prefix=prefix, end_of_word_suffix=suffix, fuse_unk=flag(), byte_fallback=flag(), ignore_merges=flag(), vocab={word: i for i, word in enumerate(vocab)}, merges=[list(m) for m in merges])


def added_token(samples):
    content = pick(["<s>", "</s>", "[CLS]", "[SEP]", "[MASK]", "<pad>", "foo", "new", "the", "Hello", " a", "a b", "é", "中文", "😀", "▁x", "İ", "ab", "É", *pieces(samples, 3)])
    special = flag()
    return dict(id=0, content=content, single_word=chance(0.3), lstrip=chance(0.3), rstrip=chance(0.3), normalized=flag(), special=special)


def post_processor(tokens, depth=0):
    kind = pick(["BertProcessing", "RobertaProcessing", "ByteLevel", "TemplateProcessing", "TemplateProcessing", "Sequence"] if depth == 0 else ["ByteLevel", "TemplateProcessing", "RobertaProcessing"])
    named = lambda: [pick(tokens), draw.randrange(50)]
    if kind == "BertProcessing":
        return dict(type=kind, sep=named(), cls=named())
    if kind == "RobertaProcessing":
        return dict(type=kind, sep=named(), cls=named(), trim_offsets=flag(), add_prefix_space=flag())
    if kind == "ByteLevel":
        return byte_level()
    if kind == "Sequence":
        return dict(type=kind, processors=[post_processor(tokens, 1) for _ in range(draw.randint(0, 2))])
    whole = lambda token, count: dict(id=token, ids=[draw.randrange(40) for _ in range(count)], tokens=[token] * count)
    special = lambda: {"SpecialToken": {"id": pick(tokens), "type_id": draw.randint(0, 2)}}
    sequence = lambda name: {"Sequence": {"id": name, "type_id": draw.randint(0, 2)}}
    maybe = lambda: [special()] if flag() else []
    return dict(
        type=kind, single=[*maybe(), sequence("A"), *maybe()], pair=[*maybe(), sequence("A"), *maybe(), *maybe(), sequence("B"), *maybe()],
        special_tokens={token: whole(token, pick([1, 1, 2])) for token in tokens},
    )


def decoder(depth=0):
    kind = pick(["BPEDecoder", "ByteLevel", "ByteLevel", "WordPiece", "Metaspace", "CTC", "Sequence", "Sequence", "Replace", "Fuse", "Strip", "ByteFallback"])
    if kind == "BPEDecoder":
        return dict(type=kind, suffix=pick(["</w>", "", "a"]))
    if kind == "ByteLevel":
        return byte_level()
    if kind == "WordPiece":
        return dict(type=kind, prefix=pick(["##", "", "@@"]), cleanup=flag())
    if kind == "Metaspace":
        return metaspace()
    if kind == "CTC":
        return dict(type=kind, pad_token=pick(["<pad>", "a", ""]), word_delimiter_token=pick(["|", " ", "", "b"]), cleanup=flag())
    if kind == "Sequence":
        return dict(type=kind, decoders=[decoder(depth + 1) for _ in range(draw.randint(0, 4 if depth == 0 else 1))])
    if kind == "Replace":
        return dict(type=kind, pattern=pattern(), content=pick(["", " ", "x", "$1", "▁"]))
    if kind == "Strip":
        return dict(type=kind, content=pick([" ", "a", "▁"]), start=draw.randint(0, 2), stop=draw.randint(0, 2))
    return dict(type=kind)


def perhaps_long(sample):
    if not options.long or not chance(options.long):  # draws nothing where there are none
        return sample
    unit = pick([sample, pick(sample) if sample else "a", "\ufffd", "中", "a", "ab", "-", "é", " a", "😀", pick(WORDS)]) or "a"
    return sample + unit * (draw.choice([300, 5000, 9000, 20000]) // len(unit)) + (sample if flag() else "")


def has(component, kind):
    return kind in json.dumps(component)


def drawn():
    samples = [text() for _ in range(8)]
    pre = pre_tokenizer() if chance(0.85) else None
    norm = normalizer() if chance(0.75) else None
    added = [added_token(samples) for _ in range(draw.choice([0, 0, 1, 2, 4]))]
    tokens = ["[CLS]", "[SEP]", "<s>", "</s>"]
    tokenizer = dict(
        version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=norm, pre_tokenizer=pre,
        post_processor=post_processor(tokens) if chance(0.7) else None, decoder=decoder() if chance(0.85) else None,
        model=model([*samples, *(sample.lower() for sample in samples)], has(pre, "ByteLevel") or has(norm, "ByteLevel")),
    )
    return json.dumps(tokenizer, ensure_ascii=False), [perhaps_long(sample) for sample in samples]


def attempt(run):
    try:
        return run()
    except BaseException as error:  # a panic of Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": f"{type(error).__name__}: {str(error)[:160]}"}


def encoded(tokenizer, given, pair, add_special_tokens, max_length, side):
    def run():
        if max_length is None:
            tokenizer.no_truncation()
        else:
            tokenizer.enable_truncation(max_length, direction=side)
        e = tokenizer.encode(given, pair, add_special_tokens=add_special_tokens)
        return dict(ids=e.ids, offsets=e.offsets, types=e.type_ids, tokens=e.tokens, special=e.special_tokens_mask)

    return dict(text=given, pair=pair, addSpecialTokens=add_special_tokens, maxLength=max_length, side=side, expected=attempt(run))


FIXTURES = Path("packages/encoder-text/fixtures")
CLASSES = {
    "bert": (["word-piece"], ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "MobileBertTokenizerFast", "MPNetTokenizer", "MPNetTokenizerFast"]),
    "roberta": (["byte-level-bpe"], ["RobertaTokenizer", "BartTokenizer", "BartTokenizerFast", "DebertaTokenizer"]),
    "xlm-roberta": (["sentence-piece", "unigram"], ["XLMRobertaTokenizer", "XLMRobertaTokenizerFast", "CamembertTokenizer", "AlbertTokenizer", "DebertaV2TokenizerFast", "T5Tokenizer"]),
    "gpt2": (["byte-level-bpe"], ["GPT2Tokenizer", "GPT2TokenizerFast", "GPTNeoXTokenizer", "GPTNeoXTokenizerFast"]),
    "llama": (["byte-fallback-bpe", "byte-level-bpe"], ["LlamaTokenizer", "LlamaTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast"]),
    "qwen2": (["byte-level-bpe", "split-bpe"], ["Qwen2Tokenizer", "Qwen2TokenizerFast"]),
    "clip": (["byte-level-bpe"], ["CLIPTokenizer", "CLIPTokenizerFast"]),
    "clap": (["byte-level-bpe"], ["RobertaTokenizer"]),
}


def folder():
    """A tokenizer.json of the fixtures, and what may stand beside it."""
    model_type = pick(list(CLASSES))
    files, classes = CLASSES[model_type]
    file = json.loads((FIXTURES / f"{pick(files)}.json").read_text())
    if chance(0.3):
        file["truncation"] = dict(direction=pick(["Left", "Right"]), max_length=8, strategy="LongestFirst", stride=0)
    if chance(0.2):
        file["padding"] = dict(strategy=dict(Fixed=12), direction="Right", pad_to_multiple_of=None, pad_id=0, pad_type_id=0, pad_token="[PAD]")
    if chance(0.3):
        file["normalizer"] = normalizer()
    config = {"tokenizer_class": pick([*classes, *classes, "PreTrainedTokenizerFast", "SomebodysTokenizer"])}
    if chance(0.1):
        del config["tokenizer_class"]  # then that of the model counts
    for option in ["keep_accents", "split_by_punct", "do_lower_case", "strip_accents", "tokenize_chinese_chars", "add_prefix_space", "trim_offsets", "legacy", "add_bos_token", "add_eos_token", "split_special_tokens", "clean_up_tokenization_spaces"]:
        if chance(0.3):
            config[option] = flag()
    if chance(0.4):
        config["truncation_side"] = pick(["left", "right"])
    vocabulary = file["model"]["vocab"]
    vocabulary = [entry[0] if isinstance(entry, list) else entry for entry in vocabulary]
    named = ["<s>", "</s>", "[CLS]", "[SEP]", "[UNK]", "<unk>", "<|endoftext|>", "<new>"]
    for name in ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]:
        if chance(0.3):
            config[name] = pick(named)
    if chance(0.3):
        config["added_tokens_decoder"] = {str(len(vocabulary) + i): {k: v for k, v in added_token(["abc def"]).items() if k != "id"} for i in range(draw.randint(1, 3))}
    if chance(0.3):
        config[pick(["extra_special_tokens", "additional_special_tokens"])] = [pick(["<e1>", "<e2>", "the", "<s>"])]
    special = {pick(["bos_token", "eos_token", "unk_token", "mask_token"]): pick(["<s>", "</s>", "<m>", dict(content="<m>", lstrip=True, rstrip=False, normalized=False, single_word=False)])} if chance(0.3) else {}
    return model_type, file, config, special


def opened(model_type, file, config, special):
    with tempfile.TemporaryDirectory() as directory:
        files = {"config.json": {"model_type": model_type}, "tokenizer.json": file, "tokenizer_config.json": config}
        for name, content in {**files, **({"special_tokens_map.json": special} if special else {})}.items():
            (Path(directory) / name).write_text(json.dumps(content))
        return AutoTokenizer.from_pretrained(directory)


def encoded_by_auto(tokenizer, given, pair, add_special_tokens, max_length):
    def run():
        limits = {} if max_length is None else dict(truncation=True, max_length=max_length)
        e = tokenizer(given, pair, add_special_tokens=add_special_tokens, return_offsets_mapping=True, **limits)
        e = e.encodings[0]
        return dict(ids=e.ids, offsets=e.offsets, types=e.type_ids, tokens=e.tokens, special=e.special_tokens_mask)

    return dict(text=given, pair=pair, addSpecialTokens=add_special_tokens, maxLength=max_length, side=None, expected=attempt(run))


CHARSMAP = json.load(open("packages/encoder-text/fixtures/sentence-piece.json"))["normalizer"]["normalizers"][0]["precompiled_charsmap"]
sys.stderr.flush()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # panics print where they came from
pairs = failures = 0
with open(options.target, "w") as target:
    for _ in range(options.tokenizers):
        content, samples = drawn()
        tokenizer = attempt(lambda: Tokenizer.from_str(content))
        case = {"json": content.replace(CHARSMAP, "CHARSMAP")}
        if isinstance(tokenizer, dict):
            case.update(tokenizer)
            failures += 1
        else:
            case["encodings"] = []
            for sample in samples:
                pair = pick(samples) if chance(0.3) else None
                limit = draw.randint(4, 12) if chance(0.4) else None
                case["encodings"].append(encoded(tokenizer, sample, pair, chance(0.7), limit, pick(["left", "right"])))
            case["decodings"] = []
            size = tokenizer.get_vocab_size()
            for encoding in case["encodings"]:
                ids = encoding["expected"].get("ids", []) if chance(0.6) else [draw.randrange(size + 3) for _ in range(draw.randint(0, 8))]
                skip = flag()
                case["decodings"].append(dict(ids=ids, skip=skip, expected=attempt(lambda: {"text": tokenizer.decode(ids, skip_special_tokens=skip)})))
            pairs += len(case["encodings"])
        target.write(json.dumps(case) + "\n")
    if options.folders:
        from transformers import AutoTokenizer, logging

        logging.set_verbosity_error()
    for _ in range(options.folders):
        model_type, file, config, special = folder()
        tokenizer = attempt(lambda: opened(model_type, file, config, special))
        settings = dict(config=config, specialTokens=special, modelType=model_type)
        case = {"json": json.dumps(file, ensure_ascii=False).replace(CHARSMAP, "CHARSMAP"), "settings": settings}
        if isinstance(tokenizer, dict):
            case.update(tokenizer)
            failures += 1
        else:
            samples = [perhaps_long(text()) for _ in range(6)]
            case["encodings"] = [
                encoded_by_auto(tokenizer, sample, (pick(samples) if chance(0.3) else None) or None, chance(0.8), draw.randint(5, 12) if chance(0.5) else None)
                for sample in samples
            ]
            case["decodings"] = []
            for encoding in case["encodings"]:
                ids, skip = encoding["expected"].get("ids", []), flag()
                case["decodings"].append(dict(ids=ids, skip=skip, expected=attempt(lambda: {"text": tokenizer.decode(ids, skip_special_tokens=skip)})))
            pairs += len(samples)
        target.write(json.dumps(case) + "\n")
print(f"{options.tokenizers} tokenizers, {pairs} texts; Python refuses {failures} of the tokenizers")
