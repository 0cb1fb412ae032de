"""Masks for names and phone numbers, virtual numbers, columns that are never taken in, and free text.

Of a phone number that we mask at least six digits are hidden, of a name at least one character.
What the platform masked already is kept as it came, unless it left more readable than a mask should.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from casemgr.kit.values import plain

STAR = "*"
HIDDEN_DIGITS = 6
HEAD = 3
_VISIBLE = 5  # of eleven digits: three in front, two behind
_CACHED = 32_768
_RECENT = 1_024  # one row asks several times
_TAIL_ENDS = frozenset("]】)） ")
# Mask signs seen in exports: *＊×●•. A single bullet inside a name is the middle dot of Uyghur names, not a mask.
_BULLET_MASK = re.compile(r"•{2,}|^•|•$")
_LONG_NUMBER = re.compile(r"\d{5}", re.ASCII)
_MOST_READABLE = 8  # digits that platforms leave readable: `0571****1234`
# Number and extension, tried on the forms `18412345678-1234`, `17500000000_6603`, `…转1234`, `…#1234`.
_PHONE = re.compile(
    r"(\+?86[- ]?)?(1[3-9]\d{9}|95\d{8,13}|0\d{2,3}-?\d{7,8}|400\d{7})(\s*[-_#,，转ext.]+\s*(\d{1,6}))?", re.ASCII
)
_EXTENSION = re.compile(r"[-_#,转]\s*\d{1,6}$", re.ASCII)
_TAIL = re.compile(r"\s*[\[【(（]\s*(?:\d{4}|\d{6})\s*[\]】)）]\s*$", re.ASCII)


def is_masked(text: str) -> bool:
    """Does the text carry a mask (`张**`, `138****1234`)?"""
    # four searches for one character are three times as fast as one expression, and every imported cell comes by here
    if "*" in text or "＊" in text or "×" in text or "●" in text:
        return True
    return "•" in text and _BULLET_MASK.search(text) is not None


def without_tail(text: str) -> str:
    """The text without what platforms hang on: the code of a virtual number `[1234]`, a postcode `(310000)`."""
    return _TAIL.sub("", text) if text[-1:] in _TAIL_ENDS else text


@lru_cache(_CACHED)
def mask_name(name: str) -> str:
    """`张三丰` -> `张**`: the first character stays, at most three stars follow.

    A masked name is kept as it came, unless a number (a phone) can be read in it.
    """
    name = name.strip()
    if not name or (is_masked(name) and _LONG_NUMBER.search(plain(name)) is None):
        return name
    name = without_tail(name) or name
    return STAR if len(name) == 1 else name[0] + STAR * min(len(name) - 1, 3)


def is_mobile(text: str) -> bool:
    """Eleven plain digits that are a mobile number, as nearly every clear phone cell is."""
    return len(text) == 11 and text[0] == "1" and text[1] in "3456789" and text.isascii() and text.isdigit()


@lru_cache(_RECENT)
def split_phone(text: str) -> tuple[str, str]:
    """(number in digits without 86, extension or ""); ("", "") where the text is no whole phone number."""
    if is_mobile(text):
        return text, ""
    match = _PHONE.fullmatch(plain(text))
    if match is None:
        return "", ""
    return match[2].replace("-", ""), match[4] or ""


def is_virtual(text: str) -> bool:
    """Did the platform issue this number for one order (`18412345678-1234`, 95…)? Then equality proves nothing."""
    number, extension = split_phone(text)
    return bool(extension) or number.startswith("95")


def _hide(digits: str) -> str:
    """Digits with at least six of them hidden: three in front and two behind stay of eleven, nothing of six."""
    visible = max(0, min(_VISIBLE, len(digits) - HIDDEN_DIGITS))
    head = min(HEAD, visible)
    tail = visible - head
    return digits[:head] + STAR * (len(digits) - visible) + (digits[-tail:] if tail else "")


@lru_cache(_CACHED)
def mask_phone(text: str) -> str:
    """`13800001234` -> `138******34`; an extension is hidden whole; what is no phone number shows nothing.

    A masked number is kept as it came (`138****1234`), unless more than four digits in a row or eight in all
    can be read.
    """
    text = text.strip()
    if is_mobile(text):
        return text[:HEAD] + STAR * HIDDEN_DIGITS + text[HEAD + HIDDEN_DIGITS :]
    if not text:
        return text
    digits = re.sub(r"\D", "", plain(text))
    if is_masked(text):
        shown = _EXTENSION.sub("", plain(text))
        well = sum(map(str.isdigit, shown)) <= _MOST_READABLE and _LONG_NUMBER.search(shown) is None
        return text if well else digits[:HEAD] + STAR * (len(digits) - HEAD)
    number, extension = split_phone(text)
    if not number:
        return _hide(digits) if len(digits) > HIDDEN_DIGITS else STAR * HIDDEN_DIGITS
    return _hide(number) + ("-" + STAR * len(extension) if extension else "")


# Free text: notices, notes, chat. Order numbers of 15-19 digits must stay readable there, so an identity number
# is only what has a birth date and the right check digit.
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_FREE_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d(?:\d{8}|[ -]\d{4}[ -]\d{4}))(?!\d)", re.ASCII)
_FREE_LANDLINE = re.compile(r"(?<![\d-])(0\d{2,3}-\d{7,8})(?!\d)", re.ASCII)
_IDENTITY = re.compile(
    r"(?<!\d)([1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?![\dXx])", re.ASCII
)
_NAMED_NUMBER = re.compile(
    r"(?:身份证|证件|银行卡|卡号|开户|账号|帐号)[^\d\n,，;；。]{0,8}?(\d{11,18}[\dXx])(?![\dXx])", re.ASCII
)
_ORDER_WORD = re.compile(r"(?:订单|运单|单号|单编号|order no\.?)[\s:：]*$", re.IGNORECASE)
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_identity(number: str) -> bool:
    """GB 11643: the last sign of an identity number is a check digit over the other seventeen."""
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], _IDENTITY_WEIGHTS, strict=True)) % 11
    return "10X98765432"[rest] == number[17].upper()


def scrub(text: str) -> str:
    """The text with phone numbers, identity numbers and named card numbers masked; order numbers stay as they are."""
    shadow = text.translate(_WIDE_DIGITS)  # the same length, so that places found in it hold for the text
    spans: list[tuple[int, int, int]] = []
    for match in _FREE_MOBILE.finditer(shadow):
        # eleven digits after "order number" are one of JD's, not a phone
        if _ORDER_WORD.search(shadow, max(0, match.start() - 12), match.start()) is None:
            spans.append((*match.span(1), HEAD))
    for pattern, head in ((_FREE_LANDLINE, 2), (_NAMED_NUMBER, 0)):
        spans += [(*match.span(1), head) for match in pattern.finditer(shadow)]
    spans += [(*match.span(1), 0) for match in _IDENTITY.finditer(shadow) if _is_identity(match[1])]
    if not spans:
        return text
    signs = list(text)
    for start, end, head in spans:
        for place in range(start + head, end - (2 if head else 0)):
            if shadow[place].isalnum():
                signs[place] = STAR
    return "".join(signs)


_SENSITIVE = re.compile(
    r"身份证|证件(?:号|姓名)?|护照|银行卡|信用卡|储蓄卡|^卡号$|开户|银行账|银行帐|收款账|收款帐|对公账|打款账|支付宝.{0,4}[账帐]|[账帐]户名"
    r"|持卡人|实名|identity|passport|\bid\s*card|national\s*id|\bbank|\biban|card\s*(?:no|number)|\bssn",
    re.IGNORECASE,
)


def drop_sensitive(headers: Iterable[str]) -> set[str]:
    """Those column names that carry identity numbers or bank data: their cells are dropped at the door."""
    return {header for header in headers if _SENSITIVE.search(unicodedata.normalize("NFKC", header))}
