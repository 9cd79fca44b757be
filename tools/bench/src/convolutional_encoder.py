"""The encoder `convolutional` in PyTorch, in the sizes of its weights."""

import torch
from torch import nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        normed = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.conv2(F.gelu(self.conv1(normed)))


class ConvolutionalEncoder(nn.Module):
    def __init__(self, state):
        super().__init__()
        count = lambda part: len({name.split(".")[1] for name in state if name.startswith(part)})
        shapes = [state[f"stem.{index}.weight"].shape for index in range(count("stem."))]
        self.stem = nn.ModuleList(nn.Conv2d(inner, outer, 3, stride=2, padding=1) for outer, inner, *_ in shapes)
        width = shapes[-1][0]
        self.positions = nn.Parameter(torch.empty_like(state["positions"]))
        self.layers = nn.ModuleList(ResidualBlock(width) for _ in range(count("layers.")))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.load_state_dict(state)

    def embed(self, pixels):
        """(B, C, H, W) → (B, D, H', W')"""
        x = pixels
        for index, convolution in enumerate(self.stem):
            x = convolution(F.gelu(x) if index > 0 else x)
        return x + self.positions.transpose(1, 2).unflatten(2, x.shape[2:])

    def finish(self, x):
        """(B, D, H', W') → (B, H' · W', D)"""
        return self.norm(x.flatten(2).transpose(1, 2))

    def forward(self, pixels):
        x = self.embed(pixels)
        for layer in self.layers:
            x = layer(x)
        return self.finish(x)
