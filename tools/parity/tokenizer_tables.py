"""Asks Python's tokenizers which characters are what, and writes it down for the tokenizers of encoder-text.

The library was put together from crates that follow different versions of Unicode: regular expressions (Oniguruma) know 16.0,
lower case and numbers 17.0, punctuation, marks and normal forms 9.0 and older. What JavaScript knows depends on where it runs,
so that none of it can be taken from there. Run it again when the pinned version of tokenizers changes.
"""

import json
import unicodedata
from pathlib import Path

from tokenizers import Regex
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P

TARGET = Path(__file__).parents[2] / "packages/encoder-text/src/tokenization/unicode/tables.ts"
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs Cn".split()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%"
POINTS = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
EVERYTHING = "".join(map(chr, POINTS))


def base36(value):
    digits = ""
    while value or not digits:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def runs(values):
    """Of a mapping or set of code points: [start, length, value], of neighbours with equal values."""
    mapping = values if isinstance(values, dict) else dict.fromkeys(values, True)
    found = []
    for point in sorted(mapping):
        last = found[-1] if found else None
        if last and last[0] + last[1] == point and last[2] == mapping[point]:
            last[1] += 1
        else:
            found.append([point, 1, mapping[point]])
    return found


def set_of(points):
    """Gap and length of each run, in base 36."""
    words, end = [], 0
    for start, length, _ in runs(points):
        words.append(base36(start - end) + ("" if length == 1 else "." + base36(length)))
        end = start + length
    return " ".join(words)


def matching(pattern):
    split = P.Split(Regex(pattern), "removed", invert=True)
    return {ord(letter) for piece, _ in split.pre_tokenize_str(EVERYTHING) for letter in piece}


def removed_by(normalizer):
    return {c for c in POINTS if normalizer.normalize_str(f"a{chr(c)}b") == "ab"}


def split_off_by(pre_tokenizer):
    return {c for c in POINTS if len(pre_tokenizer.pre_tokenize_str("a" + chr(c))) == 2}


def bert(**options):
    nothing = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return N.BertNormalizer(**{**nothing, **options})


category = {0: "Cc", **{c: "Cs" for c in range(0xD800, 0xE000)}}
for name in CATEGORIES:
    for point in matching(r"\p{%s}" % name):
        category[point] = name
general_category = "".join(
    ("" if length == 1 else base36(length)) + LETTERS[CATEGORIES.index(name)] for _, length, name in runs(category)
)

whitespace = P.Whitespace()
words = {c for c in POINTS if len(whitespace.pre_tokenize_str(f"a{chr(c)}.")) == 2
         and whitespace.pre_tokenize_str(f"a{chr(c)}.")[0][0] == "a" + chr(c)}

reordered = N.NFD()
combining = {}
for point in POINTS:
    order = unicodedata.combining(chr(point))
    if order and (point == 0x345 or reordered.normalize_str(f"a\u0345{chr(point)}")[1] != "\u0345"):
        combining[point] = order
decomposed = {c for c in POINTS if N.NFKD().normalize_str(chr(c)) != chr(c)}
lowered = {c for c in POINTS if N.Lowercase().normalize_str(chr(c)) != chr(c)}

scripts = P.UnicodeScripts()
scripted = {c for c in POINTS if any(len(scripts.pre_tokenize_str(letter + chr(c))) == 2 for letter in "aα")} | {0}

tables = {
    "generalCategories": general_category,
    "alphabetic": set_of(matching(r"\p{Alphabetic}")),
    "words": set_of(words),
    "numeric": set_of(split_off_by(P.Digits(individual_digits=True))),
    "punctuation": set_of(split_off_by(P.Punctuation())),
    "controls": set_of(removed_by(bert(clean_text=True))),
    "marks": set_of(removed_by(N.StripAccents())),
    "nonspacingMarks": set_of(removed_by(bert(strip_accents=True))),
    "decomposable": set_of(decomposed),
    "lowercased": set_of(lowered),
    "scripted": set_of(scripted),
    "combiningClasses": " ".join(
        f"{base36(start)}.{base36(length)}.{base36(order)}" for start, length, order in runs(combining)
    ),
}

COMMENTS = {
    "generalCategories": "Of every code point, runs of one category: length in base 36, and a letter (`categoryNames`)",
    "alphabetic": "`\\\\p{Alphabetic}` of Oniguruma",
    "words": "`\\\\w` of Rust's regular expressions",
    "numeric": "numeric to Rust",
    "punctuation": "punctuation to `Punctuation` and `BertPreTokenizer`",
    "controls": "what `BertNormalizer` takes away when it cleans a text",
    "marks": "what `StripAccents` takes away",
    "nonspacingMarks": "the accents that `BertNormalizer` takes away",
    "decomposable": "what NFKD changes",
    "lowercased": "what has a lower case",
    "scripted": "what has a script to `UnicodeScripts`",
    "combiningClasses": "Start, length and canonical combining class of runs",
}
lines = ["// Written by tools/parity/tokenizer_tables.py, which asks Python's tokenizers. Sets are runs: gap and length in base 36.", ""]
for name, text in tables.items():
    lines += [f"/** {COMMENTS[name]}. */".replace("\\\\", "\\"), f"export const {name} =", f"  {json.dumps(text)};".replace('"', "'"), ""]
TARGET.write_text("\n".join(lines))
print(f"{TARGET.stat().st_size} bytes", {name: len(text) for name, text in tables.items()})
