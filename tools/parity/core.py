"""Fixtures of packages/core: safetensors files as Python writes them.

Needs numpy, safetensors. Run from the root of the repository:
    python tools/parity/core.py
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

fixtures = Path("packages/core/fixtures")
fixtures.mkdir(exist_ok=True)

# Values that float32 holds exactly, so that the test can write them down as well.
save_file(
    {
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
        "layers.0.bias": np.array([-1.5, 3.0e38, 1.0e-45], dtype=np.float32),
        "scalar": np.array(7, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "größe": np.array([[[1]]], dtype=np.float32),
    },
    fixtures / "python.safetensors",
    metadata={"format": "pt", "note": "ä"},
)
save_file({"half": np.ones(2, dtype=np.float16)}, fixtures / "half.safetensors")
