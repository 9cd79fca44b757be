"""A contender: the same in PyTorch, eager, float32: random batches, padded to their longest text, logits of the answers alone.

Arguments: the folder of the workload, the number of threads.
"""

import base64
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import torch
    from convolutional_encoder import ConvolutionalEncoder
    from safetensors.torch import load_file
    from torch import nn
    from torch.nn import functional as F
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as error:
    missing(str(error))

folder = Path(sys.argv[1])
workload = json.loads((folder / "workload.json").read_text())
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)
weights = load_file(folder / "weights.safetensors")
is_hybrid = workload["looking"] == "hybrid"


def under(prefix):
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


class Projector(nn.Module):
    def __init__(self, state):
        super().__init__()
        self.linear1 = nn.Linear(*reversed(state["linear1.weight"].shape))
        self.linear2 = nn.Linear(*reversed(state["linear2.weight"].shape))
        self.load_state_dict(state)

    def forward(self, tokens):
        """Of all tokens, the mean and the greatest of each number."""
        pooled = torch.cat([tokens.mean(1, keepdim=True), tokens.amax(1, keepdim=True)], 2)
        return self.linear2(F.gelu(self.linear1(pooled)))


class GatedLayer(nn.Module):
    """The layer of Flamingo, before one of the language model's."""

    def __init__(self, state, heads):
        super().__init__()
        linear = lambda name: nn.Linear(*reversed(state[f"{name}.weight"].shape), bias=False)
        width = state["norm1.weight"].shape[0]
        self.norm1, self.norm2 = nn.RMSNorm(width, eps=1e-6), nn.RMSNorm(width, eps=1e-6)
        self.attention = nn.ModuleDict({
            "query": linear("attention.query"),
            "key": nn.ModuleDict({"image": linear("attention.key.image")}),
            "value": nn.ModuleDict({"image": linear("attention.value.image")}),
            "output": linear("attention.output"),
        })
        self.feedForward = nn.ModuleDict({name: linear(f"feedForward.{name}") for name in ("gate", "up", "down")})
        self.attentionGate = nn.Parameter(torch.zeros(()))
        self.feedForwardGate = nn.Parameter(torch.zeros(()))
        self.heads = heads
        self.load_state_dict(state)

    def forward(self, x, picture):
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        query = split(self.attention["query"](self.norm1(x)))
        key, value = (split(self.attention[name]["image"](picture)) for name in ("key", "value"))
        attended = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        x = x + torch.tanh(self.attentionGate) * self.attention["output"](attended)
        y, maps = self.norm2(x), self.feedForward
        return x + torch.tanh(self.feedForwardGate) * maps["down"](F.silu(maps["gate"](y)) * maps["up"](y))


tokenizer = AutoTokenizer.from_pretrained(workload["model"])
model = AutoModelForCausalLM.from_pretrained(workload["model"], dtype=torch.float32).requires_grad_(False)
tower = ConvolutionalEncoder(under("encoders.image.each."))  # the slot is `shared`
if is_hybrid:
    learning = nn.ModuleList([tower, Projector(under("fusion.projectors.image."))])
else:
    indices = sorted({int(name.split(".")[2]) for name in weights if name.startswith("fusion.layers.")})
    heads = model.config.num_attention_heads
    learning = nn.ModuleList([tower, *(GatedLayer(under(f"fusion.layers.{index}."), heads) for index in indices)])
optimizer = torch.optim.AdamW(learning.parameters(), lr=workload["learningRate"], weight_decay=0.01)
seen = None  # the tokens of the pictures, for the gated layers


def looks_before(gated):
    def hook(_, arguments, options):
        if arguments:
            return (gated(arguments[0], seen), *arguments[1:]), options
        return arguments, {**options, "hidden_states": gated(options["hidden_states"], seen)}

    return hook


if not is_hybrid:
    layers = model.config.num_hidden_layers
    first = int(0.6 * layers)  # as the example has it: below it nothing needs a gradient
    every = -(-(layers - first) // (len(learning) - 1))
    for index, gated in enumerate(learning[1:]):
        model.model.layers[first + index * every].register_forward_pre_hook(looks_before(gated), with_kwargs=True)


def rows_of(questions):
    """Ids of prompt and answer, where the answer begins, and pixels."""
    rows = []
    for one in questions:
        prompt = tokenizer(one["question"])["input_ids"]
        answer = tokenizer(" " + one["answer"])["input_ids"] + [model.config.eos_token_id]
        rows.append((prompt + answer, len(prompt)))
    pixels = [torch.frombuffer(bytearray(base64.b64decode(one["pixels"])), dtype=torch.uint8) for one in questions]
    pictures = torch.stack(pixels).view(-1, 64, 64, 3).permute(0, 3, 1, 2).float() / 255
    return rows, (pictures - workload["mean"]) / workload["std"]


def loss_of(questions):
    global seen
    rows, pictures = rows_of(questions)
    length = max(len(ids) for ids, _ in rows) - 1
    inputs = torch.tensor([ids[:-1] + [0] * (length + 1 - len(ids)) for ids, _ in rows])
    mask = torch.tensor([[1] * (len(ids) - 1) + [0] * (length + 1 - len(ids)) for ids, _ in rows])
    seen = learning[0](pictures)
    if is_hybrid:
        words, projected = model.get_input_embeddings()(inputs), learning[1](seen)
        starts = [start for _, start in rows]  # the picture stands between the question and the answer
        joint = zip(words, projected, starts, strict=True)
        embeddings = torch.stack([torch.cat([own[:start], picture, own[start:]]) for own, picture, start in joint])
        mask = torch.cat([torch.ones(projected.shape[:2], dtype=mask.dtype), mask], 1)
        hidden = model.model(inputs_embeds=embeddings, attention_mask=mask, use_cache=False).last_hidden_state
        hidden = hidden[:, projected.shape[1] :]  # what is guessed of an answer stands that much later
    else:
        hidden = model.model(input_ids=inputs, attention_mask=mask, use_cache=False).last_hidden_state
    places = [(row, place) for row, (ids, start) in enumerate(rows) for place in range(start - 1, len(ids) - 1)]
    labels = torch.tensor([rows[row][0][place + 1] for row, place in places])
    chosen = hidden[[row for row, _ in places], [place for _, place in places]]
    return F.cross_entropy(model.lm_head(chosen), labels)


def epoch():
    questions = workload["questions"]
    start, cpu = time.perf_counter(), time.process_time()
    for batch in torch.randperm(len(questions)).split(workload["batchSize"]):
        optimizer.zero_grad()
        loss = loss_of([questions[index] for index in batch])
        loss.backward()
        nn.utils.clip_grad_norm_(learning.parameters(), 1.0)
        optimizer.step()
        loss.item()
    return {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}


with torch.no_grad():
    first_loss = loss_of(workload["questions"][: workload["batchSize"]]).item()


def learn(times):
    """One pass, whatever `times` says."""
    return {**epoch(), "compileSeconds": 0, "firstLoss": first_loss}


serve(learn)
