"""The shapes of the reference rows. A row of facts says where it is from (source) and how sure it is (confidence).

Confidence: A official document seen, B public code or third-party text seen, C background knowledge, D our default.
"""

from typing import TypedDict


class Sourced(TypedDict):
    source: str
    confidence: str


class PlatformRow(TypedDict):
    """A platform. None is unknown; order_no_pattern matches a whole order number."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    console_url: str | None
    external_link_allowed: bool | None
    has_penalties: bool
    text_max: int | None
    images_max: int | None
    image_bytes_max: int | None
    image_formats: list[str] | None
    limits_source: str | None
    limits_source_en: str | None
    limits_confidence: str | None
    order_no_pattern: str | None
    order_no_source: str | None
    order_no_confidence: str | None


class ViolationTypeRow(Sourced):
    platform: str
    key: str
    name_zh: str
    name_en: str
    merchant_zh: str
    merchant_en: str
    meaning: str


class PenaltyRow(TypedDict):
    """kind: fixed, percent, none, unknown. Money and percent are text with two places; only confidence A or B."""

    kind: str
    value: str | None
    per: str | None
    floor: str | None
    cap: str | None
    text: str
    text_en: str
    confidence: str | None


class RoundRow(TypedDict):
    """One round. kind: appeal or ticket_reply. window None: the notice tells. attempts None: unknown."""

    number: int
    kind: str
    name_zh: str
    name_en: str
    window: int | None
    unit: str
    counts_first_day: bool
    counted_from: str
    attempts: int | None
    confidence: str


class PolicyRow(Sourced):
    """Hours count from clock_start. effective_from: ISO date or None. source_on: ISO date, year, or empty."""

    platform: str
    violation_type: str
    clock_start: str
    ship_by_hours: int | None
    first_scan_hours: int | None
    penalty: PenaltyRow
    points: int | None
    restrictions: str
    restrictions_en: str
    rounds: list[RoundRow]
    evidence: list[str]
    effective_from: str | None
    source_en: str
    source_on: str
    note: str
    note_en: str


class EvidenceKindRow(Sourced):
    key: str
    name_zh: str
    name_en: str
    shows_zh: str
    shows_en: str
    good_zh: str
    good_en: str
    bad_zh: str
    bad_en: str


class EvidenceCell(Sourced):
    """level: required, required_one_of (one of the group is enough), useful, not. Empty shows_*: see the kind."""

    line: str
    kind: str
    level: str
    group: str | None
    shows_zh: str
    shows_en: str


class ShortText(TypedDict):
    template: str
    max_chars: int


class LetterVariables(TypedDict):
    required: list[str]
    required_or_waived: list[str]
    optional: list[str]


class Bilingual(TypedDict):
    zh: str
    en: str


class LawHint(TypedDict):
    text: str
    confidence: str


class Letter(Sourced):
    """letter and headings_zh: head, facts, chronology, evidence, grounds, request, commitment, close."""

    line: str
    name_zh: str
    name_en: str
    condition_zh: str
    condition_en: str
    short: ShortText
    letter: dict[str, str]
    headings_zh: dict[str, str]
    variables: LetterVariables
    variables_short: list[str]
    never_say: list[Bilingual]
    law_hints: list[LawHint]


class VariableRow(Sourced):
    name: str
    used_in: str
    meaning_zh: str
    meaning_en: str
    sample: str
    evidence_kinds: list[str]


class PlanActionRow(TypedDict):
    key: str
    action_zh: str
    action_en: str
    owner_zh: str
    owner_en: str
    days: int
    metric_zh: str
    metric_en: str


class PlanRow(Sourced):
    root_causes: list[str]
    title_zh: str
    title_en: str
    actions: list[PlanActionRow]


class RequestRow(Sourced):
    key: str
    evidence_kind: str | None
    portal_zh: str
    wechat_zh: str
    en: str


class ForbiddenRow(Sourced):
    key: str
    audience: str
    kind_zh: str
    kind_en: str
    phrase_zh: str
    reason_zh: str
    reason_en: str
    pattern: str
    examples: list[str]


class MerchantSentence(Sourced):
    state: str | None
    variant: str | None
    portal_zh: str
    wechat_zh: str
    en: str


class OutcomeSentence(Sourced):
    outcome: str
    zh: str
    en: str


class KindHint(Bilingual):
    kind: str


class AnswerRow(Sourced):
    result: str
    reason: str | None
    spends_attempt: bool
    next_zh: list[str]
    next_en: list[str]
    by_kind: list[KindHint]


class PatternRow(Sourced):
    pattern: str


class CodeRow(TypedDict):
    system: str
    value: str
    confidence: str


class CarrierRow(Sourced):
    code: str
    name_zh: str
    name_en: str
    aliases: list[str]
    strong: list[PatternRow]
    medium: list[PatternRow]
    has_s10_check_digit: bool
    needs_phone_to_query: bool
    is_active: bool
    codes: list[CodeRow]


class HeaderRow(Sourced):
    id: str
    platform: str
    kind: str
    what: str
    seen: str
    is_verbatim_order: bool
    required: list[str]
    headers: list[str]


class CalendarRow(Sourced):
    on: str
    is_working: bool
    name_zh: str
    name_en: str


class TermRow(Sourced):
    zh: str
    en: str
    code: str | None
    group: str
