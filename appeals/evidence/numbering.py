"""Which piece of evidence is 证据 number what: one order for the letter, its list, and the pictures of the pack."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from appeals import checklist
from appeals.enums import EvidenceSource
from appeals.evidence import DOCUMENTS, words
from appeals.models import Case, EvidenceItem
from casemgr.kit.page_memo import once_a_page
from stores.models import EvidenceNeed, EvidenceRequirement


@dataclass(frozen=True)
class Numbered:
    number: int
    item: EvidenceItem
    need: EvidenceNeed

    @property
    def requirement(self) -> EvidenceRequirement:
        return self.need.requirement

    @property
    def caption(self) -> str:
        """证据2"""
        return f"证据{self.number}"

    @property
    def line(self) -> str:
        """证据2 物流轨迹：官网截图（来源：承运商官网；取得时间：2026-11-12 09:30）"""
        item, name = self.item, self.requirement.name_zh
        title = "" if item.title == name else f"：{item.title}"
        at = words.stamp(item.captured_at or item.uploaded_at)
        if item.source == EvidenceSource.GENERATED:
            made_from = DOCUMENTS[item.document].made_from if item.document in DOCUMENTS else "本店记录"
            return f"{self.caption} {name}{title}（由{made_from}汇总；生成时间：{at}）"
        word = "取得时间" if item.captured_at else "收到时间"
        return f"{self.caption} {name}{title}（来源：{item.source_note or '商家提供'}；{word}：{at}）"


@once_a_page
def of(case: Case, *, until: dt.datetime | None = None) -> list[Numbered]:
    """Current evidence of the case that its line of defence uses, in the order of the checklist.

    `until`: only what was there at that moment; what came after an approval was never looked at. Kinds that the matrix
    says not to attach, and files beside the checklist, have no number: they would invite "not relevant".
    """
    found = [
        (row.need, item)
        for row in checklist.of(case).rows
        for item in sorted(row.items, key=lambda item: item.pk)
        if until is None or item.uploaded_at <= until
    ]
    return [Numbered(number, item, need) for number, (need, item) in enumerate(found, 1)]


def numbers_of(numbered: Sequence[Numbered], kinds: Container[str]) -> str:
    """证据2、4 for the items of these kinds; empty where there is none."""
    found = [str(row.number) for row in numbered if row.requirement.key in kinds]
    return f"证据{'、'.join(found)}" if found else ""


def changed_since(text: str, numbered: Sequence[Numbered]) -> bool:
    """Whether the list of evidence written in a letter is another one than now: its numbers would point elsewhere."""
    written = re.findall(r"^证据\d+ .*$", text, re.MULTILINE)
    return bool(written) and written != [row.line for row in numbered]
