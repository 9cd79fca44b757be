"""Writes how many parameters published models have, as transformers counts them, beside the configs that they were published with.

No weight is made: the models lie on torch's device "meta". Configs are those of the `published-configs.json` files themselves.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    Idefics3ForConditionalGeneration,
    LlavaForConditionalGeneration,
    SmolVLMForConditionalGeneration,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
FILES = [
    PACKAGES / "encoder-text" / "fixtures" / "published-configs.json",
    PACKAGES / "encoder-audio" / "fixtures" / "published-configs.json",
    PACKAGES / "encoder-vision" / "fixtures" / "published-configs.json",
    PACKAGES / "architectures" / "fixtures" / "published-configs.json",
]
CLASSES = {
    "whisper": WhisperEncoder,
    "llava": LlavaForConditionalGeneration,
    "idefics3": Idefics3ForConditionalGeneration,
    "smolvlm": SmolVLMForConditionalGeneration,
}


def main() -> None:
    for file in FILES:
        models = json.loads(file.read_text())
        for model in models:
            model["parameters"] = count(model["config"])
        file.write_text(json.dumps(models, indent=1) + "\n")


def count(config: dict) -> int:
    """Of the model without a head on top; of Whisper, of which there is the encoder alone, that; of those that write, with their head."""
    options = {key: value for key, value in config.items() if key != "model_type"}
    made = AutoConfig.for_model(config["model_type"], **options)
    with torch.device("meta"):
        model = CLASSES.get(made.model_type, AutoModel.from_config)(made)
    return sum(parameter.numel() for parameter in model.parameters())


if __name__ == "__main__":
    main()
