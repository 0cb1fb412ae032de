"""The files of the demo, as platforms, a carrier's portal and a shop system would write them, and small pictures."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from appeals.demo import exports
from appeals.demo.trade import Sale, facts_of
from appeals.evidence.glyphs import FACE, FONT_FILE, font_folder
from casemgr.kit.clock import SHANGHAI

# A platform's words for an order that is not sent, sent, with the buyer, refunded before it was sent.
WORDS = {
    "pinduoduo": ("待发货", "已发货，待签收", "已签收", "未发货，退款成功"),
    "douyin": ("待发货", "已发货", "已完成", "已关闭"),
    "taobao": ("买家已付款，等待卖家发货", "卖家已发货，等待买家确认", "交易成功", "交易关闭"),
}
# The shop system of the tea shop has its own column names: a person maps them once.
TEA_COLUMNS = {
    "交易号": "order_no", "付款日": "paid_at", "成交日": "placed_at", "茶品": "sku_name", "规格型号": "sku_spec",
    "件": "quantity", "实收": "amount_paid", "交易进度": "status", "出库": "shipped_at", "运单": "waybill_no",
    "承运": "carrier", "收件省": "province", "收件市": "city", "收件区": "district",
}  # fmt: skip
# The carrier's portal writes its own names, too.
SCAN_COLUMNS = {"面单号": "waybill_no", "扫描于": "event_at", "站点动作": "event_text", "网点所在": "city"}


def rows(sales: Iterable[Sale], platform: str, seen_at: dt.datetime) -> list[dict[str, Any]]:
    """The orders a file made at `seen_at` holds: those placed by then, each as it stood."""
    return [_row(sale, platform, seen_at) for sale in sales if sale.placed_at <= seen_at]


def _row(sale: Sale, platform: str, seen_at: dt.datetime) -> dict[str, Any]:
    facts = facts_of(sale, seen_at)
    waiting, sent, received, refunded = WORDS[platform]
    status = (
        refunded
        if facts["is_refunded"]
        else received
        if facts["delivered_at"]
        else sent
        if facts["shipped_at"]
        else waiting
    )
    return {**facts, "status": status}


def pinduoduo(sales: Iterable[Sale], seen_at: dt.datetime) -> bytes:
    """A 拼多多 export with all 82 columns."""
    return exports.pinduoduo_82(rows(sales, "pinduoduo", seen_at))


def douyin(sales: Iterable[Sale], seen_at: dt.datetime) -> bytes:
    """A 抖店 export with its 74 columns, recipients masked as the platform masks them: 张**, 138****1234, 示例路****."""
    return exports.douyin_74([{**row, **_masked(row)} for row in rows(sales, "douyin", seen_at)])


def _masked(row: Mapping[str, Any]) -> dict[str, str]:
    name, phone, address = row["recipient_name"], row["recipient_phone"], row["address"]
    return {
        "recipient_name": f"{name[0]}**",
        "recipient_phone": f"{phone[:3]}****{phone[-4:]}",
        "address": f"{address[:3]}****",
    }


def tea(sales: Iterable[Sale], seen_at: dt.datetime) -> bytes:
    """The tea shop's own system: columns nobody knows beforehand."""
    return table(TEA_COLUMNS, rows(sales, "taobao", seen_at))


def scans(sales: Iterable[Sale], seen_at: dt.datetime) -> bytes:
    """What the carrier's portal gives out: one row per scan."""
    told = [
        {"waybill_no": sale.waybill, "event_at": when, "event_text": text, "city": city}
        for sale in sales
        for when, text, city in sale.scans(seen_at)
    ]
    return table(SCAN_COLUMNS, told)


def table(columns: Mapping[str, str], found: Iterable[Mapping[str, Any]]) -> bytes:
    """A CSV (UTF-8 with BOM) with these columns (header -> field)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in found:
        writer.writerow([_cell(row.get(field)) for field in columns.values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return f"{value:.2f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def upload(name: str, content: bytes) -> ContentFile:
    """The bytes as a browser would hand them in."""
    return ContentFile(content, name=name)


def picture(title: str, lines: Sequence[str], *, name: str) -> ContentFile:
    """A small invented screenshot (PNG): a title, a few lines, and 示例 across it so that nobody takes it for real."""
    image = Image.new("RGB", (720, 160 + 44 * len(lines)), "#f6f7f9")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, image.width, 72), fill="#1d3557")
    draw.text((24, 18), title, font=_font(28), fill="white")
    for n, line in enumerate(lines):
        draw.text((24, 96 + 44 * n), line, font=_font(22), fill="#222222")
    draw.text((image.width - 150, image.height - 60), "示例", font=_font(40), fill="#c0392b")
    out = io.BytesIO()
    image.save(out, "PNG")
    return upload(name, out.getvalue())


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_folder() / FONT_FILE), size, index=FACE)
