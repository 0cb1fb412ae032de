"""One state for an order out of the states of its rows, in one vocabulary, and what it means for shipping."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from orders.enums import Fulfilment, OrderState, RefundState
from stores.reference import refund_words, status_words, word_key

ENDED = frozenset({OrderState.CLOSED, OrderState.REFUNDED})
_TO_SHIP = frozenset({OrderState.UNPAID, OrderState.PAID})
_SENT = (OrderState.SHIPPED, OrderState.DELIVERED, OrderState.COMPLETED)  # least far first
# Of several refunds the one that still asks for something counts, then the one that happened.
_REFUNDS = (
    RefundState.ASKED, RefundState.AGREED, RefundState.REFUNDED, RefundState.REFUSED, RefundState.CLOSED, RefundState.NONE,
)  # fmt: skip


@lru_cache(8_192)
def state_of(word: str, platform: str) -> str:
    """The state that a platform's word means; "" for a word that is not known."""
    return status_words(platform).get(word_key(word), ("", ""))[0]


@lru_cache(8_192)
def refund_of(word: str, platform: str) -> str:
    """The refund state that a platform's word means; "" for a word that is not known."""
    return refund_words(platform).get(word_key(word), ("", ""))[0]


def joined(states: Collection[str]) -> str:
    """The state of an order whose open lines have these known states: it is shipped when every one of them is."""
    if len(states) <= 1:
        return next(iter(states), "")
    known = {state for state in states if state}
    if len(known) <= 1:
        return next(iter(known), OrderState.UNKNOWN)
    still_open = known - ENDED
    if len(still_open) <= 1:
        return next(iter(still_open), OrderState.CLOSED)
    if still_open <= _TO_SHIP:
        return OrderState.PAID
    if not still_open & _TO_SHIP and OrderState.PARTLY_SHIPPED not in still_open:
        return next(state for state in _SENT if state in still_open)
    return OrderState.PARTLY_SHIPPED


def joined_refund(states: Sequence[str]) -> str:
    if len(states) <= 1:
        return states[0] if states else ""
    return next((state for state in _REFUNDS if state in states), RefundState.UNKNOWN)


def fulfilment_of(state: str, *, is_sent: bool, is_told: bool) -> str:
    """What is known of shipping. `is_sent`: a ship time, or (without a state) a waybill. `is_told`: the file has columns
    for state, ship time or waybill; without any of them fulfilment is unknown, and unknown is never late (rule 9)."""
    if state in ENDED:
        return Fulfilment.CLOSED
    if state in _SENT or (is_sent and state != OrderState.PARTLY_SHIPPED):
        return Fulfilment.SHIPPED
    if state or is_told:
        return Fulfilment.UNSHIPPED
    return Fulfilment.UNKNOWN
