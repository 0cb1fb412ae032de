"""Evidence at the door and on the checklist: judged by content, cleaned, kept sealed, and never taken away once filed."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from openpyxl import Workbook
from PIL import Image, PngImagePlugin

from appeals.actions import evidence
from appeals.evidence import files, intake
from appeals.evidence.intake import accept, clean_name
from appeals.evidence.refusals import NotTaken
from appeals.models import Case, EvidenceItem, EvidenceRequest, EvidenceWaiver, FrozenFiling
from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused, Stale
from stores.actions import reference
from tests import make
from tests.appeals import burst
from tests.appeals.cast import case_in, filing_in


@pytest.fixture(autouse=True)
def _in_english():
    """Sentences are compared in their source language, whatever catalogue is compiled."""
    with translation.override("en"):
        yield


def photo(kind: str = "JPEG", size: tuple[int, int] = (1200, 900), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    grains = Image.effect_noise((400, 300), 60)
    grains.resize(size, Image.Resampling.NEAREST).convert(mode).save(out, kind, **options)
    return out.getvalue()


def noise() -> bytes:
    """A screenshot that does not pack well: 3 MB as PNG."""
    out = io.BytesIO()
    Image.effect_noise((1600, 1600), 60).convert("RGB").save(out, "PNG")
    return out.getvalue()


def pdf(body: bytes = b"", *, trailer: bytes = b"") -> bytes:
    objects = (
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R "
        + body
        + b">>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    )
    return b"%PDF-1.7\n" + objects + trailer + b"xref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def object_stream(content: bytes, *, how: bytes = b"/FlateDecode") -> bytes:
    packed = zlib.compress(content)
    return (
        b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter "
        + how
        + b" /Length %d >>\nstream\n" % len(packed)
        + packed
        + b"\nendstream\nendobj\n"
    )


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def video(*, brand: bytes = b"isom", rest: bytes = b"") -> bytes:
    return (
        box(b"ftyp", brand + b"\0\0\2\0isomiso2avc1mp41") + box(b"moov", b"\0" * 64) + box(b"mdat", b"\0" * 64) + rest
    )


def zipped(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["订单号", "违规类型", "金额"])
    book.active.append(["261107-900000000000001", "虚假交易", "3.00"])
    book.save(out)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A header that promises millions of pixels over a few bytes of data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def many_frames_of_zeros() -> bytes:
    """An object stream of 60 MB of zeros in 60 kB."""
    return pdf(trailer=object_stream(b"\0" * 60_000_000))


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

HOSTILE = {
    "program renamed to a photo": lambda: b"MZ\x90\0" + b"\0" * 300,
    "linux program as png": lambda: b"\x7fELF" + b"\0" * 300,
    "script with a shebang": lambda: b"#!/bin/sh\nrm -rf /\n",
    "php as jpg": lambda: b"<?php system($_GET[1]); ?>",
    "page as jpg": lambda: HTML,
    "page after blanks and a mark": lambda: b"\xef\xbb\xbf  \n" + HTML,
    "drawing with code": lambda: SVG,
    "drawing behind an xml head": lambda: b'<?xml version="1.0"?>' + SVG,
    "photo with a page behind it": lambda: photo() + HTML,
    "photo with php in its comment": lambda: photo(comment=b"<?php eval($_POST[1]); ?>"),
    "photo with a packed file behind it": lambda: photo() + zipped("a.exe"),
    "photo with rar behind it": lambda: photo() + b"Rar!\x1a\x07\x01\0" + b"\0" * 60,
    "photo that is a pdf as well": lambda: photo() + pdf(),
    "photo that is a script as well": lambda: b"\xff\xd8\xff\xe0/*" + photo()[6:],
    "png with a page in a text chunk": lambda: png_with_text("<script>alert(1)</script>"),
    "png with a packed file behind it": lambda: burst.png() + zipped("a.js"),
    "webp with code behind it": lambda: photo("WEBP") + b"<script src=x></script>",
    "truncated photo": lambda: photo()[:4000],
    "truncated png": lambda: burst.png()[:900],
    "photo header alone": lambda: b"\xff\xd8\xff\xe0",
    "pixel bomb": lambda: huge_png(60_000, 60_000),
    "pixel bomb just under the library's own limit": lambda: huge_png(9_000, 9_000),
    "endless picture": lambda: huge_png(1_080, 31_000),
    "moving gif": lambda: animated("GIF"),
    "moving png": lambda: animated("PNG"),
    "moving webp": lambda: animated("WEBP"),
    "bitmap": lambda: photo("BMP"),
    "tiff": lambda: photo("TIFF"),
    "heic": lambda: box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"mdat", b"\0" * 99),
    "page that says it is a pdf": lambda: b"%PDF-1.4\n" + HTML,
    "pdf with javascript": lambda: pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "),
    "pdf with javascript in hex": lambda: pdf(b"/OpenAction << /S /J#61vaScript /JS (x) >> "),
    "pdf with javascript in packed objects": lambda: pdf(trailer=object_stream(b"7 0 << /S /JavaScript /JS (x) >>")),
    "pdf packed in an unusual way": lambda: pdf(trailer=object_stream(b"x", how=b"/LZWDecode")),
    "pdf that starts a program": lambda: pdf(b"/AA << /O << /S /Launch /F (cmd.exe) >> >> "),
    "pdf with a file in it": lambda: pdf(b"/Names << /EmbeddedFiles 9 0 R >> "),
    "pdf with a password": lambda: pdf(trailer=b"trailer << /Encrypt 8 0 R >>\n"),
    "pdf cut off": lambda: pdf()[:60],
    "pdf bomb": many_frames_of_zeros,
    "pdf with a packed file behind it": lambda: pdf() + zipped("a.exe"),
    "video cut off": lambda: video()[:-20],
    "video without pictures": lambda: box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov"),
    "video with a packed file behind it": lambda: video(rest=box(b"free", zipped("a.exe"))),
    "packed file": lambda: zipped("a.jpg", "b.jpg"),
    "packed bomb as workbook": lambda: zipped("xl/workbook.xml", "[Content_Types].xml", content=b"\0" * 40_000_000),
    "workbook with macros": lambda: zipped("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/s.xml", "xl/vbaProject.bin"),
    "old office document": lambda: OLE,
    "word document": lambda: zipped("[Content_Types].xml", "word/document.xml"),
    "empty file": lambda: b"",
    "plain text": lambda: "请相信我们".encode(),
}  # fmt: skip


def png_with_text(text: str) -> bytes:
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("Comment", text)
    Image.new("RGB", (50, 50)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


GOOD = {
    "photo": (lambda: photo(), "image/jpeg"),
    "grey photo": (lambda: photo(mode="L"), "image/jpeg"),
    "printer's colours": (lambda: photo(mode="CMYK"), "image/jpeg"),
    "progressive photo": (lambda: photo(progressive=True), "image/jpeg"),
    "photo with a place in it": (lambda: photo(exif=with_place()), "image/jpeg"),
    "photo of a phone that adds bytes": (lambda: photo() + b"SEFT" + b"\0" * 40, "image/jpeg"),
    "photo of 48 megapixels": (lambda: photo(size=(8064, 6048), quality=20), "image/jpeg"),
    "screenshot": (lambda: burst.png(), "image/png"),
    "screenshot with transparency": (lambda: photo("PNG", (300, 200), "RGBA"), "image/png"),
    "screenshot with a palette": (lambda: photo("PNG", (300, 200), "P"), "image/png"),
    "black and white": (lambda: photo("PNG", (300, 200), "1"), "image/png"),
    "sixteen bits of grey": (lambda: photo("PNG", (300, 200), "I;16"), "image/png"),
    "large screenshot": (lambda: noise(), "image/jpeg"),
    "long screenshot": (lambda: burst.png("长图", (1080, 12_000)), "image/png"),
    "webp": (lambda: photo("WEBP"), "image/jpeg"),
    "pdf": (lambda: pdf(), "application/pdf"),
    "pdf that opens at its first page": (lambda: pdf(b"/OpenAction [3 0 R /Fit] "), "application/pdf"),
    "pdf with packed objects": (lambda: pdf(trailer=object_stream(b"7 0 << /Type /Page >>")), "application/pdf"),
    "video": (lambda: video(), "video/mp4"),
    "video of an iphone": (lambda: video(brand=b"qt  "), "video/mp4"),
    "order file as csv": (lambda: "订单号,违规类型,金额\n261107-900000000000001,虚假交易,3.00\n".encode("gb18030"), "text/csv"),
    "order file as workbook": (workbook, intake.XLSX),
}  # fmt: skip


def with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "PhoneMaker", 6
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def given(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# The door (U1)


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_by_its_content(case):
    content = HOSTILE[case]()
    began = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(Refused) as refusal:
        accept(given("截图.jpg", content), requirement_key="notice")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.perf_counter() - began < 2
    assert peak < 100_000_000
    assert "Nothing was kept" in str(refusal.value.sentence)


@pytest.mark.parametrize("case", GOOD)
def test_good_file_is_taken(case):
    make_content, wanted = GOOD[case]
    content = make_content()
    taken = accept(given("证据 图.jpg", content), requirement_key="notice")
    assert (taken.content_type, taken.original, taken.sha256) == (wanted, content, hashlib.sha256(content).hexdigest())


def test_fuzzed_pictures_are_refused_or_shown_but_never_break_the_door():
    whole = burst.png("x", (200, 120)), photo(size=(200, 120)), photo("WEBP", (200, 120))
    for content in whole:
        for at in range(8, len(content), max(1, len(content) // 60)):
            broken = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
            try:
                taken = accept(given("a.png", broken))
            except Refused:
                continue
            assert taken.width


def test_table_is_taken_only_as_the_order_file_of_a_notice():
    with pytest.raises(NotTaken) as refusal:
        accept(given("订单.xlsx", workbook()), requirement_key="chat_log")
    assert refusal.value.code == "table"


def test_file_over_the_limit_is_refused_with_both_sizes(settings):
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024
    with pytest.raises(NotTaken, match=r"2\.0 MB; at most 1\.0 MB"):
        accept(given("大图.jpg", b"\xff\xd8\xff" + b"\0" * (2 * 1024 * 1024 - 3)))


def test_shown_picture_is_upright_and_carries_no_metadata():
    taken = accept(
        given("照片.jpg", photo(size=(400, 200), exif=with_place(), comment=b"my shop", icc_profile=b"p" * 200))
    )
    shown = Image.open(io.BytesIO(taken.shown))
    assert (shown.size, dict(shown.getexif())) == ((200, 400), {})
    assert {"exif", "comment", "icc_profile"} & shown.info.keys() == set()


def test_long_screenshot_keeps_every_pixel_and_a_wide_photo_is_brought_down():
    long = accept(given("长图.png", burst.png("聊天", (1080, 15_000))))
    wide = accept(given("照片.jpg", photo(size=(4000, 3000))))
    assert ((long.width, long.height), (wide.width, wide.height)) == ((1080, 15_000), (2400, 1800))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\chen\聊天截图.PNG", "聊天截图.PNG"),
        ("交接单\u202egpj.exe\x00", "交接单gpj.exe"),
        ("", "file"),
        ("长" * 200 + ".png", "长" * 116 + ".png"),
    ],
)
def test_name_is_kept_without_folders_and_signs_that_mislead(name, kept):
    assert clean_name(name) == kept


# The checklist


@pytest.fixture
def case(shop, handler):
    reference.load()
    return case_in("preparing", shop, owner=handler, line_of_defence="malicious_order")


def stored_names() -> list[str]:
    found = []
    folders = [""]
    while folders:
        folder = folders.pop()
        below, here = default_storage.listdir(folder)
        folders += [f"{folder}/{name}".lstrip("/") for name in below]
        found += here
    return found


def test_original_is_sealed_beside_the_shown_version(case, handler):
    content = photo(exif=with_place())
    [item] = evidence.add(
        by=handler,
        case=case,
        requirement=burst.needed("notice"),
        uploads=[given("违规详情.jpg", content)],
        declared_true=True,
    )
    assert files.read(item.file) == content
    assert b"PhoneMaker" not in files.read(item.shown_file)
    assert (item.sha256, item.original_name) == (hashlib.sha256(content).hexdigest(), "违规详情.jpg")
    assert {part for part in ("违规详情", item.code) if part in item.file + item.shown_file} == set()


def test_one_bad_file_among_good_ones_leaves_nothing_behind(case, handler):
    uploads = [burst.upload("一.png"), given("二.jpg", HTML)]
    with pytest.raises(NotTaken, match=r"二\.jpg"):
        evidence.add(by=handler, case=case, requirement=burst.needed("notice"), uploads=uploads, declared_true=True)
    assert (EvidenceItem.objects.count(), stored_names()) == (0, [])


def test_merchant_without_room_leaves_nothing_behind(case, handler, monkeypatch):
    monkeypatch.setattr(intake, "MERCHANT_MOST_BYTES", 10)
    with pytest.raises(NotTaken, match="used up"):
        burst.item(case, handler, "notice")
    assert stored_names() == []


def test_more_files_than_allowed_at_a_time_are_refused(case, handler):
    with pytest.raises(NotTaken, match="At most 20 files"):
        burst.item(case, handler, "notice", *map(str, range(21)))


def test_nothing_is_taken_without_the_word_that_it_is_true(case, handler):
    with pytest.raises(Refused, match="confirm"):
        evidence.add(
            by=handler, case=case, requirement=burst.needed("notice"), uploads=[burst.upload()], declared_true=False
        )


def test_time_it_was_taken_is_never_in_the_future(case, handler):
    with pytest.raises(Refused, match="future"):
        burst.item(case, handler, "notice", captured_at=timezone.now() + dt.timedelta(hours=1))


def test_same_file_sent_twice_is_one_item(case, handler):
    first = burst.item(case, handler, "notice", "a", "a")
    again = burst.item(case, handler, "notice", "a")
    assert first + again == [first[0]] * 3
    assert EvidenceItem.objects.count() == 1
    assert len(stored_names()) == 2  # the original and the shown version


def test_merchant_answers_a_request_and_the_case_comes_back_to_us(case, handler, owner):
    asked = evidence.ask(by=handler, case=case, requirement=burst.needed("chat_log"), text="请上传聊天截图")
    assert (case.waiting_for, Notification.objects.filter(recipient=owner, event="request").count()) == ("merchant", 1)
    burst.item(case, owner, "chat_log", "1", "2")
    asked.refresh_from_db()
    case.refresh_from_db()
    assert (asked.state, asked.answered_by, case.waiting_for) == ("answered", owner, "us")
    told = set(Notification.objects.filter(recipient=handler).values_list("event", flat=True))
    assert told == {"evidence", "request.answer"}


def test_case_waits_for_the_merchant_until_the_last_request_is_answered(case, handler, owner):
    first = evidence.ask(by=handler, case=case, requirement=burst.needed("chat_log"), text="聊天")
    second = evidence.ask(by=handler, case=case, requirement=burst.needed("stock_count"), text="库存")
    evidence.answer_none(by=owner, request=first, note="没有联系过")
    case.refresh_from_db()
    assert case.waiting_for == "merchant"
    evidence.withdraw_request(by=handler, request=second)
    case.refresh_from_db()
    assert case.waiting_for == "us"
    assert list(EvidenceRequest.objects.order_by("pk").values_list("state", "answer_note")) == [
        ("none", "没有联系过"),
        ("withdrawn", ""),
    ]


def test_asking_twice_for_the_same_is_refused(case, handler):
    evidence.ask(by=handler, case=case, requirement=burst.needed("chat_log"), text="聊天")
    with pytest.raises(Refused, match="already"):
        evidence.ask(by=handler, case=case, requirement=burst.needed("chat_log"), text="聊天")
    assert EvidenceRequest.objects.count() == 1


def test_request_is_answered_once(case, handler, owner):
    asked = evidence.ask(by=handler, case=case, requirement=burst.needed("chat_log"), text="聊天")
    other_tab = EvidenceRequest.objects.get(pk=asked.pk)
    evidence.answer_none(by=owner, request=asked)
    with pytest.raises(Stale):
        evidence.answer_none(by=owner, request=other_tab)


def test_question_while_the_platform_decides_does_not_change_whom_the_case_waits_for(shop, handler):
    reference.load()
    filed = case_in("filed", shop, owner=handler, waiting_for="platform")
    evidence.ask(by=handler, case=filed, requirement=burst.needed("chat_log"), text="聊天")
    filed.refresh_from_db()
    assert filed.waiting_for == "platform"


def test_merchant_sends_only_what_is_asked_or_needed(case, owner, handler):
    with pytest.raises(Refused, match="not needed"):
        burst.item(case, owner, "carrier_cert")
    evidence.ask(by=handler, case=case, requirement=burst.needed("carrier_cert"), text="盖章说明")
    assert len(burst.item(case, owner, "carrier_cert")) == 1


@pytest.mark.parametrize("who", ["stranger", "other_handler"])
def test_people_without_the_shop_add_nothing(case, who, request):
    with pytest.raises(Refused, match="no such case"):
        burst.item(case, request.getfixturevalue(who), "notice")


def test_reader_of_the_merchant_adds_nothing(case, merchant):
    reader = make.member(make.user("会计"), merchant, role="read_only")
    with pytest.raises(Refused, match="look at this"):
        burst.item(case, reader, "notice")


def test_withdrawing_needs_a_reason_and_is_written_down(case, handler):
    [item] = burst.item(case, handler, "notice")
    with pytest.raises(Refused, match="reason"):
        evidence.withdraw(by=handler, item=item, reason=" ")
    evidence.withdraw(by=handler, item=item, reason="看不清")
    event = AuditEvent.objects.get(action="evidence.withdraw")
    assert (item.withdrawn_by, event.note, event.thread) == (handler, "看不清", case.code)


def test_merchant_takes_back_only_their_own(case, handler, owner):
    [ours], [theirs] = burst.item(case, handler, "notice"), burst.item(case, owner, "chat_log")
    with pytest.raises(Refused, match="whoever uploaded"):
        evidence.withdraw(by=owner, item=ours, reason="不要")
    evidence.withdraw(by=owner, item=theirs, reason="传错了")


def test_new_version_follows_the_old_one_which_stays(case, handler):
    [old] = burst.item(case, handler, "notice")
    fresh = evidence.replace(by=handler, item=old, upload=burst.upload("清楚.png"), declared_true=True)
    assert (fresh.version, fresh.replaces, fresh.title) == (2, old, old.title)
    with pytest.raises(Stale):
        evidence.replace(by=handler, item=old, upload=burst.upload("再来.png"), declared_true=True)
    assert EvidenceItem.objects.count() == 2


def test_waiver_is_a_leads_with_a_reason_and_can_be_taken_back(case, handler, lead):
    needed = burst.needed("chat_log")
    for by, reason in ((handler, "没有"), (lead, "")):
        with pytest.raises(Refused):
            evidence.waive(by=by, case=case, requirement=needed, reason=reason)
    evidence.waive(by=lead, case=case, requirement=needed, reason="平台聊天已过期")
    with pytest.raises(Stale):
        evidence.waive(by=lead, case=case, requirement=needed, reason="又一次")
    evidence.unwaive(by=lead, case=case, requirement=needed)
    assert EvidenceWaiver.objects.count() == 0


def test_closed_case_takes_no_evidence(shop, handler):
    reference.load()
    closed = case_in("closed", shop, owner=handler)
    with pytest.raises(Refused, match="closed"):
        burst.item(closed, handler, "notice")


def test_approved_set_of_evidence_is_not_exchanged_under_the_hands_of_who_approved(case, handler, lead):
    [item] = burst.item(case, handler, "notice")
    filing_in("approved", case, lead)
    with pytest.raises(Refused, match="approved"):
        evidence.withdraw(by=handler, item=item, reason="换一张")
    with pytest.raises(Refused, match="approved"):
        evidence.replace(by=handler, item=item, upload=burst.upload("新.png"), declared_true=True)


# Rule 4: what was filed stays


def test_filed_evidence_is_neither_withdrawn_nor_deleted(case, handler, lead):
    [item] = burst.item(case, handler, "notice")
    stale_copy = EvidenceItem.objects.get(pk=item.pk)
    EvidenceItem.objects.filter(pk=item.pk).update(protected_at=timezone.now())
    item.refresh_from_db()
    for by in (handler, lead):
        with pytest.raises(Refused, match="filed"):
            evidence.withdraw(by=by, item=item, reason="想换")
    with pytest.raises(Stale):
        evidence.withdraw(by=lead, item=stale_copy, reason="旧页面")
    with pytest.raises(FrozenFiling):
        item.delete()
    item.refresh_from_db()
    assert item.withdrawn_at is None


def test_new_version_of_filed_evidence_leaves_the_filed_one_as_it_was(case, handler):
    [filed] = burst.item(case, handler, "notice")
    EvidenceItem.objects.filter(pk=filed.pk).update(protected_at=timezone.now())
    filed.refresh_from_db()
    before, content = dict(vars(filed)), files.read(filed.shown_file)
    fresh = evidence.replace(by=handler, item=filed, upload=burst.upload("补充.png"), declared_true=True)
    again = EvidenceItem.objects.get(pk=filed.pk)
    assert {name: getattr(again, name) for name in before if name != "_state" and not name.startswith("_")} == {
        name: value for name, value in before.items() if not name.startswith("_")
    }
    assert files.read(filed.shown_file) == content
    assert fresh.protected_at is None


# Serving (U2)


def test_evidence_is_served_with_a_sandbox_and_its_chinese_name(case, handler, as_):
    [item] = burst.item(case, handler, "notice")
    answer = as_(handler).get(f"/files/evidence/{item.code}/?download")
    assert b"".join(answer.streaming_content) == files.read(item.shown_file)
    wanted = {
        "Content-Type": "image/png",
        "Content-Disposition": "attachment; filename*=utf-8''%E5%A4%84%E7%BD%9A%E9%80%9A%E7%9F%A5%E6%88%AA%E5%9B%BE.png",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer[name] for name in wanted} == wanted


def test_picture_stands_in_a_page_and_a_pdf_is_only_downloaded(case, handler, as_):
    [shot] = burst.item(case, handler, "notice")
    [paper] = evidence.add(
        by=handler,
        case=case,
        requirement=burst.needed("id_doc"),
        uploads=[given("授权.pdf", pdf())],
        declared_true=True,
    )
    browser = as_(handler)
    kinds = [
        browser.get(f"/files/evidence/{item.code}/")["Content-Disposition"].split(";")[0] for item in (shot, paper)
    ]
    assert kinds == ["inline", "attachment"]


def test_only_people_of_the_shop_get_its_files(
    case, handler, owner, merchant_staff, stranger, other_handler, as_, client
):
    [item] = burst.item(case, handler, "notice")
    url = f"/files/evidence/{item.code}/"
    answers = {
        person.name: as_(person).get(url).status_code
        for person in (handler, owner, merchant_staff, stranger, other_handler)
    }
    assert answers == {"林晓岚": 200, "陈叶": 200, "小店员": 200, "陌生人": 404, "何以宁": 404}
    assert client.get(url).status_code == 302
    browser = as_(stranger)
    bodies = [browser.get(address).content for address in (url, "/files/evidence/E-00000000/")]
    stable = [re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]+"', b"", body) for body in bodies]
    assert stable[0] == stable[1]


def test_files_change_nothing_by_post(case, handler, as_):
    [item] = burst.item(case, handler, "notice")
    assert as_(handler).post(f"/files/evidence/{item.code}/").status_code == 405


def test_sealed_original_has_no_address(case, handler, as_):
    [item] = burst.item(case, handler, "notice")
    browser = as_(handler)
    for path in (f"/{item.file}", f"/media/{item.file}", f"/private/{item.file}", f"/files/{item.file}"):
        assert browser.get(path).status_code == 404


def test_case_is_untouched_by_a_refused_upload(case, handler):
    before = Case.objects.filter(pk=case.pk).values().get()
    with pytest.raises(Refused):
        evidence.add(by=handler, case=case, requirement=burst.needed("notice"), uploads=[], declared_true=True)
    assert Case.objects.filter(pk=case.pk).values().get() == before
