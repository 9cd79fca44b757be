"""Fixtures of packages/encoder-vision: a tiny ViT, and pictures encoded, resized and turned grey by Pillow.

Needs numpy, pillow, safetensors, torch, transformers. Run from the root of the repository:
    python tools/parity/vision.py
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.numpy import save_file
from transformers import ViTConfig, ViTModel

fixtures = Path("packages/encoder-vision/fixtures")
fixtures.mkdir(exist_ok=True)


def vit() -> None:
    """Random weights of ViTModel in Hugging Face's names; pixels channels last."""
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        image_size=(8, 12), patch_size=4, num_channels=3, layer_norm_eps=1e-6,
    )
    model = ViTModel(config, add_pooling_layer=False).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    pixels = torch.randn(3, 3, 8, 12)
    with torch.no_grad():
        hidden = model(pixels).last_hidden_state
    tensors = {name: value.numpy() for name, value in model.state_dict().items()}
    tensors["pixel_values"] = pixels.permute(0, 2, 3, 1).contiguous().numpy()
    tensors["last_hidden_state"] = hidden.numpy()
    save_file(tensors, fixtures / "vit.safetensors")


def smooth(height: int, width: int) -> np.ndarray:
    """A picture without sharp edges, other in each channel."""
    y, x = np.mgrid[0:height, 0:width]
    y, x = y / height, x / width
    red = 0.5 + 0.45 * np.sin(5 * x + 3 * y)
    green = 0.5 + 0.45 * np.cos(4 * x * y + 2 * y)
    blue = 0.2 + 0.6 * x * (1 - y)
    return np.round(255 * np.stack([red, green, blue], -1)).astype(np.uint8)


def ramp() -> Image.Image:
    """Alpha that grows from left to right."""
    return Image.fromarray(np.tile(np.linspace(0, 255, 32).round().astype(np.uint8), (24, 1)))


def over(image: Image.Image) -> Image.Image:
    """A picture that lets light through, over a colour."""
    transparent = image.copy()
    transparent.putalpha(ramp())
    background = Image.new("RGBA", image.size, (10, 200, 90, 255))
    return Image.alpha_composite(background, transparent).convert("RGB")


def pictures() -> None:
    pixels = smooth(24, 32)
    image = Image.fromarray(pixels)
    kernels = {
        "bilinear": Image.Resampling.BILINEAR,
        "bicubic": Image.Resampling.BICUBIC,
        "lanczos": Image.Resampling.LANCZOS,
    }
    tensors = {"pixels": pixels, "grey": np.asarray(image.convert("L"))}
    for name, kernel in kernels.items():
        tensors[f"{name}.smaller"] = np.asarray(image.resize((10, 8), kernel))
        tensors[f"{name}.larger"] = np.asarray(image.resize((44, 34), kernel))
    for name, size in {"smaller": (10, 8), "larger": (44, 34)}.items():
        floats = [Image.fromarray(pixels[..., c].astype(np.float32)) for c in range(3)]
        resized = [np.asarray(channel.resize(size, Image.Resampling.BICUBIC)) for channel in floats]
        tensors[f"floats.{name}"] = np.stack(resized, -1)
    tensors["cover"] = np.asarray(image.resize((20, 9), Image.Resampling.BICUBIC, box=(0, 4.8, 32, 19.2)))
    tensors["contain"] = np.asarray(ImageOps.pad(image, (24, 24), Image.Resampling.BICUBIC, color=(10, 200, 90)))
    tensors["over"] = np.asarray(over(image))
    save_file({name: value.astype(np.float32) for name, value in tensors.items()}, fixtures / "pictures.safetensors")

    image.save(fixtures / "picture.png")
    image.save(fixtures / "picture.webp", lossless=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: to be shown turned 90 degrees clockwise
    image.transpose(Image.Transpose.ROTATE_90).save(fixtures / "turned.jpg", quality=98, subsampling=0, exif=exif)
    grey = image.convert("L")
    grey.save(fixtures / "grey.png")
    image.putalpha(ramp())
    image.save(fixtures / "alpha.png")


vit()
pictures()
