"""Invented notices and how the tests of their reader look at them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from orders.notices import read

MADE_UP = json.loads((Path(__file__).parent / "notices_made_up.json").read_text(encoding="utf-8"))
NOTICES = {row["id"]: row | {"text": "\n".join(row["text"])} for row in MADE_UP["notices"]}
ANSWERS = {row["id"]: row for row in MADE_UP["answers"]}
PASTED = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
NUMBER = "违规编号：90202611180031  违规类型：缺货  "
NOTICED = "违规通知时间：2026-11-18 10:00:00  "


def violation(text: str, **around: Any) -> dict[str, Any]:
    """The only violation of a text, pasted on 20 November 2026 at noon unless told otherwise."""
    result = read(text, **({"pasted_at": PASTED} | around))
    assert result["action"] == "open"
    (found,) = result["violations"]
    return found


def appeal(text: str, **around: Any) -> dict[str, Any]:
    """The appeal deadline of a text."""
    (found,) = [item for item in violation(text, **around)["deadlines"] if item["kind"] == "appeal"]
    return found
