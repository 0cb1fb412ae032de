"""What the readers of one notice share: page, labels, platform, the times around it, and what was found where."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from orders.notices.dates import Times
from orders.notices.labels import Field, fields_of
from orders.notices.normalise import Page
from orders.notices.order_numbers import Mention, long_numbers
from orders.notices.platform import NoticePlatform
from orders.notices.tables import Table, cell_numbers, row_cells, table_of

SENTENCE_END = re.compile(r"[。；;！!？?\n]")
CLAUSE_END = re.compile(r"[，,。；;！!？?\n]")
CHAT_HEAD = re.compile(
    r"[^\n：:，。]{0,24}[ ]?(?:[0-9]{1,4}[-/年月][0-9月日/-]{1,6}[ ]?)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?[：:]?\s*"
)
SENTENCE = re.compile(r"[^。；;！!？?\n]+")


@dataclass(frozen=True)
class Mark:
    """Where the value of a field stands in the page."""

    field: str
    start: int
    end: int


@dataclass
class Reading:
    """One notice while it is read."""

    page: Page
    platform: NoticePlatform
    times: Times
    marks: list[Mark] = field(default_factory=list)
    # A row of a table brings its cells and numbers along: its columns say what they are.
    cells: list[Field] | None = None
    mentions: list[Mention] | None = None

    @property
    def text(self) -> str:
        return self.page.plain

    @cached_property
    def table(self) -> Table | None:
        """The table in the page, if there is one; a row of a table has none of its own."""
        return table_of(self.page) if self.cells is None else None

    @cached_property
    def fields(self) -> list[Field]:
        """The labelled values; the words of a table's header label columns, not what follows them."""
        if self.cells is not None:
            return self.cells
        fields, table = fields_of(self.page), self.table
        return [item for item in fields if not table.start <= item.start < table.end] if table else fields

    @cached_property
    def numbers(self) -> list[Mention]:
        """The long numbers with their kinds."""
        if self.mentions is not None:
            return self.mentions
        numbers, table = long_numbers(self.page.plain), self.table
        if table is None:
            return numbers
        inside = [mention for row in table.rows for mention in cell_numbers(self.page.plain, row_cells(row))]
        outside = [mention for mention in numbers if not table.start <= mention.start < table.end]
        return sorted([*inside, *outside], key=lambda mention: mention.start)

    @cached_property
    def heading(self) -> tuple[int, int]:
        """The first line that is no chat's 林晓岚 11-18 10:40, up to its first label; a row of a table has none."""
        if self.cells is not None:
            return 0, 0
        start = len(self.text) - len(self.text.lstrip())
        end = self.page.line_end(start)
        if CHAT_HEAD.fullmatch(self.text, start, end):
            start = min(end + 1, len(self.text))
            end = self.page.line_end(start)
        label = next((item for item in self.fields if start <= item.start < end), None)
        return start, label.start if label else end

    def mark(self, name: str, start: int, end: int) -> None:
        """Remember where a field was found."""
        if end > start:
            self.marks.append(Mark(name, start, end))

    def part(self, start: int, end: int) -> Reading:
        """A reading of page[start:end] alone; its marks count in that part."""
        page = replace(
            self.page,
            text=self.page.text[start:end],
            plain=self.page.plain[start:end],
            index=self.page.index[start:end],
        )
        return Reading(page, self.platform, self.times)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence that holds text[start:end]."""
    return _last(SENTENCE_END, text, start), _next(SENTENCE_END, text, end)


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause (up to the commas) that holds text[start:end]."""
    return _last(CLAUSE_END, text, start), _next(CLAUSE_END, text, end)


def _last(pattern: re.Pattern[str], text: str, place: int) -> int:
    floor = max(0, place - 200)
    ends = [match.end() for match in pattern.finditer(text, floor, place)]
    return ends[-1] if ends else floor


def _next(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.search(text, place)
    return match.start() if match else len(text)
