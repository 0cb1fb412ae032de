"""A few cells of a file beside each of its columns, for mapping by hand: enough to tell what they are, nobody in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from casemgr.kit.privacy import drop_sensitive, is_masked, mask_address, mask_name, mask_phone, scrub
from casemgr.kit.tabular import Table
from orders.imports.fields import FIELDS, Field, Reads, header_key

SAMPLED_ROWS = 60
SHOWN = 3
_LONGEST = 40
# A short word that begins with one of the usual surnames is masked as a name, wherever it stands.
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严金魏陶姜戚谢邹喻柏章云苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤"
    "罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄米戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万"
    "柯卢莫房解应宗丁宣邓单洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储靳段富焦巴牧车侯班仇甘武符刘景詹龙叶黎白蒲赖卓池乔闻党谭申冉温庄晏柴瞿"
    "阎连习容向古易廖耿文欧关查游权商牟佘聂辛简饶曾肖欧阳司马上官诸葛"
)
_NAME = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff·]{{1,3}}")
_PLACE = re.compile(r"[省市区县镇乡路街巷弄号栋幢室村]")
_MASKS = {"recipient_name": mask_name, "recipient_phone": mask_phone, "address": mask_address}


def samples(table: Table, headers: Sequence[str]) -> dict[str, list[str]]:
    """column -> its first different values, masked; columns with identity or bank numbers show none."""
    found: dict[str, list[str]] = {header: [] for header in headers}
    hidden = drop_sensitive(headers)
    kinds = {header: _meant(header) for header in headers}
    for _line, cells in islice(table.rows(), SAMPLED_ROWS):
        for header, cell in zip(headers, cells, strict=False):
            shown = found[header]
            if cell and header not in hidden and len(shown) < SHOWN:
                text = _masked(cell, kinds[header])[:_LONGEST]
                if text not in shown:
                    shown.append(text)
    return found


def _meant(header: str) -> Field | None:
    """What a column of this name usually holds."""
    key = header_key(header)
    for fields in FIELDS.values():
        for field in fields.values():
            if key in map(header_key, field.names):
                return field
    return None


def _masked(cell: str, field: Field | None) -> str:
    text = scrub(cell)
    if field is not None and field.reads is Reads.PERSON:
        return _MASKS.get(field.name, mask_name)(cell) if field.name not in ("province", "city", "district") else cell
    return text if field is not None and field.reads is not Reads.NOTE else guarded(cell)


def guarded(cell: str) -> str:
    """A text of which nobody knows what it is: phone numbers and what looks like a name or an address are masked."""
    text = scrub(cell)
    if is_masked(text):
        return text
    if _NAME.fullmatch(text):
        return mask_name(text)
    return mask_address(text) if len(text) > 6 and len(_PLACE.findall(text)) > 1 else text
