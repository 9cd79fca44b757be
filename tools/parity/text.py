"""Fixtures of packages/encoder-text: small tokenizers and the ids that they give.

Needs tokenizers, sentencepiece. Run from the root of the repository:
    python tools/parity/text.py
"""

import hashlib
import io
import json
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

fixtures = Path("packages/encoder-text/fixtures")

corpus = [
    "one two three four five six seven eight nine ten",
    "The quick brown fox jumps over the lazy dog, and the dog did not mind at all.",
    "eins zwei drei vier fünf sechs sieben acht neun zehn",
    "un deux trois quatre cinq six sept huit neuf dix",
    "uno dos tres cuatro cinco seis siete ocho nueve diez",
    "一 二 三 四 五 六 七 八 九 十",
    "один два три четыре пять шесть семь восемь девять десять",
    "ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα",
    "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
    "אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר",
]

texts = [
    "seven",
    "The dog sees three foxes!",
    "fünf naïve cafés",
    "fu\u0308nf nai\u0308ve cafe\u0301s",  # the same with combining marks
    "三只狗,七只猫。",
    "سبعة كلاب",
    "שבע חתולים",
    "семь собак и ένα γάτα",
    "emoji 🐶👩‍👩‍👧 🇩🇪 done",
    "  leading,\ttabs\nnewlines \u00a0 nbsp \u3000 wide \u200b zero  ",
    "don't DON'T we'll 3.14 1,000",
    "a[MASK]b [SEP] c",
    "x" * 150,
    "",
    "   ",
    "\ufeffbom and \u0000 null and \ufffd",
    "ﬁ ligature ① Ⅷ ﷺ",
    "ｶﾞｷﾞ ﾊﾟ ｱｲｳ",
    "\u1100\u1161\u11a8 각 한글",
    "नमस्ते क्षि ทำไม",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319 a\u0308\u0323",
    "👩🏽\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3",
    "\u2028line\u2029para\u0085nel\u00ad soft \r\n crlf",
]


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    return tokenizer


def word_piece() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=300,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def split_bpe() -> Tokenizer:
    """Pre-tokenized by a pattern, as the tokenizers of GPT-4, Llama 3 and Qwen."""
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=350,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def unigram() -> Tokenizer:
    """As the tokenizers of T5 and XLM-R, without their precompiled normaliser."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def precompiled() -> bytes:
    """The table of SentencePiece's own normalisation, as in the tokenizer of XLM-R."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus[:1] * 50),
        model_writer=model,
        vocab_size=40,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def sentence_piece() -> Tokenizer:
    """As the tokenizers of T5 and XLM-R, with their precompiled normaliser."""
    tokenizer = unigram()
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(precompiled()), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    return tokenizer


def byte_fallback_bpe() -> Tokenizer:
    """As the tokenizers of Llama 1 and 2: words joined by ▁, and the bytes of what is not in the vocabulary."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(vocab_size=250, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False, max_token_length=8)
    tokenizer.train_from_iterator(corpus, trainer)
    content = json.loads(tokenizer.to_str())
    vocabulary = content["model"]["vocab"]
    for byte in range(256):
        vocabulary[f"<0x{byte:02X}>"] = len(vocabulary)
    content["model"]["byte_fallback"] = True
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


tokenizers = {
    "byte-level-bpe": byte_level(),
    "word-piece": word_piece(),
    "split-bpe": split_bpe(),
    "unigram": unigram(),
    "sentence-piece": sentence_piece(),
    "byte-fallback-bpe": byte_fallback_bpe(),
}
expected = {}
for name, tokenizer in tokenizers.items():
    tokenizer.save(str(fixtures / f"{name}.json"), pretty=False)
    ids = [tokenizer.encode(text).ids for text in texts]
    tokenizer.enable_truncation(max_length=7)
    truncated = [tokenizer.encode(text).ids for text in texts]
    expected[name] = {"vocabSize": tokenizer.get_vocab_size(), "ids": ids, "truncatedTo7": truncated}

(fixtures / "ids.json").write_text(json.dumps({"texts": texts, "tokenizers": expected}, indent=1) + "\n")

normalizer = normalizers.Precompiled(precompiled())
characters = [chr(point) for point in range(1, 0x40000) if not 0xD800 <= point < 0xE000]
normalized = normalizer.normalize_str("\n".join(characters))  # which are graphemes of their own
table = {
    "sha256OfCharacters": hashlib.sha256(normalized.encode()).hexdigest(),
    "texts": [normalizer.normalize_str(text) for text in texts],
}
(fixtures / "normalized.json").write_text(json.dumps(table, indent=1) + "\n")
