"""The frozen pack: the console's order and limits, the same bytes for ever, and nothing that came after the approval."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from PIL import Image

from appeals.actions import evidence, filings
from appeals.evidence import files, letter_pdf, pack
from appeals.models import Case, EvidenceItem, Filing, FrozenFiling, PackFile
from casemgr.kit.workflow import Refused
from stores.actions import reference
from tests.appeals import burst
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of
from tests.appeals.reading import text_of
from tests.appeals.test_evidence import given, pdf, photo, video

LETTER = (
    "致拼多多商家申诉审核：\n\n一、事实\n订单聚集。\n\n三、证据\n"
    "证据1 处罚通知截图（来源：商家后台；取得时间：2026-11-18 10:40）\n\n甲公司　2026年11月20日"
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def case(shop, lead):
    reference.load()
    shop.platform.refresh_from_db()
    made = case_in("reviewing", shop, owner=lead, line_of_defence="malicious_order")
    matter_of(made, attempts_allowed=2)
    return made


def approved(case: Case, lead, **fields) -> Filing:
    filing = filing_in("approved", case, lead, **{"box_text": "正文", "letter_text": LETTER, **fields})
    filing.appeals.add(appeal_in("draft", case.matters.get()))
    return filing


def limit(case: Case, **limits) -> None:
    for name, value in limits.items():
        setattr(case.store.platform, name, value)
    case.store.platform.save()


def members(built: pack.Built) -> dict[str, bytes]:
    stored = next(row.file for row in built.files if row.kind == "archive")
    with zipfile.ZipFile(io.BytesIO(files.read(stored))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_pictures_stand_in_the_order_of_the_checklist_under_numbered_names(case, lead):
    for key in ("stock_count", "chat_log", "notice"):
        burst.item(case, lead, key)
    burst.item(case, lead, "chat_log", "2")
    built = pack.build(approved(case, lead))
    assert [(row.position, row.kind, row.name) for row in built.files] == [
        (1, "image", "01_证据1_处罚通知截图.png"),
        (2, "image", "02_证据2_聊天记录.png"),
        (3, "image", "03_证据3_聊天记录.png"),
        (4, "image", "04_证据4_库存盘点与流水.png"),
        (5, "letter", "申诉信.pdf"),
        (6, "archive", f"{built.files[0].filing.code}_存档.zip"),
        (7, "manifest", "manifest.json"),
    ]


def test_kinds_that_the_line_of_defence_does_not_use_stay_out(case, lead):
    burst.item(case, lead, "notice")
    burst.item(case, lead, "carrier_cert")
    built = pack.build(approved(case, lead))
    assert [row.item.requirement.key for row in built.files if row.item] == ["notice"]


def test_archive_holds_everything_with_its_hash(case, lead):
    [shot] = burst.item(case, lead, "notice", captured_at=timezone.now(), source_note="商家后台")
    evidence.add(
        by=lead, case=case, requirement=burst.needed("id_doc"), uploads=[given("授权.pdf", pdf())], declared_true=True
    )
    built = pack.build(approved(case, lead))
    kept = members(built)
    assert list(kept) == [
        "申诉说明.txt",
        "申诉信.pdf",
        "图片/01_证据1_处罚通知截图.png",
        "附件/证据2_主体资质与授权书.pdf",
        "manifest.json",
    ]
    assert (kept["申诉说明.txt"].decode(), kept["附件/证据2_主体资质与授权书.pdf"]) == ("正文", pdf())
    listed = json.loads(kept["manifest.json"])
    hashes = {member["name"]: member["sha256"] for member in listed["members"]}
    assert hashes == {
        name: hashlib.sha256(content).hexdigest() for name, content in kept.items() if name != "manifest.json"
    }
    assert listed["evidence"][0]["original_sha256"] == shot.sha256


def test_same_content_gives_the_same_archive_at_every_build(case, lead):
    burst.item(case, lead, "notice", "1", "2")
    filing = approved(case, lead)
    first, second = pack.build(filing), pack.build(filing)
    assert first.sha256 == second.sha256
    assert {row.file for row in first.files} & {row.file for row in second.files} == set()


def test_letter_in_the_pack_reads_as_it_was_written(case, lead):
    read = text_of(letter_pdf.make(approved(case, lead)))
    for line in LETTER.split("\n"):
        assert "".join(line.split()) in read


def test_evidence_that_came_after_the_approval_is_not_filed(case, lead, owner):
    burst.item(case, lead, "notice")
    filing = approved(case, lead)
    burst.item(case, owner, "chat_log")
    built = pack.build(filing)
    assert [row.item.requirement.key for row in built.files if row.item] == ["notice"]
    filing.pack = built.summary
    assert pack.warnings(filing)[0] == "1 files came after the approval and are not in the pack."


def test_too_many_pictures_are_refused_with_what_may_go(case, lead):
    limit(case, images_max=2)
    for key in ("notice", "chat_log", "purchase_proof"):
        burst.item(case, lead, key)
    with pytest.raises(Refused) as refusal:
        pack.build(approved(case, lead))
    assert str(refusal.value.sentence) == (
        "The console takes 2 pictures, there are 3. Withdraw 1; only useful, not required: 进货补货凭证."
    )
    assert not default_storage.exists("packs")


def test_large_picture_is_made_to_fit_and_stays_legible(case, lead):
    limit(case, image_bytes_max=1_500_000, image_formats="jpg, png")
    evidence.add(
        by=lead,
        case=case,
        requirement=burst.needed("notice"),
        uploads=[given("大.jpg", photo(size=(2400, 3200)))],
        declared_true=True,
    )
    [row] = [row for row in pack.build(approved(case, lead)).files if row.kind == "image"]
    assert row.size <= 1_500_000
    assert row.width >= 1080


def test_picture_that_cannot_be_made_to_fit_is_refused_by_name(case, lead):
    limit(case, image_bytes_max=5_000)
    evidence.add(
        by=lead,
        case=case,
        requirement=burst.needed("notice"),
        uploads=[given("大.jpg", photo(size=(2400, 3200)))],
        declared_true=True,
    )
    with pytest.raises(Refused, match="does not fit"):
        pack.build(approved(case, lead))
    assert files_below("packs") == []


def files_below(folder: str) -> list[str]:
    if not default_storage.exists(folder):
        return []
    folders, here = default_storage.listdir(folder)
    return here + [name for below in folders for name in files_below(f"{folder}/{below}")]


def test_console_that_takes_only_jpg_gets_jpg(case, lead):
    limit(case, image_formats="JPG")
    burst.item(case, lead, "notice")
    [row] = [row for row in pack.build(approved(case, lead)).files if row.kind == "image"]
    assert (row.name, Image.open(io.BytesIO(files.read(row.file))).format) == ("01_证据1_处罚通知截图.jpg", "JPEG")


def test_unknown_limits_take_everything_and_say_that_they_are_unknown(case, lead):
    burst.item(case, lead, "notice", *map(str, range(12)))
    summary = pack.build(approved(case, lead)).summary
    assert (summary["images"], summary["images_max"], summary["limits_known"]) == (12, None, False)


def test_what_is_no_picture_goes_into_the_archive_with_a_warning(case, lead):
    evidence.add(
        by=lead,
        case=case,
        requirement=burst.needed("warehouse_outbound"),
        uploads=[given("装车.mp4", video())],
        declared_true=True,
    )
    filing = approved(case, lead)
    built = pack.build(filing)
    filing.pack = built.summary
    assert pack.warnings(filing)[0] == (
        "“出库与称重记录” is no picture: the console does not get it, the archive has it."
    )
    assert members(built)["附件/证据1_出库与称重记录.mp4"] == video()


def test_letter_with_other_numbers_than_the_evidence_warns(case, lead):
    burst.item(case, lead, "chat_log")
    filing = approved(case, lead)
    filing.pack = pack.build(filing).summary
    assert pack.warnings(filing) == [
        "The letter's list of evidence is older than the evidence: its numbers may be wrong."
    ]


@pytest.mark.parametrize(
    ("box_text", "words"),
    [("", "not written"), ("库存【待补：当时可发库存】件", "lacks facts"), ("字" * 101, "1 characters too long")],
)
def test_text_that_cannot_be_filed_is_refused(case, lead, box_text, words):
    limit(case, text_max=100)
    with pytest.raises(Refused, match=words):
        pack.build(approved(case, lead, box_text=box_text))


def test_real_brushing_is_never_packed_as_a_defence(case, lead):
    Case.objects.filter(pk=case.pk).update(root_cause="real_brushing")
    case.refresh_from_db()
    with pytest.raises(Refused, match="brushing"):
        pack.build(approved(case, lead))


# Rule 4


@pytest.fixture
def claimed(case, lead):
    burst.item(case, lead, "notice")
    filing = approved(case, lead)
    filings.claim(by=lead, filing=filing)
    return filing


def test_pack_keeps_its_own_copies(claimed, lead):
    item = EvidenceItem.objects.get()
    default_storage.delete(item.shown_file)
    default_storage.delete(item.file)
    assert pack.verify(claimed) == []


def test_changed_or_missing_byte_of_a_pack_is_found(claimed):
    shot, letter = claimed.pack_files.get(kind="image"), claimed.pack_files.get(kind="letter")
    with default_storage.open(shot.file, "r+b") as file:
        file.seek(20)
        file.write(b"\xff")
    default_storage.delete(letter.file)
    assert pack.verify(claimed) == [f"{shot.name} is not what was frozen.", "申诉信.pdf is gone."]


def test_rows_of_a_frozen_pack_are_neither_changed_nor_deleted(claimed):
    row = PackFile.objects.filter(filing=claimed).first()
    row.sha256 = "0" * 64
    with pytest.raises(FrozenFiling):
        row.save()
    with pytest.raises(FrozenFiling):
        row.delete()


def test_filing_protects_its_evidence_from_every_action(claimed, lead):
    filings.record(by=lead, filing=claimed, filed_at=timezone.now())
    item = EvidenceItem.objects.get()
    with pytest.raises(Refused, match="filed"):
        evidence.withdraw(by=lead, item=item, reason="换")
    with pytest.raises(FrozenFiling):
        item.delete()


def test_discarded_pack_leaves_no_file(case, lead):
    burst.item(case, lead, "notice")
    built = pack.build(approved(case, lead))
    pack.discard(built)
    assert files_below("packs") == []


# Who gets it


def test_pack_downloads_are_the_same_bytes_every_time(claimed, lead, as_):
    browser = as_(lead)
    for row in claimed.pack_files.all():
        url = f"/files/packs/{claimed.code}/{row.position}/"
        got = [b"".join(browser.get(url).streaming_content) for _time in range(2)]
        assert [hashlib.sha256(content).hexdigest() for content in got] == [row.sha256, row.sha256]


def test_merchant_sees_a_pack_only_once_it_was_filed(claimed, lead, owner, stranger, other_handler, as_):
    url = f"/files/packs/{claimed.code}/1/"
    people = (lead, owner, stranger, other_handler)
    assert [as_(person).get(url).status_code for person in people] == [200, 404, 404, 404]
    filings.record(by=lead, filing=claimed, filed_at=timezone.now())
    assert [as_(person).get(url).status_code for person in people] == [200, 200, 404, 404]


def test_pack_of_twenty_large_pictures_is_built_in_ten_seconds(shop, lead):
    """Bar P14: 300 orders, 20 pictures of about 6 MB together with the letter and the archive."""
    orders = burst.burst_orders(shop, 300)
    burst.alert_of(shop, orders)
    case = burst.case_of(shop, lead, orders)
    Case.objects.filter(pk=case.pk).update(status="reviewing")
    case.refresh_from_db()
    uploads = [burst.upload(f"{number}.png") for number in range(20)]
    items = evidence.add(by=lead, case=case, requirement=burst.needed("notice"), uploads=uploads, declared_true=True)
    large = photo(size=(2400, 3200)) + b"\0" * 6_000_000  # padded behind the picture: bytes to copy, quick to make
    for item in items:
        name = default_storage.save(f"evidence/{case.code}/large.jpg", io.BytesIO(large))
        EvidenceItem.objects.filter(pk=item.pk).update(shown_file=name, content_type="image/jpeg")
    filing = filing_in("approved", case, lead, box_text="正文", letter_text=LETTER)
    began = time.perf_counter()
    built = pack.build(filing)
    assert time.perf_counter() - began < 10
    assert built.summary["image_bytes"] == 20 * len(large)
