"""Fixture of packages/trainer: a file of events as the writer of TensorBoard makes it; and a check of files that a training wrote.

Needs tensorboard. Run from the root of the repository:
    python tools/parity/tensorboard_events.py                      # writes packages/trainer/fixtures/tensorboard.json
    python tools/parity/tensorboard_events.py runs/products        # reads the events of a run, and holds them against its metrics.jsonl
"""

import json
import math
import struct
import sys
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

wall_time = 1_700_000_000.25


def fixture() -> None:
    events = [
        {"step": 1, "scalars": {"loss/all": 0.6931471824645996, "step/learning rate": 0.0010000000474974513}},
        {"step": 127, "scalars": {"a": 1.0}},
        {"step": 128, "scalars": {"ünïcode/価格": -2.5, "b": 1e-30}},
        {"step": 123456789, "scalars": {f"tag {i}": float(i) for i in range(20)}},
    ]
    with tempfile.NamedTemporaryFile() as file:
        writer = RecordWriter(open(file.name, "wb"))
        writer.write(Event(wall_time=wall_time, file_version="brain.Event:2").SerializeToString())
        for event in events:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in event["scalars"].items()]
            summary = Summary(value=values)
            writer.write(Event(wall_time=wall_time, step=event["step"], summary=summary).SerializeToString())
        writer.close()
        content = Path(file.name).read_bytes().hex()
    target = Path("packages/trainer/fixtures/tensorboard.json")
    target.write_text(json.dumps({"wallTime": wall_time, "events": events, "file": content}, ensure_ascii=False) + "\n")


def check(run: Path) -> None:
    accumulator = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    accumulator.Reload()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    expected: dict[str, list[tuple[int, float]]] = {}
    for line in lines:
        prefix = "loss" if line["type"] == "step" else "epoch loss"
        for name, value in {"all": line["loss"], **line["losses"]}.items():
            expected.setdefault(f"{prefix}/{name}", []).append((line["step"], value))
        if line["type"] == "step":
            expected.setdefault("step/learning rate", []).append((line["step"], line["learningRate"]))
        for head, own in line.get("evaluation", {}).items():
            for metric, value in own["metrics"].items():
                if value is not None:
                    expected.setdefault(f"evaluation/{head}/{metric}", []).append((line["step"], value))
    for tag, points in expected.items():
        found = [(event.step, event.value) for event in accumulator.Scalars(tag)]
        assert len(found) == len(points), f"{tag}: {len(found)} points for {len(points)}"
        for (step, value), (own_step, own_value) in zip(found, points):
            single = struct.unpack("f", struct.pack("f", own_value))[0]
            assert step == own_step and (value == single or math.isnan(value)), f"{tag}, step {step}: {value}, {own_value}"
    print(f"{len(expected)} tags and {sum(map(len, expected.values()))} points are those of metrics.jsonl")


if __name__ == "__main__":
    check(Path(sys.argv[1])) if len(sys.argv) > 1 else fixture()
