"""A contender: the same towers in PyTorch, eager, float32, tuned as tutorials do: random batches, padded to their longest text.

Arguments: the folder of the workload, the number of threads.
"""

import json
import math
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
    from transformers import AutoModel, AutoTokenizer
except ImportError as error:
    missing(str(error))

workload = json.loads((Path(sys.argv[1]) / "workload.json").read_text())
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)
config, folder = workload["config"], workload["model"]
slots = ("subject", "body")


class Towers(nn.Module):
    """Each mail's parts that are there through a BERT of their own, the mean of their tokens, and a linear head on both."""

    def __init__(self):
        super().__init__()
        self.towers = nn.ModuleDict({slot: AutoModel.from_pretrained(folder) for slot in slots})
        width = self.towers["body"].config.hidden_size
        self.width = width
        self.join = nn.Linear(len(slots) * width, width)
        self.head = nn.Linear(width, 2)

    def forward(self, parts, size):
        vectors = []
        for slot in slots:
            rows, tokens = parts[slot]
            vector = torch.zeros(size, self.width)
            if len(rows) > 0:
                hidden = self.towers[slot](**tokens).last_hidden_state
                mask = tokens["attention_mask"].unsqueeze(-1).float()
                mean = F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
                vector = vector.index_copy(0, torch.tensor(rows), mean)
            vectors.append(vector)
        return self.head(F.gelu(self.join(torch.cat(vectors, 1))))


tokenizer = AutoTokenizer.from_pretrained(folder)
model = Towers()
new = [*model.join.parameters(), *model.head.parameters()]
groups = [{"params": model.towers.parameters(), "lr": config["towerRate"]}, {"params": new, "lr": config["newRate"]}]
optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
steps_per_epoch = math.ceil(config["trainingMails"] / config["batchSize"])
total = steps_per_epoch * config["epochs"]
warm_up = round(total / 20)


def factor(step):
    if step < warm_up:
        return (step + 1) / warm_up
    return (1 + math.cos(math.pi * (step - warm_up) / (total - warm_up))) / 2


schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def parts_of(mails, dropout=0.0):
    """Of each slot the rows that have it, and their tokens."""
    kept = torch.rand(len(mails), len(slots)) >= dropout
    for row in (~kept.any(1)).nonzero():
        kept[row, torch.randint(len(slots), (1,))] = True
    parts = {}
    for column, slot in enumerate(slots):
        rows = kept[:, column].nonzero().flatten().tolist()
        texts = [mails[row][slot] for row in rows]
        options = {"padding": True, "truncation": True, "max_length": config["maxLength"], "return_tensors": "pt"}
        parts[slot] = (rows, tokenizer(texts, **options) if texts else None)
    return parts


def labels_of(mails):
    return torch.tensor([int(mail["spam"]) for mail in mails])


def epoch():
    model.train()
    mails = workload["training"]
    start = time.perf_counter()
    for batch in torch.randperm(len(mails)).split(config["batchSize"]):
        chosen = [mails[index] for index in batch]
        optimizer.zero_grad()
        loss = F.cross_entropy(model(parts_of(chosen, config["modalityDropout"]), len(chosen)), labels_of(chosen))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        loss.item()
    return time.perf_counter() - start


@torch.no_grad()
def accuracy():
    model.eval()
    mails, right = workload["heldOut"], 0
    for first in range(0, len(mails), 64):
        chosen = mails[first : first + 64]
        right += (model(parts_of(chosen), len(chosen)).argmax(1) == labels_of(chosen)).sum().item()
    return right / len(mails)


def tune(times):
    """One epoch, whatever `times` says."""
    seconds = epoch()
    return {"seconds": seconds, "compileSeconds": 0, "accuracy": accuracy()}


serve(tune)
