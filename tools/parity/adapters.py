"""What PEFT makes of single maps with adapters of random values: outputs, gradients, and the weights after merging.

Writes packages/adapters/fixtures/maps.json. Pictures and sequences have their channels last there, as ours have.
"""

import json
from pathlib import Path

import torch
from peft import IA3Config, LoraConfig, get_peft_model
from torch import nn

target = Path(__file__).resolve().parents[2] / "packages/adapters/fixtures/maps.json"


def linear():
    return nn.Linear(5, 4), torch.randn(2, 3, 5)


def embedding():
    return nn.Embedding(6, 4), torch.randint(6, (2, 3))


def conv1d():
    return nn.Conv1d(3, 4, 3, stride=2, padding=1), torch.randn(2, 3, 6)


def conv2d():
    return nn.Conv2d(3, 4, (2, 3), stride=(1, 2), padding=(0, 1)), torch.randn(2, 3, 4, 5)


lora = {"r": 2, "lora_alpha": 6}
cases = {
    "lora": (linear, lora),
    "lora of an embedding": (embedding, lora),
    "lora of a sequence's convolution": (conv1d, lora),
    "lora of a picture's convolution": (conv2d, lora),
    "rslora": (linear, {**lora, "use_rslora": True}),
    "dora": (linear, {**lora, "use_dora": True}),
    "dora of a picture's convolution": (conv2d, {**lora, "use_dora": True}),
    "ia3": (linear, {"feedforward": False}),
    "ia3 of what goes in": (linear, {"feedforward": True}),
    "ia3 of a picture's convolution": (conv2d, {"feedforward": False}),
    "ia3 of what goes into a picture's convolution": (conv2d, {"feedforward": True}),
    "lora beside weights of 8 bits": (linear, {**lora, "int8": True}),
    "dora beside a convolution's weights of 8 bits": (conv2d, {**lora, "use_dora": True, "int8": True}),
}


class Holder(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.map = layer

    def forward(self, x):
        return self.map(x)


def channels_last(x):
    return x.movedim(1, -1) if x.is_floating_point() and x.dim() >= 3 else x


def is_convolution(layer):
    return isinstance(layer, (nn.Conv1d, nn.Conv2d))


def tensor(x):
    kind = "float32" if x.is_floating_point() else "int32"
    return {"shape": list(x.shape), "dtype": kind, "data": [float(f"{v:.7g}") if kind == "float32" else v for v in x.flatten().tolist()]}


def short(name):
    return name.removeprefix("base_model.model.map.").replace(".default", "")


def rounded(weight):
    """To what PyTorch makes of 8 bits and a scale for each output, of which 17 bits count, rounded up."""
    mantissas, exponents = torch.frexp(weight.flatten(1).abs().amax(1).double() / 127)
    scales = torch.ldexp(torch.ceil(mantissas * 2**17) / 2**17, exponents)
    zeros = torch.zeros(len(scales), dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scales.float(), zeros, 0, -127, 127)


def make(name, build, options):
    torch.manual_seed(len(name))
    layer, x = build()
    options = dict(options)
    unrounded = layer.weight.detach().clone()
    if int8 := options.pop("int8", False):
        layer.weight.data = rounded(unrounded)
    if "feedforward" in options:
        config = IA3Config(target_modules=["map"], feedforward_modules=["map"] if options["feedforward"] else [])
    else:
        config = LoraConfig(target_modules=["map"], **options)
    base = {own: value.detach().clone() for own, value in layer.state_dict().items()}
    norms = base["weight"].flatten(1).norm(dim=1)
    model = get_peft_model(Holder(layer), config)
    learned = {short(own): value for own, value in model.named_parameters() if value.requires_grad}
    with torch.no_grad():
        for own, value in learned.items():
            noise = 0.3 * torch.randn_like(value)
            value.copy_(value + noise if "magnitude" in own or "ia3" in own else noise)
    y = model(x)
    cotangent = torch.randn_like(y)
    (y * cotangent).sum().backward()
    gradients = {own: value.grad.clone() for own, value in learned.items()}
    adapted = {own: value.detach().clone() for own, value in learned.items()}
    merged = model.merge_and_unload().map.state_dict()
    last = channels_last if is_convolution(layer) else (lambda value: value)
    return {
        "name": name,
        "kind": type(layer).__name__,
        "options": options,
        **({"unrounded": tensor(unrounded)} if int8 else {}),
        "x": tensor(last(x)),
        "base": {own: tensor(value) for own, value in base.items()},
        "norms": tensor(norms),
        "learned": {own: tensor(value) for own, value in adapted.items()},
        "y": tensor(last(y.detach())),
        "cotangent": tensor(last(cotangent)),
        "gradients": {own: tensor(value) for own, value in gradients.items()},
        "merged": {own: tensor(value) for own, value in merged.items()},
    }


target.parent.mkdir(parents=True, exist_ok=True)
made = [make(name, *case) for name, case in cases.items()]
target.write_text(json.dumps(made, separators=(",", ":")) + "\n")
