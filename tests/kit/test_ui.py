"""How money and time are written in both languages, what the gallery shows, what the asset finder keeps to itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from casemgr.kit import assets
from casemgr.kit.templatetags import ui
from casemgr.kit.views import SampleForm

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 14, 20, tzinfo=SHANGHAI)
TEMPLATES = project.BASE_DIR / "templates"
HAS_ASSETS = (project.BASE_DIR / "node_modules" / "@tabler").is_dir()
needs_assets = pytest.mark.skipif(not HAS_ASSETS, reason="node_modules is not set up: run `make setup`")


@pytest.fixture
def at_two_twenty() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("amount", "full", "short"),
    [
        (Decimal("12400"), "¥12,400.00", "¥12,400"),
        (Decimal("1234567.89"), "¥1,234,567.89", "¥1,234,567.89"),
        (Decimal("-20"), "-¥20.00", "-¥20"),
        (0, "¥0.00", "¥0"),
        (None, "–", "–"),
    ],
)
def test_money_has_two_places_and_unknown_is_a_dash(amount, full, short):
    assert (ui.money(amount), ui.money_short(amount)) == (full, short)


@pytest.mark.parametrize(
    ("moment", "chinese", "english"),
    [
        (datetime(2026, 11, 25, 18, 5, tzinfo=SHANGHAI), "11月25日 周三 18:05", "Wed 25 Nov 18:05"),
        (datetime(2025, 1, 2, 9, 0, tzinfo=SHANGHAI), "2025年1月2日 周四 09:00", "Thu 2 Jan 2025 09:00"),
        (datetime(2026, 11, 25, 20, 0, tzinfo=ZoneInfo("UTC")), "11月26日 周四 04:00", "Thu 26 Nov 04:00"),
        (date(2026, 11, 28), "11月28日 周六", "Sat 28 Nov"),
        (None, "–", "–"),
    ],
)
def test_a_moment_is_written_in_shanghai_time_in_the_way_of_the_language(at_two_twenty, moment, chinese, english):
    with translation.override("zh-hans"):
        assert ui.when(moment) == chinese
    with translation.override("en"):
        assert ui.when(moment) == english


@pytest.mark.parametrize(
    ("moment", "near", "short", "log"),
    [
        (NOW + timedelta(hours=6), "今天 20:20", "20:20", "今天 20:20"),
        (NOW + timedelta(days=1), "明天 14:20", "11月25日", "明天 14:20"),
        (NOW - timedelta(days=1), "昨天 14:20", "11月23日", "昨天 14:20"),
        (NOW + timedelta(days=4), "11月28日 周六 14:20", "11月28日", "11月28日 14:20"),
        (NOW - timedelta(days=400), "2025年10月20日 周一 14:20", "2025年10月20日", "2025年10月20日 14:20"),
        ("计划 20:00", "计划 20:00", "计划 20:00", "计划 20:00"),
    ],
)
def test_days_around_today_have_names(at_two_twenty, moment, near, short, log):
    with translation.override("zh-hans"):
        assert (ui.when_near(moment), ui.when_short(moment), ui.when_log(moment)) == (near, short, log)


@pytest.mark.parametrize(
    ("left", "chinese", "english"),
    [
        (timedelta(days=1, hours=3, minutes=45, seconds=59), "剩 1 天 3 小时 45 分", "1 d 3 h 45 min left"),
        (timedelta(hours=6), "剩 6 小时", "6 h left"),
        (timedelta(seconds=30), "剩 不到 1 分", "less than 1 min left"),
        (timedelta(minutes=-26), "已超时 26 分", "26 min over"),
    ],
)
def test_what_is_left_is_said_in_words(at_two_twenty, left, chinese, english):
    with translation.override("zh-hans"):
        assert ui.duration(NOW + left) == chinese
    with translation.override("en"):
        assert ui.duration(left) == english


def test_a_list_shows_only_the_two_largest_units():
    with translation.override("en"):
        assert ui.duration(timedelta(days=1, hours=3, minutes=45), 2) == "1 d 3 h left"


@pytest.mark.parametrize(
    ("text", "masked"), [("13912343071", "*******3071"), ("12345678", "******78"), ("1234", "****"), ("", "–")]
)
def test_a_masked_tail_hides_at_least_six_signs(text, masked):
    assert ui.mask_tail(text) == masked


def test_changing_a_filter_keeps_the_others_and_goes_back_to_the_first_page():
    context = {"request": RequestFactory().get("/cases/?platform=jd&owner=lin&page=3")}
    assert ui.querystring_with(context, platform="douyin") == "?platform=douyin&owner=lin"
    assert ui.querystring_with(context, owner=None) == "?platform=jd"
    assert ui.querystring_with(context, page=4) == "?platform=jd&owner=lin&page=4"


def test_an_icon_cannot_be_made_to_carry_markup():
    assert "<script>" not in ui.icon("clock", label='"><script>')


@pytest.mark.parametrize("attribute", ['label="{{ typed }}"', ':label="typed"'])
def test_what_a_person_typed_stays_text_in_a_component(attribute):
    template = engines["django"].from_string(f"{{% cotton pill {attribute} / %}}")
    assert template.render({"typed": '<b onclick="x">'}) == (
        '<span class="pill t-neutral">&lt;b onclick=&quot;x&quot;&gt;</span>'
    )


def test_a_flat_line_stays_inside_its_box_and_one_value_draws_nothing():
    assert ui.spark_points([5, 5]) == [(1.0, 13.0), (71.0, 13.0)]
    assert ui.spark_points([5]) == []


def test_an_error_is_named_by_the_field_it_belongs_to():
    page = render_to_string("ui/gallery_forms.html", {"form": SampleForm({"number": "", "owner": "lin"})})
    assert 'aria-invalid="true" aria-describedby="id_number_helptext id_number_error"' in page
    assert '<div class="field-error" id="id_number_error">' in page


@needs_assets
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_gallery_shows_every_component_to_agency_people(as_, handler, language, client):
    browser = as_(handler)
    browser.cookies[project.LANGUAGE_COOKIE_NAME] = language
    page = browser.get(reverse("ui-gallery"))
    assert page.status_code == 200
    shown = "".join((TEMPLATES / "ui" / part.name).read_text() for part in (TEMPLATES / "ui").glob("gallery*.html"))
    frame = (TEMPLATES / "base_staff.html").read_text()
    components = {path.stem.replace("_", "-") for path in (TEMPLATES / "components").glob("*.html")}
    assert {name for name in components if f"<c-{name}" not in shown + frame} == set()


def test_every_attribute_of_every_component_is_shown_in_the_gallery():
    files = [*(TEMPLATES / "ui").glob("gallery*.html"), TEMPLATES / "ui" / "confirm_page.html"]
    source = "".join(path.read_text() for path in files)
    slots, missing = set(re.findall(r'<c-slot name="(\w+)"', source)), set()
    for path in (TEMPLATES / "components").glob("*.html"):
        declared = re.search(r"<c-vars([^>]*)/>", path.read_text())
        names = re.findall(r":?([a-z_]+)=", declared[1]) if declared else []
        tags = re.findall(rf'<c-{path.stem.replace("_", "-")}\b((?:[^>"]|"[^"]*")*)>', source)
        used = set(re.findall(r"[a-z_]+", " ".join(re.sub(r'"[^"]*"', "", tag) for tag in tags))) | slots
        missing |= {f"{path.stem} {name}" for name in names if name not in used}
    assert missing == set()


def test_the_gallery_does_not_exist_for_merchants_and_asks_strangers_to_sign_in(as_, owner, client):
    assert as_(owner).get(reverse("ui-gallery")).status_code == 404
    assert client.get(reverse("ui-gallery")).status_code == 302


def test_a_form_of_the_gallery_is_received_and_said_so(as_, handler):
    page = as_(handler).post(reverse("ui-gallery"), follow=True)
    assert page.redirect_chain == [(reverse("ui-gallery"), 302)]
    assert [message.level_tag for message in page.context["messages"]] == ["success"]


def test_no_template_carries_a_style_a_script_or_an_event_handler_of_its_own():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    pages = [path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts]
    assert {str(path.relative_to(TEMPLATES)) for path in pages if inline.search(path.read_text())} == set()


def test_every_icon_and_component_that_a_template_names_exists():
    icons = set(assets.icon_names(project.BASE_DIR / "static" / "icons.txt"))
    components = {path.stem.replace("_", "-") for path in (TEMPLATES / "components").glob("*.html")}
    source = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    named = set(re.findall(r'<c-icon name="([a-z0-9-]+)"|\{% icon "([a-z0-9-]+)"|\sicon="([a-z0-9-]+)"', source))
    assert {name for found in named for name in found if name} - icons == set()
    assert set(re.findall(r"<c-([a-z-]+)", source)) - components - {"vars", "slot"} == set()


@needs_assets
def test_the_finder_gives_the_named_files_and_a_sprite_with_every_icon(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    finder = assets.VendorFinder()
    assert {name for name, _storage in finder.list(None)} == {*assets.VENDOR_FILES, assets.SPRITE}
    sprite = Path(finder.find(assets.SPRITE)).read_text()
    assert re.findall(r'<symbol id="([a-z0-9-]+)"', sprite) == assets.icon_names(finder.listing)
    assert finder.check() == []


@needs_assets
def test_the_finder_builds_the_sprite_again_when_the_list_is_newer(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    finder = assets.VendorFinder()
    finder.listing = tmp_path / "icons.txt"
    finder.listing.write_text("clock\n")
    assets.build_icons(["sun"], finder.sprite)
    newer = finder.sprite.stat().st_mtime + 10
    os.utime(finder.listing, (newer, newer))
    assert 'id="clock"' in Path(finder.find(assets.SPRITE)).read_text()


@pytest.mark.parametrize(
    "path",
    [
        "vendor/../package.json",
        "vendor/tabler.min.css/../../../manage.py",
        "../manage.py",
        "/etc/passwd",
        "vendor/",
        "",
        "vendor/x",
    ],
)
def test_the_finder_cannot_be_walked_out_of_its_list(path):
    finder = assets.VendorFinder()
    assert finder.find(path) == []
    assert not finder.storage.exists(path)
    with pytest.raises(SuspiciousFileOperation):
        finder.storage.open(path)


def test_the_vendored_files_cannot_be_written_or_deleted():
    storage = assets.VendorFinder().storage
    with pytest.raises(NotImplementedError):
        storage.delete("vendor/tabler.min.css")


def test_a_missing_file_is_named_together_with_the_command_that_brings_it(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (error, *others) = assets.VendorFinder().check()
    assert error.msg == "node_modules/@tabler/core/dist/css/tabler.min.css is missing."
    assert "make setup" in error.hint
    assert len(others) == len(assets.VENDOR_FILES) - 1


def test_an_unknown_icon_is_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        assets.build_icons(["no-such-icon"], tmp_path / "icons.svg")
    with pytest.raises(FileNotFoundError, match="not the name of an icon"):
        assets.build_icons(["../../package"], tmp_path / "icons.svg")


def test_source_maps_are_not_looked_for_and_addresses_in_styles_still_are():
    patterns = dict(assets.ManifestStorage.patterns)
    assert "sourceMappingURL" not in str(patterns)
    assert len(patterns["*.css"]) == 2  # url(...) and @import


def test_htmx_comes_from_django_htmx_as_the_base_page_names_it():
    assert finders.find("django_htmx/htmx-2.min.js") is not None
    assert "django_htmx/htmx-2.min.js" in (TEMPLATES / "base.html").read_text()
