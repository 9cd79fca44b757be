"""A contender: the work in PyTorch, eager, float32. Arguments: the folder of the workload, the number of threads."""

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
except ImportError as error:
    missing(str(error))

folder = Path(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
workload = json.loads((folder / "workload.json").read_text())
weights = load_file(folder / "weights.safetensors")
tensors = load_file(folder / "tensors.safetensors")
pixels = tensors["pixels"].permute(0, 3, 1, 2).contiguous()


def under(prefix):
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def linear(name):
    outer, inner = weights[f"{name}.weight"].shape
    layer = nn.Linear(inner, outer)
    layer.load_state_dict(under(f"{name}."))
    return layer


def norm(name, eps):
    layer = nn.LayerNorm(weights[f"{name}.weight"].shape[0], eps=eps)
    layer.load_state_dict(under(f"{name}."))
    return layer


class TextLayer(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.norm1, self.norm2 = norm(f"{name}.norm1", 1e-5), norm(f"{name}.norm2", 1e-5)
        maps = ("attention.query", "attention.key", "attention.value", "attention.output")
        self.query, self.key, self.value, self.output = (linear(f"{name}.{each}") for each in maps)
        self.up, self.down = linear(f"{name}.feedForward.intermediate"), linear(f"{name}.feedForward.output")

    def forward(self, x):
        split = lambda y: y.unflatten(-1, (4, -1)).transpose(1, 2)
        y = self.norm1(x)
        attended = F.scaled_dot_product_attention(split(self.query(y)), split(self.key(y)), split(self.value(y)))
        x = x + self.output(attended.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Film(nn.Module):
    """The same parts as filmModel of TypeScript composes."""

    def __init__(self):
        super().__init__()
        text = "encoders.text.each"
        self.image = ConvolutionalEncoder(under("encoders.image.each."))
        self.words = nn.Parameter(weights[f"{text}.tokenEmbeddings.weight"])
        self.places = nn.Parameter(weights[f"{text}.positionEmbeddings.weight"])
        self.layers = nn.ModuleList(TextLayer(f"{text}.layers.{index}") for index in range(2))
        self.text_norm = norm(f"{text}.norm", 1e-5)
        self.after = workload["film"]["after"]
        self.modulations = nn.ModuleList(linear(f"fusion.modulations.{i}.image") for i in range(len(self.after)))
        self.of_image, self.of_text = (linear(f"fusion.join.vectors.projections.{slot}") for slot in ("image", "text"))
        self.joint_norm = norm("fusion.join.norm", 1e-5)
        self.hidden, self.classifier = linear("heads.answer.hidden.0"), linear("heads.answer.classifier")

    def forward(self, pictures, ids, picture, question):
        """Pictures (P, C, H, W) and ids (Q, N), and of each row which of them it has → (B, K)"""
        x = F.embedding(ids, self.words) + self.places
        for layer in self.layers:
            x = layer(x)
        condition = self.text_norm(x).mean(1)[question]
        x = self.image.embed(pictures)
        for step, layer in enumerate(self.image.layers, 1):
            x = layer(x)
            if step not in self.after:
                continue
            if step == self.after[0]:
                x = x[picture]
            scale, shift = self.modulations[self.after.index(step)](condition)[:, :, None, None].chunk(2, 1)
            x = x * (1 + scale) + shift
        tokens = self.image.finish(x)
        pooled = torch.cat([tokens.mean(1), tokens.amax(1)], 1)
        joint = self.joint_norm((self.of_image(pooled) + self.of_text(condition)) / 2)
        return self.classifier(F.gelu(self.hidden(joint)))


def forward():
    encoder = ConvolutionalEncoder(weights)

    def work():
        with torch.no_grad():
            return (encoder(pixels) * tensors["factors"]).mean().item(), 0

    return work


def gradients():
    encoder = ConvolutionalEncoder(weights)
    parameters = list(encoder.parameters())

    def work():
        value = (encoder(pixels) * tensors["factors"]).mean()
        made = torch.autograd.grad(value, parameters)
        norm = torch.stack([gradient.square().sum() for gradient in made]).sum().sqrt()
        return value.item(), norm.item()

    return work


def film_step():
    model = Film()
    questions = workload["questions"]
    texts = list(dict.fromkeys(one["text"] for one in questions))
    ids = torch.tensor([next(one["ids"] for one in questions if one["text"] == text) for text in texts])
    picture = torch.tensor([one["picture"] for one in questions])
    question = torch.tensor([texts.index(one["text"]) for one in questions])
    answers = torch.tensor([one["answer"] for one in questions])
    optimizer = torch.optim.Adam(model.parameters(), lr=workload["film"]["learningRate"])

    def work():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(pixels, ids, picture, question), answers)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item(), norm.item()

    return work


work = {"forward": forward, "gradients": gradients, "film-step": film_step}[workload["config"]["work"]]()


def run(times):
    result = {"ms": [], "cpuMs": [], "values": [], "norms": []}
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        value, norm = work()
        result["ms"].append((time.perf_counter() - start) * 1e3)
        result["cpuMs"].append((time.process_time() - cpu) * 1e3)
        result["values"].append(value)
        result["norms"].append(norm)
    return result


serve(run)
