"""The pages of imports: who sees them, what can be done on them, and that nobody is ever stuck."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appeals.demo.exports import pinduoduo_82
from casemgr.kit import jobs
from casemgr.kit.models import AuditEvent
from orders.models import ImportRefusal, ImportRun, MappingProfile, Order
from tests.orders.imported import imported, received
from tests.orders.made_up_files import DELIVERY_MAPPING, deliveries, order, table

pytestmark = pytest.mark.django_db


def sent(browser, shop, content: bytes, name: str = "made-up.csv", **fields):
    """The answer to a file being sent in by page."""
    return browser.post(
        reverse("import-new"), {"file": SimpleUploadedFile(name, content), "store": shop.code, **fields}
    )


def test_file_goes_from_the_drop_to_the_result_without_script(as_, handler, shop):
    browser = as_(handler)
    answer = sent(browser, shop, pinduoduo_82([order(1), order(2), order(2, quantity=2)]), name="订单导出.csv")
    run = ImportRun.objects.get()
    assert (answer.status_code, answer.url, run.filename) == (302, f"/imports/{run.code}/", "订单导出.csv")
    assert 'role="status"' in browser.get(answer.url).content.decode()
    jobs.run_due()
    page = browser.get(answer.url).content.decode()
    assert order(1)["order_no"] in page
    assert f'action="/imports/{run.code}/publish/"' in page
    browser.post(reverse("import-publish", args=[run.code]))
    jobs.run_due()
    page = browser.get(answer.url).content.decode()
    assert (Order.objects.count(), order(2)["order_no"] in page) == (2, True)


def test_unknown_columns_lead_to_the_mapping_page_and_on(as_, handler, shop):
    browser = as_(handler)
    sent(browser, shop, deliveries(60), kind="orders")
    run = ImportRun.objects.get()
    assert browser.get(reverse("import", args=[run.code])).url == f"/imports/{run.code}/columns/"
    page = browser.get(reverse("import-mapping", args=[run.code])).content.decode()
    assert "销售金额" in page
    chosen = {f"map_{field}": column for field, column in DELIVERY_MAPPING.items()}
    answer = browser.post(reverse("import-mapping", args=[run.code]), {"kind": "orders", "remember": "on", **chosen})
    assert answer.url == f"/imports/{run.code}/"
    jobs.run_due()
    run.refresh_from_db()
    assert (run.status, run.mapping, MappingProfile.objects.count()) == ("staged", DELIVERY_MAPPING, 1)


def test_mapping_without_the_order_number_is_told_at_its_field_and_keeps_the_rest(as_, handler, shop):
    browser = as_(handler)
    sent(browser, shop, table(("甲", "乙"), [("1", "2")]), kind="orders")
    run = ImportRun.objects.get()
    answer = browser.post(reverse("import-mapping", args=[run.code]), {"kind": "orders", "map_status": "乙"})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["map_order_no"]
    assert answer.context["form"]["map_status"].value() == "乙"


def test_checked_file_can_be_mapped_anew(as_, handler, shop):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    fields = {"kind": "orders", "map_order_no": "订单号", "map_amount_paid": "商品总价(元)"}
    as_(handler).post(reverse("import-mapping", args=[run.code]), fields)
    jobs.run_due()
    run.refresh_from_db()
    assert (run.status, run.source, run.mapping["amount_paid"]) == ("staged", "mapped", "商品总价(元)")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"one line"])
def test_file_that_cannot_be_read_is_told_at_the_file_field(as_, handler, shop, content):
    answer = sent(as_(handler), shop, content)
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["file"])
    assert ImportRun.objects.count() == 0


def test_shop_of_others_cannot_be_chosen(as_, other_handler, shop):
    answer = sent(as_(other_handler), shop, pinduoduo_82([order(1)]))
    assert list(answer.context["form"].errors) == ["store"]
    assert ImportRun.objects.count() == 0


PAGES = ["import", "import-mapping", "import-refused"]
STEPS = ["import-mapping", "import-publish", "import-cancel"]


@pytest.mark.parametrize("who", ["other_handler", "owner", "merchant_staff", "stranger"])
def test_import_of_a_shop_that_is_not_theirs_does_not_exist(as_, request, shop, handler, who):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    browser = as_(request.getfixturevalue(who))
    answers = [browser.get(reverse(name, args=[run.code])).status_code for name in PAGES]
    answers += [browser.post(reverse(name, args=[run.code])).status_code for name in STEPS]
    missing = [browser.get(reverse(name, args=["I-000000"])).status_code for name in PAGES]
    assert set(answers + missing) == {404}
    run.refresh_from_db()
    assert run.status == "staged"


def test_list_shows_only_the_imports_of_ones_own_shops(as_, other_handler, handler, lead, shop):
    received(shop, pinduoduo_82([order(1)]), by=handler)
    shown = {who: len(as_(who).get(reverse("imports")).context["rows"]) for who in (other_handler, handler, lead)}
    assert shown == {other_handler: 0, handler: 1, lead: 1}


@pytest.mark.parametrize("name", ["imports", "import-new"])
def test_merchants_have_no_import_pages_and_strangers_must_sign_in(as_, client, owner, name):
    assert as_(owner).get(reverse(name)).status_code == 404
    assert client.get(reverse(name)).status_code == 302


def test_list_asks_the_same_number_of_questions_for_one_and_for_many(as_, handler, shop):
    browser = as_(handler)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(reverse("imports"))
        return len(captured)

    received(shop, pinduoduo_82([order(1)]), by=handler)
    browser.get(reverse("imports"))
    one = asked()
    for number in range(2, 12):
        received(shop, pinduoduo_82([order(number)]), by=handler)
    assert asked() == one


def test_nothing_changes_by_looking(as_, handler, shop):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    browser = as_(handler)
    assert [
        browser.get(reverse(name, args=[run.code])).status_code for name in ("import-publish", "import-cancel")
    ] == [405, 405]
    run.refresh_from_db()
    assert run.status == "staged"


def test_importing_twice_tells_the_second_what_happened(as_, handler, shop):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    browser, here = as_(handler), reverse("import", args=[run.code])
    first = browser.post(reverse("import-publish", args=[run.code]))
    second = browser.post(reverse("import-publish", args=[run.code]), HTTP_REFERER=f"http://testserver{here}")
    assert (first.status_code, second.status_code) == (302, 302)
    assert len(list(browser.get(here).context["messages"])) == 1
    jobs.run_due()
    assert Order.objects.count() == 1


def test_refused_rows_can_be_taken_away_safe_from_formulas(as_, handler, shop):
    row = pinduoduo_82([order(1)]).decode("utf-8-sig").splitlines()
    cells = row[1].split(",")
    cells[row[0].split(",").index("用户实付金额(元)")] = "=1+1"
    run = imported(
        shop,
        "\n".join([row[0], ",".join(cells), pinduoduo_82([order(2)]).decode("utf-8-sig").splitlines()[1]]).encode(),
    )
    answer = as_(handler).get(reverse("import-refused", args=[run.code]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, refused = (line.split(",") for line in text.splitlines())
    assert (header[:-1], refused[header.index("用户实付金额(元)")]) == (row[0].split(","), "'=1+1")
    assert "用户实付金额(元): " in text
    assert AuditEvent.objects.filter(action="import.refused_taken", object_code=run.code).count() == 1


def test_refused_values_of_a_page_carry_no_markup(as_, handler, shop):
    row = pinduoduo_82([order(1)]).decode("utf-8-sig").splitlines()
    cells = row[1].split(",")
    cells[row[0].split(",").index("支付时间")] = "<u>2026</u>"
    run = received(shop, "\n".join([row[0], ",".join(cells)]).encode(), by=handler, name="<u>名.csv")
    page = as_(handler).get(reverse("import", args=[run.code])).content.decode()
    assert ImportRefusal.objects.get().value == "<*>2026</*>"
    assert ("<u>" in page, "&lt;u&gt;名.csv" in page) == (False, True)


def test_people_are_masked_beside_the_columns_to_be_mapped(as_, handler, shop):
    headers = ("甲", "收货人", "联系手机", "收货地址", "备用")
    rows = [("A1", "欧阳翠花", "13912345678", "浙江省杭州市西湖区灵隐路77号1203室", "王小明")]
    sent(as_(handler), shop, table(headers, rows), kind="orders")
    page = as_(handler).get(reverse("import-mapping", args=[ImportRun.objects.get().code])).content.decode()
    assert [text for text in ("欧阳翠花", "13912345678", "77号", "王小明") if text in page] == []
    assert "王**" in page


def test_progress_is_asked_for_again_until_the_work_is_done(as_, handler, shop):
    browser = as_(handler)
    sent(browser, shop, pinduoduo_82([order(1)]))
    here = reverse("import", args=[ImportRun.objects.get().code])
    part = browser.get(here, HTTP_HX_REQUEST="true").content.decode()
    assert part.lstrip().startswith('<div id="progress"')
    jobs.run_due()
    assert browser.get(here, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"


def test_failed_and_cancelled_imports_say_what_to_do_next(as_, handler, shop):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    browser = as_(handler)
    assert browser.post(reverse("import-cancel", args=[run.code])).url == reverse("imports")
    broken = received(shop, pinduoduo_82(order(n) for n in range(1, 60)) + b'261107-1,"never closed\n', by=handler)
    for one in (run, broken):
        page = browser.get(reverse("import", args=[one.code])).content.decode()
        assert f"{reverse('import-new')}?shop={shop.code}" in page
