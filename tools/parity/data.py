"""Writes packages/data/fixtures: files of every format that data come in, and what Python's readers find in them.

CSV by the module csv, Parquet by pyarrow, shards by webdataset, folders by datasets of Hugging Face.
"""

import base64
import csv
import datetime
import io
import json
import os
import random
import tarfile
import tempfile
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import webdataset
from PIL import Image

fixtures = Path(__file__).parents[2] / "packages" / "data" / "fixtures"


def csv_cases():
    """Random tables, with quotes where csv wants them or everywhere, and cells that other programs write without."""
    draw = random.Random(3)
    letters = ["a", "é", "三", ",", '"', "\n", "\r\n", " ", ";", "\t", "'", "0", "🍅"]
    cases = []
    for number in range(24):
        columns = draw.randint(1, 4)
        rows = [["".join(draw.choices(letters, k=draw.randint(0, 6))) for _ in range(columns)] for _ in range(8)]
        rows = [row if any(cell for cell in row) else ["x"] * columns for row in rows]
        end, delimiter = draw.choice(["\n", "\r\n"]), draw.choice([",", ";", "\t"])
        quoting = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerow([f"c{i}" for i in range(columns)])
        writer.writerows(rows)
        cases.append((out.getvalue(), delimiter))
    cases.append(('a,b\n5" pipe, "x"\n1,2""\n', ","))
    cases.append(("a,b\n1,2\r\n\r\n\n3,4", ","))
    written = []
    for text, delimiter in cases:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
        written.append({"text": text, "delimiter": delimiter, "rows": rows})
    return written


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, (datetime.datetime, datetime.date)):
        return {"date": value.isoformat()}
    if isinstance(value, int) and abs(value) > 2**53 - 1:
        return {"bigint": str(value)}
    if isinstance(value, float) and value != value:
        return {"nan": True}
    if isinstance(value, dict):
        return {name: plain(own) for name, own in value.items()}
    return [plain(own) for own in value] if isinstance(value, list) else value


def parquet_files():
    count = 40
    table = pa.table(
        {
            "text": pa.array([None if i % 7 == 0 else f"Zeile {i} 三" for i in range(count)]),
            "number": pa.array([i / 4 if i % 5 else float("nan") for i in range(count)], pa.float64()),
            "half": pa.array([i / 2 for i in range(count)], pa.float32()),
            "count": pa.array([None if i == 3 else i * 2**50 for i in range(count)], pa.int64()),
            "small": pa.array([i - 20 for i in range(count)], pa.int8()),
            "flag": pa.array([i % 3 == 0 for i in range(count)]),
            "kind": pa.array([["cat", "dog"][i % 2] for i in range(count)]).dictionary_encode(),
            "day": pa.array([datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(count)]),
            "time": pa.array([datetime.datetime(2020, 1, 1, 12, i) for i in range(count)], pa.timestamp("ms")),
            "raw": pa.array([bytes([i, 255, 0]) for i in range(count)], pa.binary()),
            "image": pa.array([None if i == 1 else {"bytes": bytes([0x89, i]), "path": f"{i}.png"} for i in range(count)]),
            "list": pa.array([None if i == 2 else [f"a{j}" for j in range(i % 3)] for i in range(count)]),
        }
    )
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        pq.write_table(table, fixtures / f"{codec}.parquet", compression=codec, row_group_size=16)
    read = pq.read_table(fixtures / "snappy.parquet").to_pylist()
    return {"columns": table.column_names, "rows": [plain(list(row.values())) for row in read]}


def class_labels():
    """Classes by their indices, with their names in what datasets writes beside the columns."""
    features = datasets.Features({"note": datasets.Value("string"), "grade": datasets.ClassLabel(names=["ripe", "raw", "rotten"])})
    rows = {"note": [f"a fruit of number {i}" for i in range(40)], "grade": [i % 2 for i in range(40)]}
    table = pa.table(rows, schema=features.arrow_schema)
    fruits = datasets.Dataset(table, info=datasets.DatasetInfo(features=features), fingerprint="fruits")
    fruits.to_parquet(fixtures / "class-labels.parquet")


def paged_files():
    """One group of rows in pages of different lengths, whose places an index says, or headers alone; in both versions of pages."""
    count = 160
    table = pa.table(
        {
            "text": pa.array([None if i % 7 == 0 else f"line {i} 三" for i in range(count)]),
            "kind": pa.array(["cat", "dog", "emu"][i % 3] for i in range(count)),
            "count": pa.array(range(count), pa.int32()),
            "image": pa.array([None if i == 1 else {"bytes": bytes([i] * (i % 40)), "path": f"{i}.png"} for i in range(count)]),
            "list": pa.array([None if i == 2 else [i + j for j in range(i % 3)] for i in range(count)], pa.list_(pa.int32())),
        }
    )
    for name, options in {
        "paged": {},
        "paged-index": {"write_page_index": True},
        "paged-v2": {"data_page_version": "2.0"},
    }.items():
        path = fixtures / f"{name}.parquet"
        pq.write_table(table, path, data_page_size=200, write_batch_size=8, use_dictionary=["kind"], **options)
    return [plain(list(row.values())) for row in pq.read_table(fixtures / "paged.parquet").to_pylist()]


def shards():
    long = "very/" * 40 + "long-" * 30 + "name"
    files = [
        ("a/001.txt", "Größe".encode()),
        ("a/001.PNG", b"\x89PNG 1"),
        ("a/001.cls", b"7"),
        ("a/002.seg.png", b"\x89PNG 2"),
        ("a/002.json", b'{"x": [1, 2]}'),
        ("b.v1/003.txt", b"three"),
        (f"{long}.txt", b"long"),
        ("三/é.txt", b"unicode"),
        ("empty.png", b""),
    ]
    for name, form in [("ustar", None), ("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)]:
        with tarfile.open(fixtures / f"{name}.tar", "w", format=tarfile.USTAR_FORMAT if form is None else form) as tar:
            folder = tarfile.TarInfo("a")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
            for path, content in files:
                if form is None and path.startswith("very"):
                    continue  # ustar has no such names
                info = tarfile.TarInfo(path)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            link = tarfile.TarInfo("a/004.txt")
            link.type, link.linkname = tarfile.SYMTYPE, "001.txt"
            tar.addfile(link)
    with tarfile.open(fixtures / "packed.tar.gz", "w:gz") as tar:
        for path, content in files:
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    found = {}
    for name in ["ustar.tar", "pax.tar", "gnu.tar", "packed.tar.gz"]:
        samples = webdataset.WebDataset(str(fixtures / name), shardshuffle=False)
        found[name] = [
            {key: plain(value) for key, value in sample.items() if key not in ("__url__", "__local_path__")}
            for sample in samples
        ]
    return found


def folders():
    """Layouts by the paths of their files, and the rows that imagefolder makes of them."""
    layouts = {
        "classes": ["cat/1.png", "cat/2.PNG", "dog/1.png"],
        "splits": ["train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/2.png"],
        "plain": ["1.png", "2.png"],
        "metadata": ["1.png", "sub/2.png", "metadata.csv:file_name,caption\nsub/2.png,two\n1.png,one\n"],
        "metadata of splits": [
            "train/1.png",
            "test/1.png",
            'train/metadata.jsonl:{"file_name": "1.png", "caption": "one"}\n',
            'test/metadata.jsonl:{"file_name": "1.png", "caption": "two"}\n',
        ],
    }
    found = {}
    for name, files in layouts.items():
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                path, _, content = file.partition(":")
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                if content:
                    target.write_text(content)
                else:
                    Image.new("RGB", (2, 2)).save(target)
            loaded = datasets.load_dataset("imagefolder", data_dir=folder, cache_dir=os.path.join(folder, ".cache"))
            rows = []
            for split, data in loaded.items():
                for row in data.cast_column("image", datasets.Image(decode=False)):
                    label = data.features["label"].int2str(row["label"]) if "label" in row else None
                    path = os.path.relpath(row["image"]["path"], folder)
                    rows.append({"path": path, "split": split, "label": label, "caption": row.get("caption")})
        found[name] = {"files": files, "rows": sorted(rows, key=lambda row: row["path"])}
    return found


def main():
    fixtures.mkdir(exist_ok=True)
    class_labels()
    read = {"csv": csv_cases(), "parquet": parquet_files(), "pages": paged_files(), "shards": shards(), "folders": folders()}
    (fixtures / "read-by-python.json").write_text(json.dumps(read, ensure_ascii=False, indent=1) + "\n")


main()
