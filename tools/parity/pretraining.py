"""What pre-training without labels goes by, as transformers has it: masked autoencoders of pictures, hidden tokens of texts.

Needs torch, transformers and tokenizers. Run from the root of the repository:
    python tools/parity/pretraining.py
"""

import json
from pathlib import Path
from unittest import mock

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    ViTMAEConfig,
    ViTMAEForPreTraining,
)

packages = Path(__file__).parents[2] / "packages"


def write(path, content):
    (packages / path).parent.mkdir(exist_ok=True)
    (packages / path).write_text(json.dumps(content) + "\n")


def rounded(tensor):
    return [round(value, 7) for value in tensor.detach().flatten().tolist()]


def masked_autoencoder():
    """The loss of two pictures of 8 × 8 pixels in patches of 4, of which one of four is left, and its gradient by what is predicted."""
    torch.manual_seed(4)
    pixels = torch.randn(2, 3, 8, 8)
    noise = torch.rand(2, 4)
    told = {"pixels": rounded(pixels.permute(0, 2, 3, 1))}
    for name, normed in [("normalized", True), ("plain", False)]:
        config = ViTMAEConfig(
            image_size=8, patch_size=4, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=8, decoder_hidden_size=8, decoder_num_hidden_layers=1,
            decoder_num_attention_heads=2, decoder_intermediate_size=8, norm_pix_loss=normed, initializer_range=0.5,
        )
        model = ViTMAEForPreTraining(config)
        out = model(pixels, noise=noise)
        gradient = torch.autograd.grad(out.loss, out.logits)[0]
        told[name] = {"loss": out.loss.item(), "prediction": rounded(out.logits), "gradient": rounded(gradient)}
        told["mask"] = out.mask.int().tolist()
    told["patches"] = rounded(model.patchify(pixels))
    write("heads/fixtures/masked-autoencoder.json", told)


def tokenizer():
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##happy", "##ly", "we", "met", "a", "cat", "##s", "green"]
    model = Tokenizer(WordPiece({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))
    model.pre_tokenizer = Whitespace()
    model.add_special_tokens(words[:5])
    model.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=model, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]",
    )


class Draws:
    """Numbers given beforehand, in place of those that the collator draws."""

    def __init__(self, uniforms, tokens):
        self.uniforms, self.tokens = list(uniforms), tokens

    def bernoulli(self, probabilities, generator=None):
        return (self.uniforms.pop(0) < probabilities).float()

    def randint(self, high, shape, dtype=None, generator=None):
        return torch.floor(self.tokens * high).long()


def hidden_tokens():
    """The same texts with tokens and with whole words hidden, by the same numbers."""
    own = tokenizer()
    texts = ["we met unhappy cats", "unhappyly a cat met cats a green cat", "a"]
    encoded = own(texts, padding=True, return_tensors="pt", return_offsets_mapping=True, return_special_tokens_mask=True)
    ids = encoded["input_ids"]
    torch.manual_seed(2)
    uniforms = [torch.rand(ids.shape) for _ in range(3)]
    tokens = torch.rand(ids.shape)
    special = encoded["special_tokens_mask"]
    words, _ = DataCollatorForLanguageModeling._calc_word_ids_and_prob_mask(
        encoded["offset_mapping"].numpy(), special.numpy()
    )
    file = json.loads(own.backend_tokenizer.to_str())
    lengths = encoded["attention_mask"].sum(1).tolist()
    told_words = [row[:length].tolist() for row, length in zip(words, lengths)]
    write("encoder-text/fixtures/words.json", {"tokenizer": file, "texts": texts, "words": told_words})
    told = {
        "ids": ids.tolist(),
        "special": special.tolist(),
        "words": words.tolist(),
        "probability": 0.7,
        "hides": uniforms[0].tolist(),
        "masks": uniforms[1].tolist(),
        "swaps": uniforms[2].tolist(),
        "tokens": tokens.tolist(),
    }
    for name, whole in [("ofTokens", False), ("ofWords", True)]:
        collator = DataCollatorForLanguageModeling(own, mlm_probability=0.7, whole_word_mask=whole)
        draws = Draws(uniforms, tokens)
        with mock.patch("torch.bernoulli", draws.bernoulli), mock.patch("torch.randint", draws.randint):
            inputs, labels = collator.torch_mask_tokens(
                ids.clone(), encoded["special_tokens_mask"].clone(), encoded["offset_mapping"]
            )
        told[name] = {"inputs": inputs.tolist(), "labels": labels.tolist()}
    logits = torch.randn(*ids.shape, len(own), requires_grad=True)
    labels = torch.tensor(told["ofTokens"]["labels"])
    loss = torch.nn.functional.cross_entropy(logits.view(-1, len(own)), labels.view(-1))
    loss.backward()
    told["logits"], told["loss"], told["gradient"] = rounded(logits), loss.item(), rounded(logits.grad)
    write("head-text/fixtures/masked-tokens.json", told)


masked_autoencoder()
hidden_tokens()
