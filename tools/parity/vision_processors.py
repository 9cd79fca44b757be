"""Fixtures of packages/encoder-vision: what the image processors of transformers make of pictures of every kind.

Needs numpy, pillow, safetensors, torch, transformers. Run from the root of the repository:
    python tools/parity/vision_processors.py
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from safetensors.numpy import save_file
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

folder = Path("packages/encoder-vision/fixtures/processors")
folder.mkdir(parents=True, exist_ok=True)
classes = {
    "ViTImageProcessor": ViTImageProcessorPil,
    "CLIPImageProcessor": CLIPImageProcessorPil,
    "SiglipImageProcessor": SiglipImageProcessorPil,
    "BitImageProcessor": BitImageProcessorPil,
    "Idefics3ImageProcessor": Idefics3ImageProcessorPil,
    "SmolVLMImageProcessor": SmolVLMImageProcessorPil,
}


def photograph(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    """Slopes, waves and noise in every channel."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    waves = [np.sin(x / (3 + c) + c) * np.cos(y / (5 - c % 3)) for c in range(channels)]
    slope = x / width - y / height
    values = 127 + 70 * np.stack(waves, -1) + 50 * slope[..., None] + random.normal(0, 12, (height, width, channels))
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def drawing(mode: str, size: tuple[int, int]) -> Image.Image:
    """Hard edges, and pixels of every transparency over colours that would show."""
    image = Image.new("RGBA", size, (250, 30, 90, 0))
    pen = ImageDraw.Draw(image)
    width, height = size
    pen.ellipse((3, 5, width - 8, height // 2), fill=(20, 160, 220, 255), outline=(0, 0, 0, 255))
    pen.line((0, height - 1, width, 0), fill=(255, 220, 0, 200), width=3)
    pen.rectangle((width // 3, height // 2, width - 2, height - 4), fill=(90, 20, 120, 77))
    for x in range(width):
        pen.point((x, height - 2), fill=(0, 90, 30, 255 * x // (width - 1)))
    return image.convert(mode)


def write_png16(path: Path, pixels: np.ndarray) -> None:
    """16 bits for each of red, green and blue, which Pillow reads but does not write."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def write_pictures() -> None:
    rgb = Image.fromarray(photograph(43, 61, 3, 0))
    rgb.save(folder / "photograph.jpg", quality=90)
    rgb.save(folder / "progressive.jpg", quality=60, progressive=True, subsampling=2)
    rgb.resize((30, 55)).save(folder / "lossy.webp", quality=80)
    Image.fromarray(photograph(45, 37, 3, 1)).convert("L").save(folder / "grey.jpg", quality=85)
    Image.fromarray(photograph(40, 50, 4, 2), "CMYK").save(folder / "ink.jpg", quality=92)
    Image.fromarray(photograph(26, 33, 4, 3), "CMYK").save(folder / "ink.tif")
    random = np.random.default_rng(4)
    Image.fromarray(random.integers(0, 700, (31, 27)).astype(np.uint16)).save(folder / "grey-16-bit.png")
    write_png16(folder / "colour-16-bit.png", random.integers(0, 65536, (29, 23, 3)).astype(np.uint16))
    drawing("RGBA", (53, 71)).save(folder / "drawing.png")
    drawing("LA", (35, 41)).save(folder / "grey-drawing.png")
    drawing("RGBA", (44, 39)).convert("P").save(folder / "palette.png", transparency=3)
    drawing("RGB", (38, 29)).convert("P", palette=Image.Palette.ADAPTIVE).save(folder / "drawing.gif")
    drawing("1", (37, 30)).save(folder / "black-and-white.png")
    Image.fromarray(photograph(1, 90, 3, 5)).save(folder / "line.png")
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        rgb.resize((36, 25)).save(folder / f"turned-{orientation}.jpg", quality=88, exif=exif)


small = {"size": {"height": 15, "width": 20}, "image_processor_type": "ViTImageProcessor"}
clip = {"image_processor_type": "CLIPImageProcessor"}
options = {
    "vit": small,
    "vit-nearest": small | {"resample": 0},
    "vit-lanczos": small | {"resample": 1},
    "vit-bicubic": small | {"resample": 3},
    "vit-box": small | {"resample": 4},
    "vit-hamming": small | {"resample": 5},
    "vit-old": {"feature_extractor_type": "ViTFeatureExtractor", "size": 17, "image_mean": [0.5, 0.4, 0.3]},
    "vit-larger": small | {"size": [70, 66], "resample": 3, "do_normalize": False},
    "vit-bytes": small | {"do_rescale": False, "do_normalize": False},
    "vit-scaled": small | {"rescale_factor": 1 / 127.5, "image_mean": 1.0, "image_std": [1.0, 2.0, 0.5]},
    "clip": clip | {"size": {"shortest_edge": 18}, "crop_size": {"height": 18, "width": 18}, "resample": 3},
    "clip-old": {"feature_extractor_type": "CLIPFeatureExtractor", "size": 19, "crop_size": 16, "resample": 3},
    "clip-beyond": clip | {"size": {"shortest_edge": 11}, "crop_size": {"height": 20, "width": 17}, "resample": 1},
    "clip-uncropped": clip | {"size": {"shortest_edge": 13}, "do_center_crop": False},
    "clip-unresized": clip | {"do_resize": False, "crop_size": {"height": 21, "width": 24}},
    "siglip": {"image_processor_type": "SiglipImageProcessor", "size": {"height": 16, "width": 16}, "resample": 3},
    "siglip-fast": {"image_processor_type": "SiglipImageProcessorFast", "size": {"height": 21, "width": 13}},
    "bit": {
        "image_processor_type": "BitImageProcessor",
        "size": {"shortest_edge": 22},
        "crop_size": {"height": 14, "width": 14},
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    },
    "bit-limited": {
        "image_processor_type": "BitImageProcessor",
        "size": {"shortest_edge": 20, "longest_edge": 25},
        "do_center_crop": False,
    },
    "bit-within": {
        "image_processor_type": "BitImageProcessor",
        "size": {"max_height": 19, "max_width": 31},
        "do_center_crop": False,
    },
}
idefics3 = {"image_processor_type": "Idefics3ImageProcessor", "size": {"longest_edge": 24}, "max_image_size": {"longest_edge": 8}}
tile_options = {
    "idefics3": idefics3,
    "idefics3-wider": idefics3 | {"size": {"longest_edge": 29}, "image_mean": [0.5, 0.4, 0.3], "do_pad": False},
    "idefics3-one": idefics3 | {"size": {"longest_edge": 8}},
    "smolvlm": idefics3 | {"image_processor_type": "SmolVLMImageProcessor", "resample": 3, "video_sampling": {"fps": 1}},
    "smolvlm-whole": idefics3 | {"image_processor_type": "SmolVLMImageProcessor", "do_image_splitting": False},
    "smolvlm-unresized": idefics3 | {"max_image_size": {"longest_edge": 20}, "do_resize": False},
    "smolvlm-squared": idefics3 | {"size": {"height": 10, "width": 16}},
}  # fmt: skip
tile_pictures = ("photograph.jpg", "drawing.png", "grey.jpg", "line.png")
plain = ("vit", "clip")
cases = (
    [("photograph.jpg", name) for name in options]
    + [("drawing.png", name) for name in options]
    + [
        (path, name)
        for name in plain
        for path in (
            "progressive.jpg", "lossy.webp", "grey.jpg", "ink.jpg", "ink.tif", "grey-16-bit.png", "colour-16-bit.png",
            "grey-drawing.png", "palette.png", "drawing.gif", "black-and-white.png",
            *(f"turned-{orientation}.jpg" for orientation in range(2, 9)),
        )
    ]
    + [("line.png", name) for name in ("vit", "clip-beyond", "bit")]
)


def processor(name: str, options=options):
    content = dict(options[name])
    type_name = content.pop("image_processor_type", None) or content.pop("feature_extractor_type")
    type_name = type_name.removesuffix("Fast").replace("FeatureExtractor", "ImageProcessor")
    return classes[type_name](**content)


write_pictures()
tensors = {}
for path, name in cases:
    (result,) = processor(name)(str(folder / path), return_tensors="np")["pixel_values"]
    tensors[f"{path} {name}"] = result.transpose(1, 2, 0)
for path in ("drawing.png", "grey-drawing.png", "palette.png"):
    (result,) = processor("clip")(Image.open(folder / path), return_tensors="np")["pixel_values"]
    tensors[f"{path} clip over white"] = result.transpose(1, 2, 0)
for channels, name in ((1, "clip"), (3, "vit"), (4, "siglip")):
    pixels = photograph(33, 26, channels, 6 + channels)
    (result,) = processor(name)(pixels, return_tensors="np", input_data_format="channels_last")["pixel_values"]
    tensors[f"pixels of {channels}"] = pixels.astype(np.float32)
    tensors[f"pixels of {channels} {name}"] = result.transpose(1, 2, 0)
values = folder / "pixel-values"
values.mkdir(exist_ok=True)
for option in ("pixels", *options):
    chosen = {n: v for n, v in tensors.items() if n.split()[1] == option or n.split()[0] == option}
    save_file({n: np.ascontiguousarray(v, np.float32) for n, v in chosen.items()}, values / f"{option}.safetensors")
(folder / "options.json").write_text(json.dumps(options, indent=1) + "\n")

tiles = {}
grids = {}
for path in tile_pictures:
    for name in tile_options:
        if name == "smolvlm-unresized" and path != "grey.jpg":
            continue
        result = processor(name, tile_options)(str(folder / path), return_tensors="np", return_row_col_info=True)
        assert name == "idefics3-wider" or result["pixel_attention_mask"].min() == 1, "tiles that are not of one size"
        tiles[f"{path} {name}"] = np.ascontiguousarray(result["pixel_values"][0].transpose(0, 2, 3, 1), np.float32)
        grids[f"{path} {name}"] = [result["rows"][0][0], result["cols"][0][0]]
save_file(tiles, folder / "tiles.safetensors")
published = {"size": {"longest_edge": 2048}, "max_image_size": {"longest_edge": 512}}  # of SmolVLM 256M and 500M
sides = [(512, 512), (480, 640), (640, 480), (1080, 1920), (3000, 700), (700, 3001), (1, 900), (2047, 2049), (100, 101), (5000, 4001)]
for height, width in sides:
    blank = Image.new("RGB", (width, height))
    found = SmolVLMImageProcessorPil(**published, do_rescale=False, do_normalize=False)(blank, return_tensors="np", return_row_col_info=True)
    grids[f"{height} {width}"] = [found["rows"][0][0], found["cols"][0][0]]
(folder / "tiles.json").write_text(json.dumps({"options": tile_options, "published": published, "grids": grids}) + "\n")
