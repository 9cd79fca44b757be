"""Fixtures of packages/architectures: tiny CLIP and SigLIP with their processors, and the probabilities that Python gives pictures.

Needs torch, transformers, tokenizers, sentencepiece, pillow. Run from the root of the repository:
    python tools/parity/dual_tower_zero_shot.py
"""

import io
import json
import shutil
from pathlib import Path

import sentencepiece
import torch
from family_fixture import randomise
from PIL import Image, ImageOps
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    SiglipConfig,
    SiglipModel,
    SiglipProcessor,
    SiglipTokenizer,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

fixtures = Path("packages/architectures/fixtures/zero-shot")
pictures = Path("packages/encoder-vision/fixtures/processors")
images = ["photograph.jpg", "drawing.png", "turned-6.jpg"]
max_length = 16

corpus = [
    "a photo of a cat", "a photo of a dog", "a photograph of two cats on a red sofa", "a drawing of a house by the sea",
    "the quick brown fox jumps over the lazy dog", "ein Foto von einer Katze", "une photo de chien, très naïve",
    "an oil painting of a café in the rain", "it's a dog that doesn't bark, isn't it", "the number 3.14 and 1,000 more",
]  # fmt: skip
texts = [
    "a photo of a cat",
    "A PHOTO of   a Dog!!",
    "don't, isn't & we'll",
    "naïve cafés",
    "nai\u0308ve cafe\u0301s",  # the same with combining marks
    "猫の写真 🐶 3.14",
    "  leading,\ttabs\nnewlines \u00a0 nbsp \u3000 wide  ",
    "a drawing of a house by the sea and a very long text that is cut off before it comes to its end",
    "ΣΊΣΥΦΟΣ İstanbul",
    "",
    " \n",
    "?!",
    "▁ marked▁word ▁",
    "_under_score_ [brackets] {braces} $ ^ ~ `",
]


def clip_tokenizer() -> CLIPTokenizer:
    """As OpenAI's: bytes, bytes that end a word, merges, and the two special tokens last."""
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trained.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"'s|'t|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trained.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=180, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(merge) for merge in json.loads(trained.to_str())["model"]["merges"]]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = alphabet + [letter + "</w>" for letter in alphabet] + ["".join(merge) for merge in merges]
    tokens = list(dict.fromkeys(tokens)) + ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer({token: index for index, token in enumerate(tokens)}, merges, model_max_length=max_length)


def clip(folder: Path) -> None:
    tokenizer = clip_tokenizer()
    processor = CLIPProcessor(CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 12, "width": 12}), tokenizer)
    config = CLIPConfig(
        text_config=dict(
            vocab_size=len(tokenizer), hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=max_length, bos_token_id=tokenizer.bos_token_id, eos_token_id=2, pad_token_id=1,
        ),
        vision_config=dict(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2, image_size=12, patch_size=4),
        projection_dim=6,
    )  # fmt: skip
    write(folder, CLIPModel(config), processor, dict(padding=True), lambda logits: logits.softmax(-1))


def siglip_tokenizer(folder: Path) -> SiglipTokenizer:
    """A SentencePiece model, and beside it the tokenizer.json that is equal to it."""
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line.lower() for line in corpus), model_writer=file, vocab_size=110, hard_vocab_limit=False,
        normalization_rule_name="identity", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2,
    )  # fmt: skip
    (folder / "spiece.model").write_bytes(file.getvalue())
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(file.getvalue())
    tokenizer = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in proto.pieces], unk_id=2))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    return SiglipTokenizer(str(folder / "spiece.model"), model_max_length=max_length, model_input_names=["input_ids"])


def siglip(folder: Path) -> None:
    tokenizer = siglip_tokenizer(folder)
    processor = SiglipProcessor(SiglipImageProcessorPil(size={"height": 12, "width": 12}), tokenizer)
    config = SiglipConfig(
        text_config=dict(
            vocab_size=tokenizer.vocab_size, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=max_length, bos_token_id=0, eos_token_id=1,
        ),
        vision_config=dict(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2, image_size=12, patch_size=4),
    )  # fmt: skip
    write(folder, SiglipModel(config), processor, dict(padding="max_length", max_length=max_length), torch.sigmoid)
    (folder / "spiece.model").unlink()


def write(folder: Path, model, processor, padding, probabilities) -> None:
    randomise(model, 5, std=0.4)
    with torch.no_grad():
        model.logit_scale.fill_(1.7)
    model.eval().save_pretrained(folder)
    opened = [ImageOps.exif_transpose(Image.open(pictures / name)).convert("RGB") for name in images]
    inputs = processor(text=texts, images=opened, truncation=True, return_tensors="pt", **padding)
    with torch.no_grad():
        output = model(**inputs)
    processor.save_pretrained(folder)
    expected = {
        "images": images,
        "texts": texts,
        "ids": [tokenizer_ids(processor.tokenizer, text) for text in texts],
        "paddedIds": inputs["input_ids"].tolist(),
        "imageEmbeddings": output.image_embeds.tolist(),
        "textEmbeddings": output.text_embeds.tolist(),
        "logits": output.logits_per_image.tolist(),
        "probabilities": probabilities(output.logits_per_image).tolist(),
    }
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
    print(folder.name, sorted(inputs), [file.name for file in sorted(folder.iterdir())])
    print(probabilities(output.logits_per_image).numpy().round(2).tolist())


def tokenizer_ids(tokenizer, text: str) -> list[int]:
    return tokenizer(text, truncation=True, max_length=max_length)["input_ids"]


shutil.rmtree(fixtures, ignore_errors=True)
for name, make in {"clip": clip, "siglip": siglip}.items():
    (fixtures / name).mkdir(parents=True)
    make(fixtures / name)
for name in images:
    shutil.copy(pictures / name, fixtures / name)
