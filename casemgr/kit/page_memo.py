"""What several parts of one page ask for, found out once while the page is made.

A page calls its parts inside `page_memo()`; a function under `@once_a_page` is then run once for the same arguments.
Outside of such a block, in actions above all, nothing is remembered: what is read there is as the tables say.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Args = ParamSpec("Args")
Found = TypeVar("Found")

_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("page_memo", default=None)


@contextmanager
def page_memo() -> Iterator[None]:
    """Remember while the block runs. Only for pages that change nothing."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def once_a_page(find: Callable[Args, Found]) -> Callable[Args, Found]:
    """`find` with hashable arguments, run once for each of them inside `page_memo()`, always outside of it."""

    @wraps(find)
    def found(*args: Args.args, **kwargs: Args.kwargs) -> Found:
        memo = _memo.get()
        if memo is None:
            return find(*args, **kwargs)
        key = (find, args, tuple(sorted(kwargs.items())))
        if key not in memo:
            memo[key] = find(*args, **kwargs)
        return memo[key]

    return found
