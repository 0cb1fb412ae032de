"""Facts that come with the product, as plain values: no database, no Django. README.md says what each file is.

Everything returned is read once, kept, and shared by all callers: treat it as read-only. Writing these rows to the
database is the business of the loader; what a person changed there wins over what stands here.
"""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, cast

from stores.reference import shapes

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@cache
def _document(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8")))


@cache
def _rows(name: str, part: str = "rows") -> list[Any]:
    """The rows of a file, each with the file's defaults (source and confidence where they are the same for all)."""
    document = _document(name)
    return [document.get("defaults", {}) | row for row in document[part]]


def platforms() -> list[shapes.PlatformRow]:
    """The eleven platforms in the order in which they are shown."""
    return _rows("platforms")


def violation_types() -> list[shapes.ViolationTypeRow]:
    """Eight kinds of penalties for each platform that has penalties."""
    return _rows("violation_types")


def policies() -> list[shapes.PolicyRow]:
    """What is known of each platform's rules; hours, text amounts in CNY. At most one row per platform and type."""
    return _rows("policies")


def evidence_kinds() -> list[shapes.EvidenceKindRow]:
    """The 18 kinds of evidence in the order of a checklist."""
    return _rows("evidence_kinds")


def evidence_matrix() -> list[shapes.EvidenceCell]:
    """Every line of defence with every kind of evidence: 7 x 18 cells."""
    return _rows("evidence_matrix")


@cache
def letters() -> dict[str, shapes.Letter]:
    """Line of defence -> its short text and the parts of its letter."""
    return {row["line"]: row for row in _rows("letters")}


def variables() -> list[shapes.VariableRow]:
    """What every {{variable}} of letters and messages means, with an invented sample for previews."""
    return _rows("variables")


def plans() -> list[shapes.PlanRow]:
    """Rectification actions by root cause; `days` count from the day the plan starts."""
    return _rows("plans")


def requests() -> list[shapes.RequestRow]:
    """The ten things the agency usually asks of a merchant."""
    return _rows("requests")


def call_script() -> dict[str, Any]:
    """Order verification: opening, rules, questions with coded answers, closing, verdicts, buyer_statement."""
    return _document("call_script")


def forbidden() -> list[shapes.ForbiddenRow]:
    """Phrases that are stopped; `pattern` is searched in the text after NFKC and removal of blanks."""
    return _rows("forbidden")


def merchant_sentences() -> list[shapes.MerchantSentence]:
    """What the merchant reads per case state; `variant` None is the usual sentence of the state."""
    return _rows("merchant_sentences")


def outcome_sentences() -> list[shapes.OutcomeSentence]:
    """The outcome of a case in one sentence."""
    return _rows("merchant_sentences", "outcomes")


def answers_next() -> list[shapes.AnswerRow]:
    """The platform's answer (result, reason) -> what the next round must add."""
    return _rows("answers_next")


def word_key(text: str) -> str:
    """Normalise a status word for look-up: NFKC, lower case, `_`, `-` and blanks as one blank, none around commas."""
    plain = unicodedata.normalize("NFKC", text).translate(INVISIBLE).strip().casefold()
    spaced = re.sub(r"[\s_-]+", " ", plain).strip()
    # A word of only such signs is a word too: "-" stands for "no after-sale" in one platform's files.
    return re.sub(r"\s*,\s*", ",", spaced) or plain


def _words(platform: str, part: str) -> dict[str, tuple[str, str]]:
    document = _document("status_words")
    own = document["platforms"].get(platform, {})
    own = document["platforms"][own["same_as"]] if "same_as" in own else own
    rows = document["common"][part] + own.get(part, [])
    return {word: (status, confidence) for word, status, confidence in rows}


@cache
def status_words(platform: str) -> dict[str, tuple[str, str]]:
    """word_key of an order's status -> (unpaid, paid, ... , confidence): the platform's words over the common ones."""
    return _words(platform, "order")


@cache
def refund_words(platform: str) -> dict[str, tuple[str, str]]:
    """word_key of a refund's state -> (none, asked, agreed, refunded, refused, closed; confidence)."""
    return _words(platform, "refund")


def carriers() -> list[shapes.CarrierRow]:
    """Carriers with their waybill formats: strong decides alone, medium only if no other carrier matches."""
    return _rows("carriers")


def waybill_rules() -> dict[str, Any]:
    """What makes a waybill number invalid: allowed characters, dummies, the S10 check digit."""
    return cast(dict[str, Any], _document("carriers")["waybill_rules"])


def tracking_states() -> dict[str, Any]:
    """states.rows, keywords.rows ([pattern, state], first match wins), codes of other systems, stall_defaults."""
    return _document("tracking_states")


def export_headers() -> list[shapes.HeaderRow]:
    """Column headers of 拼多多 and 抖店 order exports, verbatim."""
    return _rows("export_headers")


@cache
def calendar() -> list[shapes.CalendarRow]:
    """Official days off and make-up working days 2024-2026; every other day is what the week says."""
    document = _document("calendar")
    names = document["about"]["names_en"]
    return [
        document["defaults"] | {"on": on, "is_working": is_working, "name_zh": name, "name_en": names[name]}
        for on, is_working, name in document["rows"]
    ]


def glossary() -> list[shapes.TermRow]:
    """Chinese term, English term, name in the code; docs/glossary.md shows the same rows."""
    return _rows("glossary")
