"""The cases of the demo: how each notice arrived and how far its case has gone. One in every state, one of every outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from appeals.actions import evidence, moves, talk
from appeals.demo import clock, files, notices
from appeals.demo.clock import MINUTE
from appeals.demo.trade import Sale, tagged
from appeals.demo.walk import Course, Crew, walk
from appeals.models import Case
from stores.models import EvidenceRequirement, Store, User

if TYPE_CHECKING:
    from appeals.demo.chapters import Chapters

IN_TIME = Course("platform_error", "shipped_in_time")


def paste(at: dt.datetime, store: Store, by: User, text: str) -> Case:
    """A notice arrives and is pasted a quarter of an hour later."""
    with clock.at(at + 15 * MINUTE):
        return notices.paste(by=by, store=store, text=text)


def late(
    story: Chapters,
    write: Callable[..., str],
    sales: Sequence[Sale],
    *,
    at: dt.datetime,
    store: Store,
    by: User,
    number: int,
    course: Course,
    to: str,
    merchant: User,
) -> Case:
    """A notice of late shipment over these orders, and its case walked to `to`. Due three days later at 18:00."""
    due = clock.local(at + dt.timedelta(days=3)).replace(hour=18, minute=0, second=0)
    code = f"9020{clock.local(at):%y%m%d}{number:04d}"
    text = write(number=code, shop=store.name, order_nos=[sale.no for sale in sales], noticed_at=at, due_at=due)
    case = paste(at, store, by, text)
    walk(case, to, crew=Crew(by, story.cast.lead, merchant), course=course, start=at + 30 * MINUTE)
    return case


def won(story: Chapters) -> None:
    course = Course(IN_TIME.root_cause, IN_TIME.line, "won", "平台核对轨迹后撤销全部处罚，无需整改。", "accepted")
    late(
        story, notices.pinduoduo_late, tagged(story.books.pdd, "won"), at=story.day(7, "10:02"), store=story.cast.pdd,
        by=story.cast.lin, number=11, course=course, to="closed", merchant=story.cast.owner,
    )  # fmt: skip


def partly_won(story: Chapters) -> None:
    course = Course(
        "platform_error", "shipped_in_time", "partly_won", "6笔中4笔撤销处罚，退回违约金12元；1笔确为晚发，已整改。",
        "partly_accepted", cleared=4,
        plan=(
            ("每日18:30核对待发清单，剩余6小时的先发", "仓库主管", "晚发订单数/周", "late_orders"),
            ("周日增排一名打包员", "店长", "周日发货及时率", ""),
        ),
    )  # fmt: skip
    late(
        story, notices.pinduoduo_late, tagged(story.books.pdd, "partly"), at=story.day(6, "09:31"), store=story.cast.pdd,
        by=story.cast.lin, number=12, course=course, to="closed", merchant=story.cast.owner,
    )  # fmt: skip


def accepted(story: Chapters) -> None:
    course = Course(
        "merchant_late", "leniency", "accepted", "两笔属实，商家同意不申诉，已完成整改。", cost="两笔共赔付10元，扣1分"
    )
    late(
        story, notices.douyin_late, tagged(story.books.douyin, "accepted"), at=story.day(6, "15:12"),
        store=story.cast.douyin, by=story.cast.he, number=21, course=course, to="closed", merchant=story.cast.owner,
    )  # fmt: skip


def rectifying(story: Chapters) -> None:
    course = Course("merchant_late", "leniency", "accepted", cost="五笔共赔付25元，扣1分，不再影响活动报名")
    late(
        story, notices.douyin_late, tagged(story.books.douyin, "rectifying"), at=story.day(2, "10:40"),
        store=story.cast.douyin, by=story.cast.lin, number=22, course=course, to="rectifying", merchant=story.cast.owner,
    )  # fmt: skip


def lost(story: Chapters) -> None:
    course = Course(
        "merchant_late", "leniency", "lost", "平台维持处罚；两项整改均已完成。", "rejected", cost="三笔共赔付15元",
        facts={"cause_plain": ("仓库周末未排班，三笔晚发2至7小时", "商家书面说明")},
        documents=("order_timeline", "rectify_plan"), from_merchant=("chat_log",),
        plan=(
            ("周末固定两人打包，按最晚发货时间先发", "仓库主管", "按时发货率", "shipped_in_time"),
            ("周五盘点周末产能，做不到的商品改预售", "店长", "晚发订单数/周", "late_orders"),
        ),
    )  # fmt: skip
    late(
        story, notices.taobao_late, tagged(story.books.tea_taobao, "lost"), at=story.day(6, "11:05"),
        store=story.cast.tea_taobao, by=story.cast.he, number=31, course=course, to="closed",
        merchant=story.cast.tea_owner,
    )  # fmt: skip


def expired(story: Chapters) -> None:
    course = Course("", "", "expired", "承运商未及时提供说明，错过申诉时间；周砚已在后台核对，确认不可再提交。")
    late(
        story, notices.taobao_late, tagged(story.books.tea_taobao, "expired"), at=story.day(6, "13:20"),
        store=story.cast.tea_taobao, by=story.cast.he, number=32, course=course, to="closed",
        merchant=story.cast.tea_owner,
    )  # fmt: skip


def withdrawn(story: Chapters) -> None:
    course = Course("", "", "withdrawn", "商家已与两位买家协商一致，自行撤回申诉。")
    late(
        story, notices.taobao_late, tagged(story.books.tea_taobao, "withdrawn"), at=story.day(5, "09:15"),
        store=story.cast.tea_taobao, by=story.cast.he, number=33, course=course, to="closed",
        merchant=story.cast.tea_owner,
    )  # fmt: skip


def reviewing(story: Chapters) -> None:
    late(
        story, notices.taobao_late, tagged(story.books.tea_taobao, "reviewing"), at=story.day(1, "15:05"),
        store=story.cast.tea_taobao, by=story.cast.he, number=34, course=IN_TIME, to="reviewing",
        merchant=story.cast.tea_owner,
    )  # fmt: skip


def filed(story: Chapters) -> None:
    late(
        story, notices.pinduoduo_late, tagged(story.books.pdd, "filed"), at=story.day(2, "09:10"), store=story.cast.pdd,
        by=story.cast.lin, number=13, course=IN_TIME, to="filed", merchant=story.cast.owner,
    )  # fmt: skip


def intake(story: Chapters) -> None:
    """Came in within the hour; nobody has looked at it yet."""
    at = (story.now - 70 * MINUTE).replace(microsecond=0)
    late(
        story, notices.douyin_late, tagged(story.books.douyin, "intake"), at=at, store=story.cast.douyin,
        by=story.cast.he, number=23, course=Course("", ""), to="intake", merchant=story.cast.owner,
    )  # fmt: skip


def diagnosing(story: Chapters) -> None:
    """虚假发货 over the seven parcels nobody scanned: a carrier's fault, still being looked into."""
    cast, at = story.cast, story.day(1, "20:43")
    parcels = [(sale.no, sale.waybill) for sale in tagged(story.books.pdd, "unscanned")]
    due = clock.day(story.now, -2, "18:00")
    number = f"9020{clock.local(at):%y%m%d}0014"
    text = notices.fake_shipment(number=number, shop=cast.pdd.name, parcels=parcels, noticed_at=at, due_at=due)
    case = paste(at, cast.pdd, cast.lin, text)
    with clock.at(at + 40 * MINUTE):
        moves.take_in(by=cast.lin, case=case)
        moves.diagnose(by=cast.lin, case=case, root_cause="carrier", line_of_defence="carrier_fault")
        note = "网点说11月爆仓，7件压在余杭分拨，明早补扫；请对方出盖章说明。"
        talk.say(by=cast.lin, case=case, text=note, is_internal=True)


def preparing(story: Chapters) -> None:
    """虚假交易 over 31 of the 40 orders: the case of the story, with its requests open at the merchant."""
    cast, at = story.cast, story.day(1, "10:26")
    sales = tagged(story.books.pdd, "burst")[:31]
    due_on = clock.local(clock.day(story.now, -2, "12:00")).date()
    text = notices.false_transaction(
        number=f"9020{clock.local(at):%y%m%d}0031", shop=cast.pdd.name, order_nos=[sale.no for sale in sales],
        noticed_at=at, due_on=due_on, starts_at=clock.day(story.now, -3, "10:00"),
    )  # fmt: skip
    case = paste(at, cast.pdd, cast.lin, text)
    with clock.at(at + 40 * MINUTE):
        moves.take_in(by=cast.lin, case=case)
        moves.diagnose(by=cast.lin, case=case, root_cause="malicious_order", line_of_defence="malicious_order")
        moves.start_preparing(by=cast.lin, case=case)
    with clock.at(at + 50 * MINUTE):
        for document in ("malicious_analysis", "order_timeline"):
            evidence.generate(by=cast.lin, case=case, document=document)
    with clock.at(at + 62 * MINUTE):
        _send(case, "platform_report", cast.lin, ("恶意订单举报", "状态：已受理"))
        _ask(case, "notice", cast.lin, "请上传违规详情页整屏截图，要看得到违规编号、通知时间、申诉截止时间和订单列表。")
        _ask(
            case,
            "chat_log",
            cast.lin,
            "请上传与这31笔买家在平台内的聊天整屏截图，含订单卡片和完整日期时间；没有联系过请直接选“没有”。",
        )
        _ask(
            case,
            "stock_count",
            cast.lin,
            "请上传下单前后该规格的库存记录或盘点表，要有时间和仓库；没有留存请选“没有”。",
        )
        talk.say(by=cast.lin, case=case, text="三样材料明晚前给我们就来得及，手机拍清楚即可。")
    with clock.at(at + 95 * MINUTE):
        _send(case, "notice", cast.staff, ("违规详情", f"违规编号：{case.violations.get().violation_no}"))
        talk.say(by=cast.owner, case=case, text="收到，通知截图小赵已经传了，聊天记录今晚整理。")


def _send(case: Case, key: str, by: User, lines: tuple[str, ...]) -> None:
    kind = EvidenceRequirement.objects.get(key=key)
    shot = files.picture(kind.name_zh, [*lines, "本图为演示生成"], name=f"{kind.name_zh}.png")
    taken = timezone.now() - 5 * MINUTE
    evidence.add(by=by, case=case, requirement=kind, uploads=[shot], declared_true=True, captured_at=taken)


def _ask(case: Case, key: str, by: User, text: str) -> None:
    kind = EvidenceRequirement.objects.get(key=key)
    evidence.ask(by=by, case=case, requirement=kind, text=text, due_at=timezone.now() + dt.timedelta(days=2))
