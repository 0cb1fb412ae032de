"""What a generated document is: one file and one line in the registry (appeals.evidence)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from appeals.evidence.glyphs import SUBSTITUTE, legible

if TYPE_CHECKING:
    from appeals.models import Case

# So many rows stand on one picture: a console shrinks a longer one until nobody can read it.
ROWS_PER_PICTURE = 100


@dataclass(frozen=True)
class Column:
    name: str
    # A share of the width, or as wide as its content.
    width: float | str = "auto"
    align: str = "left"


@dataclass
class Sheet:
    """One sheet of facts as it is typeset: Chinese only, stored facts only, nothing about another shop (rules 7, 11).

    `facts` are pairs of label and value; `bars` pairs of label and count; `rows` as wide as `columns`.
    """

    title: str
    facts: list[tuple[str, str]]
    columns: list[Column]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    bars: list[tuple[str, int]] = field(default_factory=list)
    bars_title: str = ""
    is_wide: bool = True
    table_size: float = 8.0

    def facts_hash(self) -> str:
        """The same for the same content: tells whether a document made earlier is out of date."""
        plain = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()

    def _substituted(self) -> list[str]:
        """A note where characters of the source cannot be shown: the reader must not take 〓 for the text."""
        text = "".join(cell for row in self.rows for cell in row) + "".join(
            f"{label}{value}" for label, value in self.facts
        )
        return (
            [f"“{SUBSTITUTE}”代替无法显示的字符，原文见订单文件。"]
            if legible(text) != text and SUBSTITUTE in legible(text)
            else []
        )

    def as_data(self, *, made_on: str) -> dict[str, Any]:
        """What the template takes. `made_on` is the day of generation, no part of the facts."""
        chunks = [self.rows[at : at + ROWS_PER_PICTURE] for at in range(0, len(self.rows), ROWS_PER_PICTURE)]
        return {
            "title": self.title,
            "facts": [list(pair) for pair in [*self.facts, ("制作日期", made_on)]],
            "columns": [asdict(column) for column in self.columns],
            "chunks": chunks or [[]],
            "notes": [*self.notes, *self._substituted()],
            "bars": [list(bar) for bar in self.bars],
            "bars_title": self.bars_title,
            "flipped": self.is_wide,
            "table_size": self.table_size,
        }


@dataclass(frozen=True)
class Document:
    """A document the product makes itself. `requirement` is the key of the evidence kind it counts for, `made_from` says
    in the platform's list of evidence what it was made from.

    `sheet` reads the case and gives what is shown; it raises Refused when there is nothing on record to show.
    `is_supporting`: our own record stands beside the platform's or the buyer's own picture of it, and never instead: the
    checklist stays open until that picture is there.
    """

    key: str
    label: str | Promise
    requirement: str
    made_from: str
    sheet: Callable[[Case], Sheet]
    is_supporting: bool = False
