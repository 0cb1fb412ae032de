"""Filling the skeletons of stores/reference/letters.json: `{{x}}` is a variable, `[[…]]` is left out whole when an optional
or waived variable in it has no value. What is required and missing stays visible in the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache

from stores import reference

VARIABLE = re.compile(r"\{\{(\w+)\}\}")
OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
MARK = re.compile(r"【待补：([^】]*)】")
# Two statements of other people that a text leans on; they are asked of them on their own pages, not recorded as facts.
# Where the meaning in the reference is too long or too general to stand in a text.
SHORTER = {
    "timeline": "时间线",
    "filed_on": "信的日期",
    "cluster_minutes": "聚集前后几分钟",
    "carrier_proof": "承运商说明或沟通记录",
    "agreed_channel": "与买家约定的途径",
    "genuine_count": "聚集中核实为真实的订单数",
}
STATEMENTS = {"declaration": "商家真实性声明", "consent": "商家同意承认的确认"}


@cache
def labels() -> dict[str, str]:
    """Name of a variable -> its short Chinese label; each label stands for one name only."""
    short = {
        row["name"]: re.split(r"[，；：。]", row["meaning_zh"])[0]
        for row in reference.variables()
        if row["used_in"] == "letter"
    }
    return {**short, **SHORTER, **STATEMENTS}


@cache
def _names() -> dict[str, str]:
    return {label: name for name, label in labels().items()}


def mark(name: str) -> str:
    """【待补：联系买家的时间】"""
    return f"【待补：{labels()[name]}】"


def gaps_in(text: str) -> list[str]:
    """The variables whose marks still stand in an edited text, each once, in order; a mark somebody typed keeps its words."""
    return list(dict.fromkeys(_names().get(found, found) for found in MARK.findall(text)))


@dataclass
class Filling:
    """Values for one text. `needed` must have a value or be waived; all other variables may be empty."""

    values: Mapping[str, str]
    needed: Collection[str]
    waived: Collection[str] = field(default_factory=frozenset)

    def fill(self, template: str) -> str:
        """The template with its values; marks where a needed value is missing."""
        kept = OPTIONAL.sub(self._block, template)
        return VARIABLE.sub(lambda found: self._value(found[1]), kept)

    def _block(self, found: re.Match[str]) -> str:
        names = VARIABLE.findall(found[1])
        leaves_out = any(
            not self.values.get(name) and (name in self.waived or name not in self.needed) for name in names
        )
        return "" if leaves_out else found[1]

    def _value(self, name: str) -> str:
        value = self.values.get(name, "")
        if value or name in self.waived or name not in self.needed:
            return value
        return mark(name)
