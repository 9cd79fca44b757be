"""Fixtures of packages/encoder-vision: tiny files of the kinds that decoders disagree on, and what Pillow reads of them.

A few of those that media_fuzz.py generates. Needs numpy, pillow, safetensors, transformers. Run from the root of the repository:
    python tools/parity/vision_files.py
"""

from pathlib import Path

import numpy as np
from media_fuzz_pictures import as_python, image_of, over_background, png, png_chunk, saved
from PIL import Image
from safetensors.numpy import save_file

folder = Path("packages/encoder-vision/fixtures/files")
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(11)
size = (9, 6)
turned = Image.Exif()
turned[0x0112] = 6

inks = saved(image_of(random, "CMYK", size), "JPEG", quality=92)
adobe = inks.index(b"Adobe")
frames = [image_of(random, "RGBA", size) for _ in range(2)]
palette = png_chunk(b"PLTE", random.integers(0, 256, 12).astype(np.uint8).tobytes())
files = {
    "ink.jpg": inks,
    "ink-ycck.jpg": inks[: adobe + 11] + b"\2" + inks[adobe + 12 :],
    "ink.tif": saved(image_of(random, "CMYK", size), "TIFF", compression="tiff_lzw"),
    "grey-alpha.png": png(random, 4, 8, size),
    "grey-alpha-16.png": png(random, 4, 16, size),
    "grey-16.png": png(random, 0, 16, size),
    "grey-16-one-transparent.png": png(random, 0, 16, size, palette=png_chunk(b"tRNS", b"\0\1")),
    "palette-2-interlaced.png": png(random, 3, 2, size, True, palette=palette + png_chunk(b"tRNS", bytes([0, 255, 90]))),
    "gamma.png": png(random, 2, 8, size, before=png_chunk(b"gAMA", b"\0\1\x86\xa0")),
    "turned.png": saved(image_of(random, "RGB", size), "PNG", exif=turned),
    "transparent.gif": saved(image_of(random, "P", size), "GIF", transparency=3),
    "moving.webp": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, exact=True),
    "black-and-white.tif": saved(image_of(random, "1", size), "TIFF", compression="group4"),
}
tensors = {}
for name, content in files.items():
    (folder / name).write_bytes(content)
    tensors[f"{name} picture"] = np.ascontiguousarray(as_python(content), np.float32)
    tensors[f"{name} laid"] = np.ascontiguousarray(over_background(content), np.float32)
save_file(tensors, folder / "pixels.safetensors")

refused = {"BMP": "picture.bmp", "ICO": "picture.ico", "JPEG2000": "picture.jp2", "PPM": "picture.ppm"}
for kind, name in refused.items():
    (folder / name).write_bytes(saved(image_of(random, "RGB", (16, 16)), kind))
(folder / "ycbcr.tif").write_bytes(saved(image_of(random, "YCbCr", size), "TIFF"))
