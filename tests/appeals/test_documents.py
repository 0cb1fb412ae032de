"""Documents made from stored facts: this shop's orders alone, every time with its source, nothing estimated."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from PIL import Image

from appeals.actions import documents, evidence, plans
from appeals.evidence import DOCUMENTS, documents_for, files, glyphs, order_timeline, timeline, typesetting
from appeals.evidence import malicious_analysis as analysis
from appeals.evidence.document import Column, Sheet
from appeals.models import Case, EvidenceItem
from casemgr.kit.workflow import Refused
from stores.actions import reference
from tests import make
from tests.appeals import burst
from tests.appeals.burst import START
from tests.appeals.cast import case_in, opened
from tests.appeals.reading import text_of


@pytest.fixture(autouse=True)
def _in_english():
    """Sentences are compared in their source language; what a platform reads is Chinese all the same."""
    with translation.override("en"):
        yield


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def shipped(shop, handler, count: int = 2, **fields) -> Case:
    """A late-shipment case whose orders were all scanned in time."""
    reference.load()
    orders = []
    for number in range(count):
        at = make.at("2026-11-08 09:12") + dt.timedelta(minutes=number)
        values = {"placed_at": at, "paid_at": at, "ship_by": at + dt.timedelta(hours=48), "ship_by_source": "file"}
        order = make.order(shop, **values, fulfilment="shipped")
        make.parcel(order, shipped_at=at + dt.timedelta(hours=20), first_scan_at=at + dt.timedelta(hours=27))
        orders.append(order)
    case = opened(shop, handler, orders=orders, key="late_shipment", **{"violation_no": "90202611160088", **fields})
    Case.objects.filter(pk=case.pk).update(status="preparing", line_of_defence="shipped_in_time")
    case.refresh_from_db()
    return case


@pytest.fixture
def story(shop, handler):
    orders = burst.burst_orders(shop, 6)
    burst.usual_days(shop, 2, 0, 1)
    burst.alert_of(shop, orders)
    return burst.case_of(shop, handler, orders[:4])


# Timeline


def test_timeline_names_each_step_with_time_and_source_and_says_what_is_not_on_record(shop, handler):
    case = shipped(shop, handler, 1)
    [row] = timeline.rows(case)
    told = [
        (step.key, step.at and timezone.localtime(step.at).strftime("%m-%d %H:%M"), step.source) for step in row.steps
    ]
    assert told == [
        ("placed", "11-08 09:12", "file"),
        ("paid", "11-08 09:12", "file"),
        ("uploaded", "11-09 05:12", "file"),
        ("first_scan", "11-09 12:12", "scan"),
        ("ship_by", "11-10 09:12", "file"),
        ("delivered", None, ""),
    ]


def test_timeline_tells_checks_and_reports_of_the_order(story, handler):
    order = story.verdicts.first().violation_order.order
    burst.check(order, handler, result="answered", status="malicious", q1="denied")
    burst.report(story.store, [order], handler)
    row = timeline.rows(story)[0]
    told = {step.key: step.detail for step in row.steps if step.source in ("order_review", "report")}
    assert told == {
        "contact": "平台聊天，已答",
        "review": "核实为异常订单",
        "report": "恶意订单举报，编号JB20261108000012",
    }


def test_report_that_was_never_filed_is_not_in_the_timeline(story, handler):
    order = story.verdicts.first().violation_order.order
    burst.report(story.store, [order], handler, status="to_file", filed_at=None, number="")
    assert timeline.rows(story)[0].all("report") == []


def test_queries_of_the_timeline_do_not_grow_with_its_orders(shop, handler):
    counts = []
    for count in (2, 300):
        case = shipped(shop, handler, count, violation_no=f"902026{count}")
        with CaptureQueriesContext(connection) as queries:
            rows = timeline.rows(case)
        assert len(rows) == count
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_order_of_another_shop_is_never_shown(shop, douyin_shop, handler):
    """However it came to be named: the platform reads of its own shop alone (rule 7)."""
    case = shipped(shop, handler, 1)
    foreign = make.order(douyin_shop, order_no="6938CANARY", placed_at=START)
    row = case.matters.get().violation.named_orders.create(order_no="6938CANARY", order=foreign)
    case.verdicts.create(violation_order=row, computed="shipped_in_time", kind="shipped_in_time", computed_at=START)
    shown = next(line for line in timeline.rows(case) if line.order_no == "6938CANARY")
    assert (shown.order, [step.at for step in shown.steps]) == (None, [None, None, None])


def test_orders_that_are_our_fault_are_not_in_the_document(shop, handler):
    case = shipped(shop, handler, 3)
    ours = case.verdicts.first()
    case.verdicts.filter(pk=ours.pk).update(kind="ours")
    numbers = [row[1] for row in order_timeline.sheet(case).rows]
    assert numbers == list(case.verdicts.exclude(kind="ours").values_list("violation_order__order_no", flat=True))


def test_timeline_sheet_marks_sources_and_leaves_empty_columns_out(shop, handler):
    case = shipped(shop, handler, 1)
    made = order_timeline.sheet(case)
    assert [column.name for column in made.columns] == [
        "序", "订单号", "运单号", "下单", "付款", "最晚发货时限", "上传运单号", "首条揽收扫描", "签收",
    ]  # fmt: skip
    assert made.rows[0][3:] == [
        "11-08 09:12①",
        "11-08 09:12①",
        "11-10 09:12①",
        "11-09 05:12①",
        "11-09 12:12②",
        "无记录",
    ]
    assert made.notes[0] == "时间来源：①平台订单文件　②承运商轨迹"


def test_timeline_without_a_claimed_order_is_refused(shop, handler):
    case = shipped(shop, handler, 1)
    case.verdicts.update(kind="ours")
    with pytest.raises(Refused, match="claimed"):
        evidence.generate(by=handler, case=case, document="order_timeline")
    assert EvidenceItem.objects.count() == 0


# Burst


def test_analysis_shows_the_burst_its_key_with_strength_and_the_usual_days(story):
    made = analysis.sheet(story)
    assert dict(made.facts) == {
        "店铺": "绿叶拼多多店",
        "平台": "拼多多",
        "违规类型": "虚假交易",
        "违规编号": "90202611180031",
        "订单数": "6笔",
        "其中通知所列": "4笔",
        "下单时间": "11月07日21:03至21:12，前后9分钟",
        "共同点": "脱敏收件人、手机号首尾、街道均一致（弱，不单独证明为同一人）",
        "平日同规格同时段": "0至2笔（此前3日）",
    }
    assert made.rows[0][2:8] == [
        "11-07 21:03:00",
        "针织开衫（示例款） 奶白 均码",
        "1",
        "张** 138****1234 示例区示例街道",
        "待发货",
        "无记录",
    ]
    assert [row[-1] for row in made.rows] == ["是"] * 4 + ["否"] * 2
    assert sum(count for _minute, count in made.bars) == 6


def test_analysis_holds_only_this_shops_orders_whatever_the_detector_saw(story, douyin_shop):
    """A detector may look over all shops of one merchant: nothing of the sister shop may reach the platform (rule 7)."""
    alert = story.alerts.get()
    early = START - dt.timedelta(hours=2)
    sister = burst.burst_orders(douyin_shop, 3, start=early, recipient_masked="CANARY", street="CANARY")
    alert.orders.add(*sister)
    alert.subject, alert.facts = "CANARY", {"shops": 2, "orders": 9}
    alert.save()
    made = analysis.sheet(story)
    everything = repr((made.facts, made.rows, made.notes, made.bars))
    assert (len(made.rows), "CANARY" in everything, sister[0].order_no in everything) == (6, False, False)
    assert dict(made.facts)["下单时间"] == "11月07日21:03至21:12，前后9分钟"


def test_finding_that_nobody_confirmed_is_no_evidence(story):
    story.alerts.update(status="reviewing")
    with pytest.raises(Refused, match="Confirm the alert"):
        analysis.sheet(story)


def test_weak_keys_are_called_weak(story):
    for kind, word in (("masked", "弱"), ("area", "弱"), ("address", "中"), ("phone", "强"), ("token", "强")):
        story.alerts.update(key_kind=kind)
        assert f"（{word}" in dict(analysis.sheet(story).facts)["共同点"]


# Making


def test_document_is_made_once_for_the_same_facts_and_again_for_others(story, handler):
    first = evidence.generate(by=handler, case=story, document="malicious_analysis")
    assert evidence.generate(by=handler, case=story, document="malicious_analysis") == first
    burst.check(story.verdicts.first().violation_order.order, handler)
    second = evidence.generate(by=handler, case=story, document="malicious_analysis")
    assert (second.version, second.replaces, first.facts_hash == second.facts_hash) == (2, first, False)
    assert EvidenceItem.objects.count() == 2


def made_at_once(case: Case, people: list, monkeypatch) -> int:
    """Everybody asks for the same document at the same moment; how many there are afterwards."""
    together, typeset = threading.Barrier(len(people)), documents.typeset

    def typeset_together(*args, **fields):
        together.wait()  # nobody goes on before all have found that there is none yet
        return typeset(*args, **fields)

    def one(person) -> None:
        try:
            evidence.generate(by=person, case=Case.objects.get(pk=case.pk), document="malicious_analysis")
        finally:
            connection.close()

    monkeypatch.setattr(documents, "typeset", typeset_together)
    threads = [threading.Thread(target=one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return case.evidence.filter(replaced_by=None, version=1).count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guard", "count"), [("on", 1), ("off", 3)])
def test_document_that_three_people_ask_for_at_once_is_made_once(guard, count, monkeypatch):
    shop, lead = make.store("店", on="pinduoduo"), make.user("周砚", role="lead")
    orders = burst.burst_orders(shop, 3)
    burst.alert_of(shop, orders)
    case = burst.case_of(shop, lead, orders)
    if guard == "off":
        monkeypatch.setattr(documents, "_current_document", lambda case, document: None)
    people = [make.user(f"专员{n}", role="lead") for n in range(3)]
    assert made_at_once(case, people, monkeypatch) == count


def test_document_counts_for_its_kind_of_evidence_and_names_no_uploader_as_witness(story, handler):
    made = evidence.generate(by=handler, case=story, document="malicious_analysis")
    assert (made.requirement.key, made.source, made.content_type, made.declared_true_at) == (
        "malicious_analysis",
        "generated",
        "application/pdf",
        None,
    )
    assert made.sha256 == files.sha256_on_disk(made.file)


def test_document_is_offered_only_where_the_line_of_defence_uses_it(shop, handler):
    reference.load()
    offered = {}
    for line in ("malicious_order", "shipped_in_time", "leniency", ""):
        offered[line] = [document.key for document in documents_for(Case(store=shop, line_of_defence=line))]
    assert offered == {
        "malicious_order": [
            "order_timeline",
            "tracking_table",
            "malicious_analysis",
            "contact_records",
            "platform_reports",
            "shop_performance",
            "rectify_plan",
        ],
        "shipped_in_time": ["order_timeline", "tracking_table", "contact_records"],
        "leniency": ["order_timeline", "tracking_table", "contact_records", "shop_performance", "rectify_plan"],
        "": [],
    }


@pytest.mark.parametrize("document", ["poem", ""])
def test_unknown_document_is_refused(story, handler, document):
    with pytest.raises(Refused, match="no such document"):
        evidence.generate(by=handler, case=story, document=document)


def test_merchant_makes_no_documents(story, owner):
    with pytest.raises(Refused, match="agency"):
        evidence.generate(by=owner, case=story, document="malicious_analysis")


def test_text_of_the_pdf_is_the_text_that_was_given(story, handler):
    made = evidence.generate(by=handler, case=story, document="malicious_analysis")
    read = text_of(files.read(made.file))
    sheet = analysis.sheet(story)
    for text in [
        sheet.title,
        *(value for pair in sheet.facts for value in pair),
        *(cell for row in sheet.rows for cell in row),
    ]:
        assert bare(text) in read
    assert "�" not in read


def test_plan_shows_what_who_when_and_the_number_that_tells(shop, handler):
    reference.load()
    case = case_in("preparing", shop, owner=handler, line_of_defence="leniency", root_cause="stock_error")
    due = dt.date(2026, 12, 1)
    plans.add(by=handler, case=case, title="全仓盘点一次", owner_name="仓库主管", due_on=due, metric="盘点差异率")
    dropped = plans.add(by=handler, case=case, title="CANARY", owner_name="店长", due_on=due)
    plans.move(by=handler, action=dropped, to="waived", note="不适用")
    made = evidence.generate(by=handler, case=case, document="rectify_plan")
    read = text_of(files.read(made.file))
    assert "1全仓盘点一次仓库主管2026-12-01盘点差异率未开始" in read
    assert ("原因库存失误" in read, "CANARY" in read) == (True, False)


def test_pictures_are_legible_and_light_enough_for_a_console(shop, handler):
    case = shipped(shop, handler, 300)
    made = evidence.generate(by=handler, case=case, document="order_timeline")
    pages = files.pages_of(made.shown_file)
    sizes = [len(files.read(page)) for page in pages]
    pictures = [Image.open(io.BytesIO(files.read(page))).convert("L") for page in pages]
    assert (len(pages), max(sizes) < 2_000_000) == (3, True)
    assert {picture.width for picture in pictures} == {1684}
    for picture in pictures:
        ink = sum(picture.histogram()[:128]) / (picture.width * picture.height)
        assert 0.005 < ink < 0.5  # neither blank nor a black sheet


# Typesetting


def sheet(**fields) -> dict:
    made = Sheet("标题", [("店铺", "店")], [Column("列", 1)], [["格"]], is_wide=False)
    for name, value in fields.items():
        setattr(made, name, value)
    return made.as_data(made_on="2026-11-20")


HOSTILE = [
    '#eval("1+1")',
    '"); #panic("x") //',
    "*b* _i_ `c`",
    '#read("/etc/passwd")',
    "$x^2$ @ref <label>",
    "\\ // /* */ #let",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_typed_text_is_data_and_never_source(text):
    made = typesetting.typeset("sheet.typ", sheet(rows=[[text]], title=text), timestamp=0)
    assert text_of(made.pdf).count(bare(text)) >= 2


def test_no_template_reads_data_as_source():
    sources = "".join(path.read_text("utf-8") for path in typesetting.TEMPLATES.glob("*.typ"))
    assert re.findall(r"#?\beval\(|#?\bread\(|@preview|mode:|\bplugin\(", sources) == []


def test_same_facts_give_the_same_bytes():
    first, second = (
        typesetting.typeset("sheet.typ", sheet(), timestamp=1_700_000_000, with_pictures=True) for _n in "ab"
    )
    assert first == second


def test_rare_characters_are_shown_and_missing_ones_are_marked():
    assert glyphs.missing("镕喆〇㐂䶮㛃𠮷 A1。✔🔥") == ["✔", "🔥"]
    made = typesetting.typeset("sheet.typ", sheet(rows=[["奶白✔镕喆〇㐂䶮㛃𠮷️"]]), timestamp=0)
    read = text_of(made.pdf)
    assert ("奶白〓镕喆〇㐂䶮㛃𠮷" in read, "“〓”代替无法显示的字符" in read) == (True, True)


def test_font_that_is_not_there_is_an_error_and_no_empty_page(monkeypatch):
    monkeypatch.setattr(glyphs, "FONT_FAMILY", "No Such Font")
    with pytest.raises(typesetting.NotTypeset) as failure:
        typesetting.typeset("sheet.typ", sheet(), timestamp=0)
    assert "unknown font family" in failure.value.detail


def test_typesetting_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(typesetting, "SECONDS", 0.01)
    with pytest.raises(typesetting.NotTypeset):
        typesetting.typeset("sheet.typ", sheet(), timestamp=0)


def test_failed_typesetting_stores_nothing(story, handler, monkeypatch):
    monkeypatch.setattr(typesetting, "SECONDS", 0.01)
    with pytest.raises(typesetting.NotTypeset):
        evidence.generate(by=handler, case=story, document="malicious_analysis")
    assert EvidenceItem.objects.count() == 0


def test_registry_knows_every_document_by_its_own_name():
    assert {key: document.key for key, document in DOCUMENTS.items()} == {key: key for key in DOCUMENTS}


def test_page_of_a_document_is_served_as_a_picture(story, handler, stranger, as_):
    made = evidence.generate(by=handler, case=story, document="malicious_analysis")
    url = f"/files/evidence/{made.code}/1/"
    answer = as_(handler).get(url)
    assert (answer["Content-Type"], b"".join(answer.streaming_content)[:4]) == ("image/png", b"\x89PNG")
    assert (as_(handler).get(f"/files/evidence/{made.code}/2/").status_code, as_(stranger).get(url).status_code) == (
        404,
        404,
    )
