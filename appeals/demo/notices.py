"""Invented notices in the shape of the platforms' consoles, and taking one in as a person does who pastes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from appeals import intake
from appeals.actions import cases
from appeals.models import Case
from casemgr.kit.clock import SHANGHAI
from orders import notices
from stores.models import Store, User, ViolationType
from stores.queries import working_days


def false_transaction(
    *,
    number: str,
    shop: str,
    order_nos: Sequence[str],
    noticed_at: dt.datetime,
    due_on: dt.date,
    starts_at: dt.datetime,
) -> str:
    """拼多多, console page with the pasted order list: 虚假交易（大量拍下未发货）; due at the end of `due_on`."""
    n = len(order_nos)
    listed = "\n".join("  ".join(order_nos[at : at + 4]) for at in range(0, n, 4))
    return f"""虚假交易（大量拍下未发货）    当前进度：待申诉
违规编号：{number}  违规通知时间：{_stamp(noticed_at)}  申诉截止时间：{due_on} 24:00  可申诉次数：2
店铺名称：{shop}  违规类型：虚假交易  违规单量：{n}单  处罚金额：3,000.00元
违规原因：店铺订单被短时间大量拍下且未按约定发货，涉及订单等{n}笔，明细见附件。
处罚措施：1、扣除保证金3,000.00元 2、涉及商品搜索降权7天 3、限制活动30天（限制类型：营销活动）
逾期未申诉或申诉不成立，上述处罚于{_stamp(starts_at)}生效。附件：违规订单下载.xlsx（{n}行）
{listed}"""


def fake_shipment(
    *, number: str, shop: str, parcels: Sequence[tuple[str, str]], noticed_at: dt.datetime, due_at: dt.datetime
) -> str:
    """拼多多: 虚假发货 over (order number, waybill number) pairs, 20 yuan an order."""
    named = "；".join(f"{order_no}（快递单号{waybill}）" for order_no, waybill in parcels)
    n, total = len(parcels), Decimal(20) * len(parcels)
    return f"""虚假发货    当前进度：待申诉
违规编号：{number}  违规通知时间：{_stamp(noticed_at)}  申诉截止时间：{_stamp(due_at)}
店铺名称：{shop}  违规单量：{n}单  处罚金额：{total:.2f}元  可申诉次数：2
违规原因：以下订单上传物流单号后24小时内无揽收记录：{named}。
处罚措施：1、扣除违约金20.00元/单，合计{total:.2f}元，已从货款中扣除，以平台优惠券发放给消费者"""


def pinduoduo_late(
    *, number: str, shop: str, order_nos: Sequence[str], noticed_at: dt.datetime, due_at: dt.datetime
) -> str:
    """拼多多: 延迟发货, 3 yuan an order."""
    n, total = len(order_nos), Decimal(3) * len(order_nos)
    return f"""延迟发货    当前进度：待申诉
违规编号：{number}  违规通知时间：{_stamp(noticed_at)}  申诉截止时间：{_stamp(due_at)}
店铺名称：{shop}  违规类型：延迟发货  违规单量：{n}单  处罚金额：{total:.2f}元  可申诉次数：2
违规原因：以下订单未在承诺发货时间内发货：{"、".join(order_nos)}。
处罚措施：1、扣除违约金3.00元/单，合计{total:.2f}元"""


def douyin_late(
    *, number: str, shop: str, order_nos: Sequence[str], noticed_at: dt.datetime, due_at: dt.datetime
) -> str:
    """抖店: 延迟发货, 5 yuan an order to the buyers and a point."""
    n, total = len(order_nos), Decimal(5) * len(order_nos)
    return f"""违规单号：{number}
违规类型：延迟发货　判罚时间：{_stamp(noticed_at)}
店铺名称：{shop}
违规详情：涉及订单共{n}笔：{"，".join(order_nos)}
处理结果：每单赔付消费者5.00元，共计{total:.2f}元；增加违规积分1分
当前状态：生效
请于{_stamp(due_at)}前提交申诉"""


def taobao_late(
    *, number: str, shop: str, order_nos: Sequence[str], noticed_at: dt.datetime, due_at: dt.datetime
) -> str:
    """淘宝: 延迟发货, 5 yuan an order to the buyers."""
    n, total = len(order_nos), Decimal(5) * len(order_nos)
    return f"""违规详情
处罚编号：{number}　违规类型：延迟发货　处罚时间：{_stamp(noticed_at)}　店铺名称：{shop}
违规内容：涉及订单号{"、".join(order_nos)}，共{n}笔未在约定时间内发货。
处罚内容：每单赔付买家5.00元，共{total:.2f}元。
处罚状态：已处罚　请于{_stamp(due_at)}前发起申诉，可申诉2次。"""


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def paste(*, by: User, store: Store, text: str, owner: User | None = None) -> Case:
    """Read the text and open its case, as the page does when a person changes nothing of what was read."""
    code = store.platform.code
    result = notices.read(text, platform=code, pasted_at=timezone.now(), holidays=working_days())
    found = [read for read in result["violations"] if intake.is_in_play(read)]
    statements = [
        intake.to_statement(
            read,
            violation_type=ViolationType.objects.get(platform=store.platform, key=read["type"]),
            stage=read["stage"],
            text=text,
            entered="pasted",
        )
        for read in found
    ]
    dues = [intake.to_due(due) for read in found for due in intake.read_dues(read)]
    return cases.open_case(by=by, store=store, statements=statements, dues=dues, owner=owner or by)
