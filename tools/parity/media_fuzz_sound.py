"""Sound files of every container, depth, channel layout, chunk order and damage, for media_fuzz.py."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import soundfile
from media_fuzz_case import Case
from scipy.signal import resample_poly

Chunk = tuple[bytes, bytes]


def sound(random: np.random.Generator, frames: int, channels: int, rate: int) -> np.ndarray:
    """(frames, channels): another chord in each channel, and noise."""
    t = np.arange(frames)[:, None] / rate
    tones = sum(np.sin(2 * np.pi * f * (1 + np.arange(channels)) ** 0.5 * t) / 4 for f in (110, 270, 633))
    return 0.6 * tones + 0.02 * random.standard_normal((frames, channels))


def read(content: bytes):
    """What libsndfile makes of a file: (frames, channels) and the rate, or None if it refuses."""
    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        return None
    return samples, rate


def written(samples: np.ndarray, rate: int, **options) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **options)
    return file.getvalue()


def case(name: str, content: bytes, order: list[int] | None = None, **options) -> Case:
    expected = read(content)
    if expected and order:
        expected = (np.ascontiguousarray(expected[0][:, order]), expected[1])
    return Case(name, content, expected, **options)


# --- files that libsndfile writes ---------------------------------------------------------------------------------------

containers = ("WAV", "WAVEX", "RF64", "AIFF", "AU", "W64", "CAF", "VOC", "NIST", "SVX", "PAF", "IRCAM", "AVR")
ours = ("WAV", "WAVEX", "RF64", "AIFF", "AU")
names = {"NIST": "NIST SPHERE", "SVX": "IFF"}
codecs = ("ADPCM", "GSM", "G72", "DWVW", "MPEG", "NMS", "ALAC", "DPCM")


def containers_of_every_kind(random: np.random.Generator) -> Iterator[Case]:
    for container in containers:
        for subtype in soundfile.available_subtypes(container):
            for endian in ("FILE", "LITTLE" if container == "AIFF" else "BIG"):
                for channels in (1, 2, 5):
                    if not soundfile.check_format(container, subtype, endian):
                        continue
                    samples = sound(random, 1200, channels, 8000)
                    try:
                        content = written(samples, 8000, format=container, subtype=subtype, endian=endian)
                    except (soundfile.LibsndfileError, RuntimeError):
                        continue
                    refusable = container not in ours or any(codec in subtype for codec in codecs)
                    named = "" if container in ours else names.get(container, container)
                    yield case(f"{container} {subtype} {endian} {channels}", content, refusable=refusable, named=named)


# --- RIFF by hand -------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes, size: int | None = None, order: str = "<") -> bytes:
    return kind + struct.pack(order + "I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def riff(body: bytes, size: int | None = None, kind: bytes = b"RIFF", order: str = "<") -> bytes:
    return kind + struct.pack(order + "I", len(body) + 4 if size is None else size) + b"WAVE" + body


def fmt(tag: int, channels: int, rate: int, bits: int, extra: bytes | None = None, align: int | None = None, order="<"):
    align = (bits + 7) // 8 * channels if align is None else align
    body = struct.pack(order + "HHIIHH", tag, channels, rate, rate * align, align, bits)
    if extra is not None:
        body += struct.pack(order + "H", len(extra)) + extra
    return body


def extensible(tag: int, channels: int, rate: int, bits: int, valid: int) -> bytes:
    guid = struct.pack("<I", tag) + bytes.fromhex("000010008000 00aa00389b71".replace(" ", ""))
    return fmt(0xFFFE, channels, rate, bits, struct.pack("<HI", valid, (1 << channels) - 1) + guid)


def pcm(random: np.random.Generator, tag: int, bits: int, count: int, order: str = "<") -> bytes:
    """Random samples, the extremes among them."""
    if tag == 3:
        values = random.uniform(-1.5, 1.5, count)
        return values.astype(f"{order}f{bits // 8}").tobytes()
    if tag in (6, 7) or bits <= 8:
        return np.concatenate([[0, 255, 128, 127], random.integers(0, 256, max(count - 4, 0))]).astype(np.uint8).tobytes()
    bytes_each = (bits + 7) // 8
    values = random.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), count)
    values[: min(2, count)] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1][: min(2, count)]
    values = values << (8 * bytes_each - bits)
    return b"".join(int(v).to_bytes(bytes_each, "little" if order == "<" else "big", signed=True) for v in values)


kinds = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8)]
odd_chunks: list[Chunk] = [
    (b"LIST", b"INFOISFT\x05\0\0\0Lavf\0\0"),
    (b"wavl", b"abcde"),
    (b"JUNK", b"abc"),
    (b"bext", b"\0" * 603),
    (b"fact", struct.pack("<I", 40)),
    (b"iXML", b"<a/>\n"),
    (b"id3 ", b"ID3\x03\0\0\0\0\0\x03abc"),
    (b"cue ", b"\0\0\0\0"),
    (b"data"[::-1], b"x"),
]


def riff_by_hand(random: np.random.Generator, count: int) -> Iterator[Case]:
    """Every kind of sample with random chunks around it, random sizes in the headers, cut or followed by anything."""
    for index in range(count):
        tag, bits = kinds[index % len(kinds)]
        channels = int(random.choice([1, 1, 2, 3, 6]))
        frames = int(random.choice([1, 2, 7, 40]))
        order, kind = ("<", b"RIFF") if random.random() < 0.75 else (">", b"RIFX")
        data = pcm(random, tag, bits, frames * channels, order)
        header = random.choice(["plain", "plain", "cb", "long", "extensible"])
        if header == "extensible" and order == "<":
            description = extensible(tag, channels, 8000, bits, bits)
        else:
            extra = {"cb": b"", "long": b"\1"}.get(str(header))
            description = fmt(tag, channels, 8000, bits, extra, order=order)
        around = [odd_chunks[int(i)] for i in random.integers(0, len(odd_chunks), int(random.integers(0, 4)))]
        places = random.integers(0, 3, len(around)).tolist()
        at = lambda place: b"".join(chunk(k, b, order=order) for (k, b), p in zip(around, places) if p == place)
        size = {"right": None, "unknown": 0xFFFFFFFF, "more": len(data) + 1000, "zero": 0}[
            str(random.choice(["right"] * 5 + ["unknown", "more", "zero"]))
        ]
        whole = [None, None, None, 0, 8, 0xFFFFFFFF][int(random.integers(0, 6))]
        body = at(0) + chunk(b"fmt ", description, order=order) + at(1) + chunk(b"data", data, size, order)
        if size in (None, 0):
            body += at(2)
        content = riff(body, whole, kind, order)
        cut = int(random.choice([0, 0, 0, 1, 3, 11]))
        content = content[: len(content) - cut]
        others = " ".join(f"{k.decode()}@{place}" for (k, _), place in zip(around, places))
        name = f"{kind.decode()} {index}: {tag}/{bits} ×{channels}, {header}, {others}, data size {size}, whole {whole}, cut {cut}"
        yield case(name, content)


def riff_of_note() -> Iterator[Case]:
    random = np.random.default_rng(5)
    data = pcm(random, 1, 16, 50)
    plain = chunk(b"fmt ", fmt(1, 1, 8000, 16))
    yield case("no data", riff(plain))
    yield case("data before fmt", riff(chunk(b"data", data) + plain))
    yield case("no fmt", riff(chunk(b"data", data)))
    odd_list = chunk(b"LIST", b"INFOabcde")
    yield case("LIST of 9 bytes", riff(plain + odd_list + chunk(b"data", data)), lenient="libsndfile reads beyond such lists")
    yield case("PEAK first", riff(chunk(b"PEAK", b"\0" * 16) + plain + chunk(b"data", data)), lenient="RIFF orders fmt and data alone")
    yield case("two data chunks", riff(plain + chunk(b"data", data) + chunk(b"data", data)))
    yield case("data of 0 bytes, then LIST", riff(plain + chunk(b"data", b"") + chunk(b"LIST", b"INFOISFT\x08\0\0\0abcdefg\0")))
    yield case("sizes of 0", riff(plain + chunk(b"data", data, 0), 0), lenient="a writer that was stopped")
    yield case("sizes of headers", riff(plain + chunk(b"data", data, 0), 36), lenient="a writer that was stopped")
    yield case("12 bits in 16", riff(chunk(b"fmt ", fmt(1, 1, 8000, 12)) + chunk(b"data", data)))
    yield case("20 bits in 24", riff(chunk(b"fmt ", fmt(1, 1, 8000, 20)) + chunk(b"data", pcm(random, 1, 20, 30))))
    yield case("24 bits in 32", riff(chunk(b"fmt ", fmt(1, 1, 8000, 24, align=4)) + chunk(b"data", pcm(random, 1, 32, 30))))
    yield case("extensible 20 in 24", riff(chunk(b"fmt ", extensible(1, 1, 8000, 24, 20)) + chunk(b"data", pcm(random, 1, 20, 30))))
    yield case("extensible 24 in 32", riff(chunk(b"fmt ", extensible(1, 2, 8000, 32, 24)) + chunk(b"data", pcm(random, 1, 32, 30))))
    for bits in (0, 1, 7, 33, 64, 65528):
        yield case(f"{bits} bits", riff(chunk(b"fmt ", fmt(1, 1, 8000, bits)) + chunk(b"data", data)), refusable=True, lenient="unused")
    for channels in (0, 1024, 1025, 65535):
        header = fmt(1, channels, 8000, 16, align=channels * 2 % 65536)
        yield case(f"{channels} channels", riff(chunk(b"fmt ", header) + chunk(b"data", data * 2000)))
    for rate in (0, 1, 7, 767_999, 768_000, 4_000_000):
        yield case(f"{rate} Hz", riff(chunk(b"fmt ", fmt(1, 1, rate, 16)) + chunk(b"data", data)), refusable=rate > 768_000)
    for tag in (2, 17, 49, 85, 255, 0x77):
        yield case(f"codec {tag}", riff(chunk(b"fmt ", fmt(tag, 1, 8000, 16)) + chunk(b"data", data)), refusable=True)
    ds64 = lambda size: chunk(b"ds64", struct.pack("<QQQI", 0, size, size // 2, 0))
    for kind in (b"RF64", b"BW64"):
        for size in (len(data), len(data) + 10_000, len(data) - 20):
            content = riff(ds64(size) + plain + chunk(b"data", data, 0xFFFFFFFF), 0xFFFFFFFF, kind)
            yield case(f"{kind.decode()}, {size} of {len(data)} bytes", content, lenient="libsndfile knows no BW64")
        yield case(f"{kind.decode()} without ds64", riff(plain + chunk(b"data", data, 0xFFFFFFFF), 0xFFFFFFFF, kind), lenient="data lasts to the end")
    yield case("LIST without its pad byte", riff(plain + b"LIST\x05\0\0\0INFOa" + chunk(b"data", data)), refusable=True)


# --- compressed sound ---------------------------------------------------------------------------------------------------


def id3(payload: int) -> bytes:
    return b"ID3\x04\0\0" + bytes((payload >> shift) & 0x7F for shift in (21, 14, 7, 0)) + b"\0" * payload


def flac(random: np.random.Generator) -> Iterator[Case]:
    for depth in ("PCM_S8", "PCM_16", "PCM_24"):
        for channels in range(1, 9):
            samples = sound(random, 3000, channels, 16000)
            yield case(f"FLAC {depth} ×{channels}", written(samples, 16000, format="FLAC", subtype=depth))
    for frames in (1, 15, 16, 17, 4095, 4096, 4097, 20_000, 100_000):
        for level in (0.0, 1.0):
            content = written(sound(random, frames, 2, 44100), 44100, format="FLAC", compression_level=level)
            yield case(f"FLAC of {frames} frames, level {level}", content)
    for rate in (1, 8000, 11025, 96_000, 192_000, 655_350):
        yield case(f"FLAC at {rate} Hz", written(sound(random, 500, 1, rate), rate, format="FLAC"))
    whole = written(sound(random, 60_000, 2, 44100), 44100, format="FLAC")
    yield case("FLAC behind ID3", id3(300) + whole)
    for part in (0.1, 0.3, 0.5, 0.77, 0.99):
        yield case(f"FLAC cut to {part}", whole[: int(part * len(whole))], damage="cut")
    for index in range(12):
        yield damaged(random, f"FLAC {index}", whole)


def mp3(random: np.random.Generator) -> Iterator[Case]:
    for rate in (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000):
        for channels in (1, 2):
            for mode in ("CONSTANT", "VARIABLE"):
                samples = sound(random, int(random.integers(1200, 9000)), channels, rate)
                content = written(samples, rate, format="MP3", bitrate_mode=mode)
                yield case(f"MP3 {rate} Hz ×{channels} {mode}", content, tolerance=lossy)
    for frames in (1, 100, 1152, 1153, 100_000):
        content = written(sound(random, frames, 2, 44100), 44100, format="MP3")
        yield case(f"MP3 of {frames} frames", content, tolerance=lossy)
    whole = written(sound(random, 50_000, 2, 44100), 44100, format="MP3")
    yield case("MP3 behind ID3", id3(5000) + whole, tolerance=lossy)
    yield case("MP3 before ID3v1", whole + b"TAG" + b"\0" * 125, tolerance=lossy)
    yield case("MP3 twice", whole + whole, tolerance=lossy, damage="chained")
    yield case("MP3 after zeros", b"\0" * 500 + whole, tolerance=lossy, damage="junk", refusable=True)
    for part in (0.1, 0.3, 0.5, 0.77, 0.99):
        yield case(f"MP3 cut to {part}", whole[: int(part * len(whole))], damage="cut", tolerance=lossy)
    for index in range(12):
        yield damaged(random, f"MP3 {index}", whole)


def ogg(random: np.random.Generator) -> Iterator[Case]:
    for channels in range(1, 9):
        content = written(sound(random, 5000, channels, 44100), 44100, format="OGG", subtype="VORBIS")
        yield case(f"Vorbis ×{channels}", content, tolerance=lossy, order=from_vorbis.get(channels))
    for rate in (8000, 16000, 22050, 48000, 96000):
        content = written(sound(random, 5000, 1, rate), rate, format="OGG", subtype="VORBIS")
        yield case(f"Vorbis at {rate} Hz", content, tolerance=lossy)
    for frames in (1, 64, 1024, 100_000):
        content = written(sound(random, frames, 2, 44100), 44100, format="OGG", subtype="VORBIS")
        yield case(f"Vorbis of {frames} frames", content, tolerance=lossy)
    for rate in (8000, 12000, 16000, 24000, 48000):
        for channels in (1, 2):
            content = written(sound(random, 9000, channels, rate), rate, format="OGG", subtype="OPUS")
            yield at_48_khz(case(f"Opus {rate} Hz ×{channels}", content), rate)
    for frames in (1, 100, 960, 200_000):
        content = written(sound(random, frames, 2, 48000), 48000, format="OGG", subtype="OPUS")
        yield case(f"Opus of {frames} frames", content, tolerance=lossy)
    for subtype in ("VORBIS", "OPUS"):
        whole = written(sound(random, 60_000, 2, 48000), 48000, format="OGG", subtype=subtype)
        other = written(sound(random, 30_000, 2, 48000), 48000, format="OGG", subtype=subtype)
        yield case(f"{subtype} chained", whole + other, tolerance=lossy, damage="chained")
        yield case(f"{subtype} behind ID3", id3(100) + whole, lenient="FLAC and MP3 have such tags too")
        for part in (0.1, 0.3, 0.5, 0.77, 0.99):
            yield case(f"{subtype} cut to {part}", whole[: int(part * len(whole))], damage="cut", tolerance=lossy)
        for index in range(8):
            yield damaged(random, f"{subtype} {index}", whole)


lossy = 2e-4
"""Of full scale: decoders of lossy formats may round otherwise, libsndfile's clips to 16 bits on the way for some."""


from_vorbis = {3: [0, 2, 1], 5: [0, 2, 1, 3, 4], 6: [0, 2, 1, 5, 3, 4], 7: [0, 2, 1, 6, 5, 3, 4], 8: [0, 2, 1, 7, 5, 6, 3, 4]}
"""libsndfile leaves channels in the order of Vorbis (specification, 4.3.9); we give that of WAV, as for other formats."""


def at_48_khz(opus: Case, rate: int) -> Case:
    """libsndfile has libopus decode at the rate of the sound that was encoded; we at 48 kHz, as RFC 7845, 5.1 recommends."""
    samples, _ = opus.expected
    raised = resample_poly(samples, 48000 // rate, 1, axis=0) if rate < 48000 else samples
    opus.expected = (raised.astype(np.float32), 48000)
    opus.rms = 0 if rate == 48000 else 0.03  # other filters at the upper end of the band, and at the end of the file
    opus.tolerance = lossy
    return opus


def damaged(random: np.random.Generator, name: str, content: bytes) -> Case:
    changed = bytearray(content)
    for position in random.integers(0, len(changed), 5):
        changed[position] ^= int(random.integers(1, 256))
    return case(f"{name} with 5 bytes changed", bytes(changed), damage="bytes", tolerance=lossy)


def damaged_headers(random: np.random.Generator, count: int) -> Iterator[Case]:
    whole = riff(chunk(b"fmt ", fmt(1, 2, 8000, 16)) + chunk(b"LIST", b"INFOabcde") + chunk(b"data", pcm(random, 1, 16, 60)))
    aiff = written(sound(random, 30, 2, 8000), 8000, format="AIFF")
    au = written(sound(random, 30, 2, 8000), 8000, format="AU")
    for index in range(count):
        name, content = (("RIFF", whole), ("AIFF", aiff), ("AU", au))[index % 3]
        changed = bytearray(content)
        changed[int(random.integers(0, 60))] ^= 1 << int(random.integers(0, 8))
        yield case(f"{name} header {index}, a bit changed", bytes(changed), damage="bytes")


def cases(random: np.random.Generator) -> Iterator[Case]:
    yield from containers_of_every_kind(random)
    yield from riff_by_hand(random, 240)
    yield from riff_of_note()
    yield from flac(random)
    yield from mp3(random)
    yield from ogg(random)
    yield from damaged_headers(random, 60)
    yield case("nothing", b"")
    yield case("text", b"hello, this is no sound at all")
