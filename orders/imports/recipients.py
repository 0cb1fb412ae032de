"""Clear recipients, for merchants that asked to keep them: sealed at the door, one field per order (docs/adr/0009).

Of the file's columns only what is readable is taken; a masked name or number is no more in clear than its mask. Beside
the sealed text goes a keyed mark of it, so that an order whose recipient alone changed counts as changed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from casemgr.kit.privacy import KeyedHash, is_masked, sealing
from casemgr.kit.values import is_empty
from orders.imports.people import PLACES
from orders.models import Order
from stores.models import Merchant, Store

SEALED, MARK = "recipient_sealed", "recipient_mark"
_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, check_circular=False).encode
_NAMES = {"recipient_name": "name", "recipient_phone": "phone"}


def key_name(merchant: Merchant) -> str:
    """The data key of all recipients of a merchant."""
    return f"merchant:{merchant.code}"


def row_key(store_id: int, order_no: str) -> str:
    """What binds a sealed recipient to its order."""
    return f"recipient {store_id} {order_no}"


class Recipients:
    """Seals what the rows of one file say of their recipients."""

    def __init__(self, store: Store, hasher: KeyedHash) -> None:
        self._store_id, self._hasher = store.pk, hasher
        self._key = sealing.data_key(key_name(store.merchant))

    @classmethod
    def kept_by(cls, store: Store, hasher: KeyedHash) -> Recipients | None:
        """None unless the merchant of this shop keeps recipients."""
        return cls(store, hasher) if store.merchant.keep_recipient else None

    def sealed(self, order_no: str, said: Mapping[str, str]) -> dict[str, str]:
        """The values a row keeps of these cells (field -> text): nothing where no cell is readable."""
        clear = {name: said[field] for field, name in _NAMES.items() if _is_clear(said.get(field))}
        if _is_clear(said.get("address")):
            place = "".join(text for name in PLACES if (text := said.get(name, "")) and text not in said["address"])
            clear["address"] = place + said["address"]
        if not clear:
            return {}
        text = _plain(clear)
        blob = self._key.seal(text.encode(), aad=row_key(self._store_id, order_no))
        return {SEALED: base64.b64encode(blob).decode(), MARK: self._hasher.hash("recipient", text)}


def _is_clear(text: str | None) -> bool:
    return bool(text) and not is_masked(text or "") and not is_empty(text or "")


def of_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """(sealed recipient or "", what the content hash covers of it) of an order: the last row that says any."""
    found = next((row for row in reversed(rows) if SEALED in row), None)
    return (found[SEALED], [found[MARK]]) if found else ("", [])


def write(merchant: Merchant, rows: Iterable[tuple[int, str]]) -> None:
    """Set the sealed recipient of these orders (key, sealed), if the merchant keeps recipients still."""
    params = [(base64.b64decode(sealed), order_id, merchant.pk) for order_id, sealed in rows]
    if params:
        table, merchants = (connection.ops.quote_name(model._meta.db_table) for model in (Order, Merchant))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET {SEALED} = %s WHERE id = %s"
                f" AND EXISTS (SELECT 1 FROM {merchants} WHERE id = %s AND keep_recipient)",
                params,
            )


def opened(order: Order) -> dict[str, str]:
    """name, phone, address of an order's recipient as far as the file gave them; empty when nothing is kept.

    Raises sealing.Unreadable when the value was changed or belongs to another order.
    """
    sealed = Order.objects.filter(pk=order.pk).values_list(SEALED, flat=True).first()
    if sealed is None:
        return {}
    try:
        key = sealing.existing_key(key_name(order.store.merchant))
    except sealing.Erased:
        return {}
    return json.loads(key.open(bytes(sealed), aad=row_key(order.store_id, order.order_no)))
