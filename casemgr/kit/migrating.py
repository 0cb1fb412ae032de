"""For migrations."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import SeparateDatabaseAndState


class NamesOnly(SeparateDatabaseAndState):
    """Changes of what columns are called for people: no table is touched.

    Django would draw all models anew after each of a hundred such changes, a third of the time of a fresh start; here
    they are drawn once, when somebody next asks.
    """

    def __init__(self, state_operations: list[Any]) -> None:
        super().__init__(state_operations=state_operations)

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
