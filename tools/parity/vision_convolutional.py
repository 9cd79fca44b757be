"""Reference values for the encoder `convolutional`, computed by PyTorch in float64.

Needs numpy, safetensors, torch. Run from the root of the repository:
    python tools/parity/vision_convolutional.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

FIXTURE = Path("packages/encoder-vision/fixtures/convolutional.safetensors")
CHANNELS, STEM, HIDDEN, LAYERS, SIDES = 3, 5, 8, 2, (9, 6)


class ResidualBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-6)
        self.conv1 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=1)
        self.conv2 = nn.Conv2d(HIDDEN, HIDDEN, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        normed = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.conv2(nn.functional.gelu(self.conv1(normed)))


class Convolutional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.ModuleList(
            [nn.Conv2d(CHANNELS, STEM, 3, stride=2, padding=1), nn.Conv2d(STEM, HIDDEN, 3, stride=2, padding=1)]
        )
        self.positions = nn.Parameter(torch.empty(1, 3 * 2, HIDDEN))  # 9 → 5 → 3 and 6 → 3 → 2
        self.layers = nn.ModuleList(ResidualBlock() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-6)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        x = self.stem[1](nn.functional.gelu(self.stem[0](pixels)))
        rows, columns = x.shape[2:]
        x = x + self.positions.transpose(1, 2).unflatten(2, (rows, columns))
        for layer in self.layers:
            x = layer(x)
        return self.norm(x.flatten(2).transpose(1, 2))


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    model = Convolutional()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    pixels = torch.randn(3, CHANNELS, *SIDES)
    with torch.no_grad():
        tokens = model(pixels)
    tensors = dict(model.state_dict())
    tensors["pixels"] = pixels.permute(0, 2, 3, 1)
    tensors["tokens"] = tokens
    tensors["mean"] = tokens.mean(1)
    tensors["max"] = tokens.amax(1)
    save_file({name: value.float().contiguous() for name, value in tensors.items()}, FIXTURE)


if __name__ == "__main__":
    main()
