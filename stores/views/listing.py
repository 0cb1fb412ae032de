"""What every list of this floor does: order by a chosen column, filter chips, and files of what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import content_disposition_header

from casemgr.kit.tabular import write_csv, write_xlsx

PAGE = 50
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def chosen_order(request: HttpRequest, columns: Mapping[str, Sequence[str]], usual: str) -> tuple[str, list[str]]:
    """The `sort` of the address, if `columns` knows it, and the fields to order by; always ends with the key.

    A leading minus turns the order round. Unknown words count as `usual`.
    """
    sort = request.GET.get("sort", usual)
    if sort.removeprefix("-") not in columns:
        sort = usual
    sign = "-" if sort.startswith("-") else ""
    return sort, [*(f"{sign}{field}" for field in columns[sort.removeprefix("-")]), "pk"]


def address_with(query: QueryDict, **changes: str | None) -> str:
    """The query string with `changes` (None takes one out), back on the first page and showing, not exporting."""
    query = query.copy()
    for name in ("page", "export"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


def offers(query: QueryDict, name: str, choices: Iterable[tuple[str, Any, int]]) -> list[dict[str, Any]]:
    """Chips for one filter from (value, label, count); the chosen one takes itself off again."""
    now = query.get(name)
    return [
        {
            "label": label,
            "count": count,
            "current": value == now,
            "url": address_with(query, **{name: None if value == now else value}),
        }
        for value, label, count in choices
    ]


def as_file(rows: Iterable[Sequence[Any]], kind: str, name: str) -> HttpResponse:
    """The rows, header first, as a download: `kind` is csv (with BOM) or xlsx."""
    content = BytesIO()
    if kind == "xlsx":
        write_xlsx(rows, content, title=name)
    else:
        write_csv(rows, content)
    answer = HttpResponse(content.getvalue(), content_type=KINDS[kind])
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, f"{name}.{kind}"))
    return answer
