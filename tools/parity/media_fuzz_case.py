"""One file of media_fuzz.py."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Case:
    name: str
    content: bytes
    expected: Any
    """What Python reads, or None where it refuses."""
    kind: str = "sound"
    tolerance: float = 0.0
    rms: float = 0.0
    """Where given, the root of the mean square of differences is held against this, and not the largest against `tolerance`."""
    refusable: bool = False
    """Whether a refusal that names the format or codec is right although Python reads the file."""
    named: str = ""
    """What a refusal must name."""
    lenient: str = ""
    """Why it may be read although Python refuses it."""
    damage: str = ""
    """Of damaged files, what readers salvage may differ: they must give something or refuse, and never a guess of another kind."""
