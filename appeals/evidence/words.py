"""What a platform's reviewer reads is Chinese, whatever language the desk works in: the words and the ways of writing
times and money that letters and documents share. Pages for people use translations instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

NO_RECORD = "无记录"

STEPS = {
    "placed": "下单",
    "paid": "付款",
    "grouped": "成团",
    "balance_paid": "付尾款",
    "ship_by": "最晚发货时限",
    "scan_limit": "揽收时限",
    "uploaded": "上传运单号",
    "first_scan": "首条揽收扫描",
    "delivered": "签收",
    "urged": "买家催发货",
    "refund_asked": "买家申请退款",
    "refunded": "退款完成",
    "closed": "订单关闭",
    "contact": "联系买家核实",
    "review": "核单结论",
    "report": "向平台报备/举报",
}

SOURCES = {
    "file": "平台订单文件",
    "computed": "按规则推算",
    "scan": "承运商轨迹",
    "order_review": "核单记录",
    "report": "报备/举报记录",
    "notice": "平台通知",
}

CHANNELS = {"chat": "平台聊天", "call": "平台虚拟号"}
CONTACT_RESULTS = {"answered": "已答", "no_answer": "未答", "declined": "拒答"}
REVIEWS = {"genuine": "核实为真实需求", "malicious": "核实为异常订单", "unreachable": "联系不上"}
REPORTS = {
    "force_majeure": "不可抗力报备",
    "carrier": "物流异常报备",
    "stock": "库存异常报备",
    "malicious_buyer": "恶意订单举报",
    "system_fault": "系统异常报备",
}
REPORT_STATES = {"filed": "已提交", "accepted": "已受理", "refused": "未受理", "expired": "已过期", "to_file": "未提交"}
BUYER_CHANNELS = {"platform_chat": "平台聊天", "virtual_call": "平台虚拟号"}
BUYER_REPLIES = {"waiting": "待答复", "answered": "已答", "no_answer": "未答", "refused": "拒答"}
OFFERS = {"refund": "退款", "compensation": "补偿", "later_date": "改期"}
OFFER_RESULTS = {"open": "待答复", "accepted": "已同意", "declined": "未同意"}
ORDER_STATES = {
    "unpaid": "待付款",
    "paid": "待发货",
    "partly_shipped": "部分发货",
    "shipped": "已发货",
    "delivered": "已签收",
    "completed": "已完成",
    "closed": "已关闭",
    "refunded": "已退款",
}
# Root causes as they are told to a platform; an unknown one is not named.
CAUSES = {
    "malicious_order": "异常订单聚集",
    "price_slip": "价格设置失误",
    "stock_error": "库存失误",
    "supplier_late": "供应商发货延误",
    "carrier": "物流异常",
    "force_majeure": "不可抗力",
    "wrong_waybill": "运单号错误",
    "merchant_late": "本店发货延误",
    "system_fault": "系统异常",
    "buyer_asked": "买家要求",
    "real_brushing": "存在不真实交易",
    "platform_error": "平台显示与记录不一致",
}
# A weak key is called weak, with what it does not prove (texts.md 3, malicious_order, "never").
KEYS = {
    "token": "平台收件人标识相同（强）",
    "account": "买家账号相同（强）",
    "phone": "收件手机号相同（强）",
    "address": "收货地址相同（中）",
    "masked": "脱敏收件人、手机号首尾、街道均一致（弱，不单独证明为同一人）",
    "area": "收货街道或区县相同（弱，只说明区域集中，不指向个人）",
}


def moment(at: dt.datetime) -> str:
    """11月07日21:03, Beijing time."""
    local = timezone.localtime(at)
    return f"{local:%m}月{local:%d}日{local:%H:%M}"


def stamp(at: dt.datetime) -> str:
    """2026-11-07 21:03, Beijing time: where a year must stand."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def short_stamp(at: dt.datetime | None, *, with_year: bool = False) -> str:
    """11-07 21:03 for cells of a table; 无记录 where nothing is on record."""
    if at is None:
        return NO_RECORD
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d %H:%M}" if with_year else f"{local:%m-%d %H:%M}"


def day(on: dt.date) -> str:
    return f"{on:%m}月{on:%d}日"


def full_day(on: dt.date) -> str:
    return f"{on:%Y}年{on:%m}月{on:%d}日"


def window(moments: Iterable[dt.datetime]) -> str:
    """11月10日20:00至23:50; one moment stands alone, another day is named, years where they differ. Not for none."""
    found = [timezone.localtime(at).replace(second=0, microsecond=0) for at in moments]
    first, last = min(found), max(found)
    if first == last:
        return moment(first)
    if first.year != last.year:
        return f"{stamp(first)}至{stamp(last)}"
    if first.date() == last.date():
        return f"{moment(first)}至{last:%H:%M}"
    return f"{moment(first)}至{moment(last)}"


def money(amount: Decimal) -> str:
    """3,000.00元"""
    return f"{amount:,.2f}元"


def spread(low: int, high: int) -> str:
    """3笔, or 0至2笔."""
    return f"{low}笔" if low == high else f"{low}至{high}笔"
