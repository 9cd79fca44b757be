"""Pictures of every format, mode, depth, order of chunks and damage, for media_fuzz.py.

Each file is read in both of our ways: as `transformers.image_utils.load_image` reads it (`picture`), and laid over a
background (`laid`).
"""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from media_fuzz_case import Case
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin
from transformers.image_utils import load_image

background = (200, 30, 90)
lossy = 1.0
"""Of 255: decoders may round the inverse transforms otherwise."""


def as_python(content: bytes):
    return np.asarray(load_image(Image.open(io.BytesIO(content))))


def over_background(content: bytes):
    image = Image.open(io.BytesIO(content))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    below = Image.new("RGBA", image.size, (*background, 255))
    return np.asarray(Image.alpha_composite(below, image.convert("RGBA")).convert("RGB"))


def attempt(read, content: bytes):
    try:
        return read(content), None
    except Exception:  # Pillow raises errors of many kinds for damaged files
        return None


def both(name: str, content: bytes, **options) -> Iterator[Case]:
    yield Case(name, content, attempt(as_python, content), kind="picture", **options)
    yield Case(f"{name}, laid", content, attempt(over_background, content), kind="laid", **options)


def scene(random: np.random.Generator, height: int, width: int, channels: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(float)
    waves = [127 + 80 * np.sin(x / (2 + c) + c) * np.cos(y / (4 - c % 3)) for c in range(channels)]
    return np.clip(np.stack(waves, -1) + random.normal(0, 15, (height, width, channels)), 0, 255).astype(np.uint8)


def image_of(random: np.random.Generator, mode: str, size: tuple[int, int] = (37, 26)) -> Image.Image:
    width, height = size
    if mode == "P":
        return image_of(random, "RGB", size).quantize(40)
    if mode == "I;16":
        return Image.fromarray(random.integers(0, 65536, (height, width)).astype(np.uint16))
    if mode == "F":
        return Image.fromarray(random.uniform(0, 255, (height, width)).astype(np.float32))
    if mode in ("1", "LA", "YCbCr", "LAB"):
        return image_of(random, {"1": "L", "LA": "RGBA"}.get(mode, "RGB"), size).convert(mode)
    channels = {"L": 1, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    values = scene(random, height, width, channels)
    return Image.fromarray(values[..., 0] if mode == "L" else values, mode)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# --- PNG by hand --------------------------------------------------------------------------------------------------------

depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
channels_of = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def packed(values: np.ndarray, depth: int, random: np.random.Generator) -> bytes:
    """Rows of (height, width, channels), each with a filter."""
    rows = []
    before = None
    for row in values:
        flat = row.reshape(-1)
        if depth == 16:
            line = flat.astype(">u2").tobytes()
        elif depth == 8:
            line = flat.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in flat)
            bits += "0" * (-len(bits) % 8)
            line = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        line = np.frombuffer(line, np.uint8)
        above = np.zeros_like(line) if before is None else before
        kind = int(random.integers(0, 3)) if depth >= 8 else 0
        step = max(1, row.shape[-1] * depth // 8)
        left = np.concatenate([np.zeros(step, np.uint8), line[:-step]]) if len(line) > step else np.zeros_like(line)
        filtered = line - (0 if kind == 0 else left if kind == 1 else above)
        rows.append(bytes([kind]) + filtered.astype(np.uint8).tobytes())
        before = line
    return b"".join(rows)


def png(random, colour: int, depth: int, size, interlaced=False, before=b"", palette=b"", after=b"") -> bytes:
    width, height = size
    values = random.integers(0, 2**depth, (height, width, channels_of[colour]))
    if interlaced:
        passes = [values[top::down, left::right] for top, left, down, right in adam7]
        data = b"".join(packed(part, depth, random) for part in passes if part.size)
    else:
        data = packed(values, depth, random)
    compressed = zlib.compress(data)
    cut = int(random.integers(0, len(compressed) + 1))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    chunks = png_chunk(b"IHDR", header) + before + palette
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IDAT", compressed[:cut]) + png_chunk(b"IDAT", compressed[cut:]) + after + png_chunk(b"IEND", b"")


def png_by_hand(random: np.random.Generator) -> Iterator[Case]:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    extras = {
        "plain": b"",
        "gamma": png_chunk(b"gAMA", struct.pack(">I", 100_000)),
        "text": png_chunk(b"tEXt", b"Title\0" + b"x" * 7) + png_chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        "time": png_chunk(b"tIME", bytes(7)) + png_chunk(b"sRGB", b"\0"),
        "profile": png_chunk(b"iCCP", b"lab\0\0" + zlib.compress(profile)),
        "chromaticities": png_chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        "private": png_chunk(b"prVt", b"abc"),
    }
    for colour, several in depths.items():
        for depth in several:
            palette = png_chunk(b"PLTE", random.integers(0, 256, 3 * 2**depth).astype(np.uint8).tobytes()) if colour == 3 else b""
            trns = {0: struct.pack(">H", 1), 2: struct.pack(">HHH", 9, 8, 7), 3: bytes([0, 255, 90])[: 2**depth]}.get(colour)
            for size in ((1, 1), (5, 3), (33, 18)):
                for interlaced in (False, True):
                    for name, extra in extras.items():
                        if size != (33, 18) and name != "plain":
                            continue
                        if name == "profile" and colour not in (2, 6):
                            continue
                        content = png(random, colour, depth, size, interlaced, extra, palette)
                        yield from both(f"PNG {colour}/{depth} {size} {'interlaced ' * interlaced}{name}", content)
                    if trns:
                        content = png(random, colour, depth, size, interlaced, palette=palette + png_chunk(b"tRNS", trns))
                        # Of grey of 2 or 4 bits Pillow compares the transparent level with the pixels' levels scaled to 255.
                        ways = list(both(f"PNG {colour}/{depth} {size} {'interlaced ' * interlaced}one transparent", content))
                        yield from ways[:1] if colour == 0 and depth in (2, 4) else ways
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield from both(f"PNG turned {orientation}", saved(image_of(random, "RGB"), "PNG", exif=exif))
    rgb = image_of(random, "RGB")
    yield from both("APNG", saved(rgb, "PNG", save_all=True, append_images=[image_of(random, "RGB")]))


# --- what Pillow writes -------------------------------------------------------------------------------------------------


def jpeg(random: np.random.Generator) -> Iterator[Case]:
    for mode in ("L", "RGB", "CMYK"):
        for subsampling in (0, 1, 2):
            for progressive in (False, True):
                for quality in (30, 95):
                    image = image_of(random, mode, (45, 34))
                    content = saved(image, "JPEG", quality=quality, progressive=progressive, subsampling=subsampling)
                    yield from both(f"JPEG {mode} {subsampling} {quality} {'progressive' * progressive}", content, tolerance=lossy if mode != "CMYK" else 2)
    for size in ((1, 1), (8, 8), (7, 19), (16, 17)):
        yield from both(f"JPEG {size}", saved(image_of(random, "RGB", size), "JPEG"), tolerance=lossy)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield from both(f"JPEG turned {orientation}", saved(image_of(random, "RGB"), "JPEG", exif=exif), tolerance=lossy)
    inks = saved(image_of(random, "CMYK"), "JPEG", quality=90)
    at = inks.index(b"Adobe")
    yield from both("JPEG YCCK", inks[: at + 11] + b"\2" + inks[at + 12 :], tolerance=2)
    yield from both("JPEG CMYK without Adobe's marker", inks[: at - 4] + inks[at + 12 :], tolerance=2)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield from both("JPEG CMYK turned", saved(image_of(random, "CMYK"), "JPEG", exif=exif), tolerance=2)
    rgb = saved(image_of(random, "RGB"), "JPEG")
    marker = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
    yield from both("JPEG of RGB components", rgb[:2] + marker + rgb[2:], tolerance=lossy)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    yield from both("JPEG with a profile", saved(image_of(random, "RGB"), "JPEG", icc_profile=profile), tolerance=lossy)
    yield from both("JPEG before junk", rgb + b"junk" * 9, tolerance=lossy)
    yield from both("JPEG with fill bytes", rgb[:2] + b"\xff\xff" + rgb[2:], tolerance=lossy)
    yield from both("JPEG with restarts", saved(image_of(random, "RGB", (90, 70)), "JPEG", restart_marker_blocks=2), tolerance=lossy)


def webp(random: np.random.Generator) -> Iterator[Case]:
    for mode in ("RGB", "RGBA"):
        for size in ((1, 1), (23, 31)):
            for lossless in (False, True):
                content = saved(image_of(random, mode, size), "WEBP", lossless=lossless, exact=True)
                yield from both(f"WebP {mode} {size} {'lossless' * lossless}", content, tolerance=0 if lossless else lossy)
    for orientation in (1, 3, 6, 8):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield from both(f"WebP turned {orientation}", saved(image_of(random, "RGB"), "WEBP", lossless=True, exif=exif))
    frames = [image_of(random, "RGBA") for _ in range(3)]
    yield from both("WebP moving", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, exact=True))


def gif(random: np.random.Generator) -> Iterator[Case]:
    for mode in ("1", "L", "P", "RGB"):
        for interlace in (0, 1):
            yield from both(f"GIF {mode} {'interlaced' * interlace}", saved(image_of(random, mode), "GIF", interlace=interlace))
    for index in (0, 3, 39):
        yield from both(f"GIF, {index} transparent", saved(image_of(random, "P"), "GIF", transparency=index))
    frames = [image_of(random, "P") for _ in range(3)]
    yield from both("GIF moving", saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def tiff(random: np.random.Generator) -> Iterator[Case]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "YCbCr", "LAB", "F"):
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4"):
            try:
                content = saved(image_of(random, mode), "TIFF", compression=compression)
            except (OSError, ValueError, KeyError, RuntimeError):
                continue
            refusable = mode in ("LAB", "F", "YCbCr")
            yield from both(f"TIFF {mode} {compression}", content, tolerance=lossy if compression == "jpeg" else 0, refusable=refusable)
    for orientation in range(1, 9):
        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[274] = orientation
        yield from both(f"TIFF turned {orientation}", saved(image_of(random, "RGB"), "TIFF", tiffinfo=info))
    pages = [image_of(random, "RGB") for _ in range(3)]
    yield from both("TIFF of pages", saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    yield from both("TIFF, big", saved(pages[0], "TIFF", big_tiff=True))
    yield from both("TIFF, strips", saved(pages[0], "TIFF", compression="tiff_lzw", strip_size=200))


def others(random: np.random.Generator) -> Iterator[Case]:
    named = {"BMP": "BMP", "ICO": "ICO", "JPEG2000": "JPEG 2000", "PPM": "PNM", "PCX": "PCX", "SGI": "SGI", "DDS": "DDS", "ICNS": "ICNS", "PDF": "PDF", "EPS": "PostScript", "TGA": "TGA"}
    for kind, name in named.items():
        yield from both(kind, saved(image_of(random, "RGB", (32, 32)), kind), refusable=True, named=name)
    for subsampling in ("4:4:4", "4:2:0"):
        smooth = image_of(random, "RGB", (9, 7)).resize((60, 50), Image.Resampling.BICUBIC)
        content = saved(smooth, "AVIF", quality=90, subsampling=subsampling)
        yield from both(f"AVIF {subsampling}", content, tolerance=2 if subsampling == "4:4:4" else 12)
    yield from both("nothing", b"")
    yield from both("text", b"this is no picture")
    yield from both("HTML", b"<!doctype html><html>404</html>")


def damaged(random: np.random.Generator) -> Iterator[Case]:
    whole = {
        "PNG": saved(image_of(random, "RGB", (60, 50)), "PNG"),
        "PNG 16": png(random, 6, 16, (30, 20), True),
        "JPEG": saved(image_of(random, "RGB", (90, 70)), "JPEG"),
        "JPEG progressive": saved(image_of(random, "RGB", (90, 70)), "JPEG", progressive=True),
        "WebP": saved(image_of(random, "RGB", (90, 70)), "WEBP"),
        "WebP lossless": saved(image_of(random, "RGBA", (40, 30)), "WEBP", lossless=True),
        "GIF": saved(image_of(random, "P", (60, 50)), "GIF"),
        "TIFF": saved(image_of(random, "RGB", (60, 50)), "TIFF"),
        "TIFF LZW": saved(image_of(random, "RGB", (60, 50)), "TIFF", compression="tiff_lzw"),
    }
    for name, content in whole.items():
        for part in (0.005, 0.05, 0.3, 0.6, 0.9, 0.99):
            yield from both(f"{name} cut to {part}", content[: int(part * len(content))], damage="cut")
        yield from both(f"{name} without its last byte", content[:-1], damage="cut")
        for index in range(10):
            changed = bytearray(content)
            changed[int(random.integers(0, len(changed)))] ^= int(random.integers(1, 256))
            yield from both(f"{name}, byte {index} changed", bytes(changed), damage="bytes")
    for width, height in ((16_000, 16_000), (2**31 - 1, 2**31 - 1), (0, 5), (178_956_971, 1)):
        header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        content = b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(bytes(1000))) + png_chunk(b"IEND", b"")
        yield from both(f"PNG of {width} × {height}", content)


def cases(random: np.random.Generator) -> Iterator[Case]:
    for family in (png_by_hand, jpeg, webp, gif, tiff, others, damaged):
        yield from family(random)
