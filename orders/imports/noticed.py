"""What deciding a file has to tell besides its things."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Noticed:
    """What deciding the orders has to tell: disagreements by field, words that are not known, orders per answer."""

    disagree: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    computed: int = 0
    without_ship_by: int = 0
