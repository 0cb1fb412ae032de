"""What a cell text means: amounts, moments, quantities, identifiers.

Broken texts raise CellError; empty ones are None.
"""

from casemgr.kit.values.amounts import MAX_AMOUNT, parse_amount, parse_quantity
from casemgr.kit.values.cell_text import (
    EMPTY_WORDS,
    AmbiguousDate,
    CellError,
    is_empty,
    is_ruined_number,
    may_be_rounded,
    parse_identifier,
    plain,
)
from casemgr.kit.values.moments import DateOrder, parse_when

__all__ = [
    "EMPTY_WORDS",
    "MAX_AMOUNT",
    "AmbiguousDate",
    "CellError",
    "DateOrder",
    "is_empty",
    "is_ruined_number",
    "may_be_rounded",
    "parse_amount",
    "parse_identifier",
    "parse_quantity",
    "parse_when",
    "plain",
]
