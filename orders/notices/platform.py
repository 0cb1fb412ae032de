"""What one platform's notices look like: the shape of its order numbers and the words that give it away."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NoticePlatform:
    """
    `order_no` is what counts as an order number anywhere in a text, `labelled_order_no` what counts beside 订单;
    `words` are signs of the platform with their weight (names weigh most, words that others use too weigh 1).
    """

    code: str | None
    order_no: re.Pattern[str]
    labelled_order_no: re.Pattern[str]
    words: dict[str, int] = field(default_factory=dict)
    number_prefixes: dict[str, int] = field(default_factory=dict)
    number_weight: int = 1

    def weight(self, text: str, numbers: list[str]) -> int:
        """How much a text speaks for this platform: each sign counts once."""
        total = sum(weight for word, weight in self.words.items() if word in text)
        shaped = [number for number in numbers if self.order_no.fullmatch(number)]
        if shaped:
            total += max(
                (weight for prefix, weight in self.number_prefixes.items() if shaped[0].startswith(prefix)),
                default=self.number_weight,
            )
        return total
