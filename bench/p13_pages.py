"""P13: the page at row 5,000 of the list of cases beside its first page."""

from __future__ import annotations

import statistics

from django.urls import reverse

from bench import many
from bench.harness import Figure, Stage, interleaved, ratio_of, spread
from bench.p12_lists import CASES, REQUESTS, list_of


def measure(stage: Stage) -> list[Figure]:
    """Pages of fifty: row 5,000 stands on the hundredth."""
    count = min(CASES, stage.rows * 2)
    stage.say(f"{count} cases")
    lead = many.cases(count)
    many.settle()
    url = reverse("cases")
    candidates = {"first": list_of(lead, f"{url}?page=1"), "deep": list_of(lead, f"{url}?page=100")}
    for one in candidates.values():
        one()
    seconds = interleaved(candidates, stage.rounds, say=stage.say)
    deep, first = ([one / REQUESTS for one in seconds[name]] for name in ("deep", "first"))
    ratio = ratio_of(deep, first)
    return [
        Figure("P13", f"page at row 5,000 of {count} cases", statistics.median(deep), "s", f"first page {spread(first)}",
               ratio, "<= 1.3", ratio <= 1.3),
    ]  # fmt: skip
