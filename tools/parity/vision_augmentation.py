"""Fixtures of packages/encoder-vision: what torchvision makes of pictures in its augmentations, given what they draw.

Needs numpy, pillow, safetensors, torch, torchvision. Run from the root of the repository:
    python tools/parity/vision_augmentation.py
"""

import json

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file

# Of its compiled operators none is needed. They are declared, so that it can be imported beside a PyTorch without CUDA.
operators = torch.library.Library("torchvision", "DEF")
for name in ("roi_align", "ps_roi_align", "roi_pool", "ps_roi_pool", "deform_conv2d"):
    for own in (name, f"_{name}_backward"):
        operators.define(f"{own}(Tensor a) -> Tensor")
for name in ("nms", "qnms"):
    operators.define(f"{name}(Tensor a) -> Tensor")

from torchvision.transforms import RandAugment, functional  # noqa: E402
from torchvision.transforms.autoaugment import _apply_op  # noqa: E402

random = np.random.default_rng(3)


def picture(height: int, width: int, channels: int) -> np.ndarray:
    """Slopes and noise, and a corner that is grey."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    slopes = np.stack([30 + 18 * x, 220 - 12 * y, 60 + 7 * x + 8 * y], -1)[..., :channels]
    values = np.clip(slopes + random.normal(0, 25, slopes.shape), 0, 255).astype(np.uint8)
    values[:3, :3] = 77
    return values


pictures = {"colour": picture(13, 10, 3), "grey": picture(7, 9, 1)}
tensors: dict[str, np.ndarray] = {}
for name, values in pictures.items():
    tensors[name] = values
    image = Image.fromarray(values.squeeze())
    made = {}
    for operation, (magnitudes, signed) in RandAugment()._augmentation_space(31, values.shape[:2]).items():
        for step in [0] if magnitudes.ndim == 0 else [5, 9, 30]:
            magnitude = 0.0 if magnitudes.ndim == 0 else float(magnitudes[step])
            for sign in (1, -1) if signed else (1,):
                key = f"RandAugment/{operation}/{sign * step}"
                made[key] = _apply_op(image, operation, sign * magnitude, functional.InterpolationMode.NEAREST, None)
    for factor in (0.0, 0.35, 1.0, 1.7):
        made[f"brightness/{factor}"] = functional.adjust_brightness(image, factor)
        made[f"contrast/{factor}"] = functional.adjust_contrast(image, factor)
        made[f"saturation/{factor}"] = functional.adjust_saturation(image, factor)
    for factor in (-0.5, -0.13, 0.0, 0.21, 0.5):
        made[f"hue/{factor}"] = functional.adjust_hue(image, factor)
    for key, value in made.items():
        tensors[f"{name}/{key}"] = np.asarray(value).reshape(values.shape)

# Every hue and saturation that three bytes of few levels make.
levels = np.array([0, 1, 40, 85, 128, 170, 213, 254, 255], np.uint8)
cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(27, 27, 3)
tensors["cube"] = cube
for factor in (0.3, -0.4):
    tensors[f"cube/hue/{factor}"] = np.asarray(functional.adjust_hue(Image.fromarray(cube), factor))

save_file({name: values.astype(np.float32) for name, values in tensors.items()}, "packages/encoder-vision/fixtures/augmentation.safetensors")
print(json.dumps({"tensors": len(tensors)}))
