"""Addresses: the parts that say where roughly, a mask for the rest, and one spelling to compare by.

Platform files already carry 省/市/区/街道 in columns; where they do not, the parts are read off the front of the text.
No address parser is needed for that.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from casemgr.kit.privacy.masks import is_masked, without_tail
from casemgr.kit.values import plain

HIDDEN = "****"
_CACHED = 32_768
_RECENT = 1_024  # one row asks several times
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_HAN = "\u4e00-\u9fff"
_GAP = r"[\s,，/-]*"
_PLACE = re.compile(
    rf"{_GAP}(?P<province>(?:{_PROVINCES})(?:省|市|(?:维吾尔|壮族|回族)?自治区|特别行政区)?)?"
    rf"{_GAP}(?P<city>(?:(?![区县路街号村旗弄巷栋幢室])[{_HAN}]){{1,10}}?(?:自治州|地区|盟|(?<![超夜门城都])市)|市辖区)?"
    rf"{_GAP}(?P<district>(?:(?![路街号村弄巷栋幢室])[{_HAN}]){{1,11}}?(?:(?<![小社园校厂景院片])区|(?<!自治)县|自治县|(?<![超夜门城])市|旗))?"
    rf"{_GAP}(?P<street>(?:(?![路号村弄巷栋幢区室])[{_HAN}]){{1,10}}?(?:街道|(?:镇|乡|苏木)(?![路街大小村中学])))?{_GAP}"
)
# Without any of these signs, and without a province in front, nothing in a text can be one of the parts.
_MAY_NAME_PLACES = re.compile(r"[省市区县旗盟镇乡州木]|街道")
_HEADS = frozenset(name[:2] for name in _PROVINCES.split("|"))
_HOUSE = re.compile(r"[0-9０-９]{3,}|[0-9０-９一二三四五六七八九十百零〇A-Za-z]\s*(?:室|单元|幢|栋|号|楼|层|座|户|#)")


class Place(NamedTuple):
    """The parts of an address that say where, and the rest that says which door."""

    province: str
    city: str
    district: str
    street: str
    rest: str


def names_no_place(text: str) -> bool:
    """True for a text that `split_place` surely finds no part in; False where it has to look."""
    return text[:1].isalnum() and text[:2] not in _HEADS and _MAY_NAME_PLACES.search(text) is None


@lru_cache(_RECENT)
def split_place(text: str) -> Place:
    """`浙江省 杭州市 余杭区 五常街道 文一西路969号` in its parts; parts that are not there are empty."""
    if names_no_place(text):
        return Place("", "", "", "", text)
    match = _PLACE.match(text)
    if match is None:
        return Place("", "", "", "", text)
    province, city, district, street = (match[name] or "" for name in ("province", "city", "district", "street"))
    return Place(province, city, district, street, text[match.end() :])


@lru_cache(_CACHED)
def mask_address(text: str) -> str:
    """Province, city, district and street stay, what says which door becomes `****`: no unit, no room.

    An address that the platform masked is kept as it came, unless house, unit or room can still be read in it.
    """
    text = text.strip()
    rest = split_place(text).rest
    if not rest or (is_masked(rest) and _HOUSE.search(rest) is None):
        return text
    return text[: len(text) - len(rest)].rstrip() + HIDDEN


_NUMERALS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_COUNTED = re.compile("[零〇一二两三四五六七八九]*[十百][零〇一二两三四五六七八九十百]*")


def _sign_table() -> dict[int, str | None]:
    """What becomes of each single character: signs go, dashes are one, numerals are digits, 幢 and 座 are 栋."""
    table: dict[int, str | None] = {
        code: None for code in range(0x10000) if unicodedata.category(chr(code))[0] in "PZCSM" and chr(code) not in "-#"
    }
    table |= {ord(sign): "-" for sign in "‐‑‒–—―−~"} | {ord(sign): "栋" for sign in "幢座橦"}
    table |= {ord(sign): str(digit) for sign, digit in _NUMERALS.items()}
    return table | {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}


_SIGNS = _sign_table()
# The signs of nearly every address: replaced one by one they take a third of the time of the whole table.
_OFTEN = tuple((sign, str(digit)) for sign, digit in _NUMERALS.items()) + tuple((sign, "栋") for sign in "幢座橦")
_OTHERS = re.compile(rf"[^{_HAN}0-9a-z]")
_LOOSE_DASH = re.compile(r"(?<!\d)-|-(?!\d)", re.ASCII)
_BUILDING = re.compile(r"([0-9a-z])(?:号楼|栋楼|#楼?)")
_TRIPLE = re.compile(r"(?<!\d)(\d{1,3})-(\d{1,2})-(\d{3,4})室?(?!\d)", re.ASCII)
_ROOM = re.compile(r"单元(\d{3,4})$", re.ASCII)


def _digits(match: re.Match[str]) -> str:
    """`三十二` -> 32, `一百零三` -> 103."""
    number, last = 0, 0
    for sign in match[0]:
        if sign == "百":
            number, last = number + (last or 1) * 100, 0
        elif sign == "十":
            number, last = number + (last or 1) * 10, 0
        else:
            last = _NUMERALS[sign]
    return str(number + last)


@lru_cache(_CACHED)
def bare_name(name: str) -> str:
    """A province or city without its kind: `浙江省` and `浙江` are one."""
    return re.sub(r"(?:省|市|(?:维吾尔|壮族|回族)?自治区|特别行政区)$", "", name) if len(name) > 2 else name


def without_repeats(text: str, names: tuple[str, str, str, str]) -> str:
    """The address without the province, city, district and street that columns of their own already say."""
    province, city, district, street = names
    for _round in range(2):
        before = text
        for name in (province, city):
            if name:
                bare = bare_name(name)
                text = text.removeprefix(name) if text.startswith(name) else text.removeprefix(bare)
        cut = text != before
        for name in (district, street):
            if name and text.startswith(name):
                text = text[len(name) :]
            elif name is district and cut and len(name) > 2 and text.startswith(name[:-1]):
                text = text[len(name) - 1 :]
        if text == before:
            break
    return text


def one_spelling(text: str) -> str:
    """Signs, numerals, buildings and rooms in one spelling. The guards are there for speed: most addresses need few."""
    if "十" in text or "百" in text:
        text = _COUNTED.sub(_digits, text)
    for sign, spelling in _OFTEN:
        if sign in text:
            text = text.replace(sign, spelling)
    if _OTHERS.search(text):
        text = text.translate(_SIGNS)
    if "-" in text:
        text = _LOOSE_DASH.sub("", _TRIPLE.sub(r"\1栋\2单元\3室", text))
    if "楼" in text or "#" in text:
        text = _BUILDING.sub(r"\1栋", text).replace("#", "")
    if "单元" in text and text[-1] != "室":
        text = _ROOM.sub(r"单元\1室", text)
    return text


def normalise_address(text: str, *, province: str = "", city: str = "", district: str = "", street: str = "") -> str:
    """One spelling of an address to compare by, led by its district: `余杭区|文1西路969号3栋2单元501室`.

    NFKC, no blanks or punctuation (but 969-3号), no tail `[1234]`, no repeated 省市区, 幢 and 号楼 -> 栋, numerals
    -> digits. The 街道 is left out (often missing), a 镇 or 乡 stays (villages repeat their names). Parts not given
    are read off the text. "" where nothing is left behind the district.
    """
    text = "".join(without_tail(plain(text)).split())
    if district:
        rest = without_repeats(text, (province, city, district, street))
    else:
        place = split_place(text)
        city, district, street = place.city or city, place.district, place.street or street
        rest = place.rest
    rest = one_spelling(rest)
    return led_by_district(rest, city, district, street) if rest else ""


def led_by_district(rest: str, city: str, district: str, street: str) -> str:
    """The spelling of a whole address from that of the part behind its places."""
    town = street if street.endswith(("镇", "乡", "苏木")) else ""
    return f"{district or bare_name(city)}{town}|{rest}"
