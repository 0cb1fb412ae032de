"""Import a file of a shop from the command line: checked and written before the command ends."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from casemgr.kit.workflow import Refused
from orders.actions import imports
from orders.enums import ImportKind
from orders.imports.asking import Asked
from orders.imports.reasons import in_english, refusal, warning
from orders.imports.registry import Recognised, source_named
from orders.models import ImportRefusal, ImportRun, MappingProfile
from stores.models import Store

KINDS = ("orders", "aftersales", "stock", "parcels", "scans", "violations", "ledger", "days")
NOT_YET = 3  # exit code


class Command(BaseCommand):
    help = "Import a file of orders, parcels or scans into a shop. Importing a file again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--store", metavar="CODE")
        parser.add_argument(
            "--profile", default="auto", help="auto, a source (pinduoduo, douyin) or a remembered mapping"
        )
        parser.add_argument("--map", nargs="+", action="extend", default=[], metavar="field=column")
        parser.add_argument("--date-order", choices=("ymd", "dmy", "mdy"), help="where a file leaves it open")
        parser.add_argument("--timezone", metavar="NAME", help="of a file that carries none (default Asia/Shanghai)")
        parser.add_argument("--shop-column", metavar="COLUMN")
        parser.add_argument("--create-shops", action="store_true")
        parser.add_argument("--platform", metavar="CODE")
        parser.add_argument("--merchant", metavar="CODE")
        parser.add_argument("--json", action="store_true", help="print one object, in English")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.perf_counter()
        try:
            # What scripts read must not depend on the language of the installation.
            with translation.override("en" if options["json"] else translation.get_language()):
                run = self._imported(options)
        except (Refused, CommandError) as fault:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(fault)}, ensure_ascii=False))
            raise CommandError(str(fault), returncode=getattr(fault, "returncode", 1)) from fault
        result = as_json(run, time.perf_counter() - begun)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            self._tell(run, result)

    def _imported(self, options: dict[str, Any]) -> ImportRun:
        if options["kind"] not in ImportKind.values:
            raise CommandError(
                _("Files of this kind cannot be imported yet: %(kind)s.") % {"kind": options["kind"]},
                returncode=NOT_YET,
            )
        if options["shop_column"] or options["create_shops"]:
            raise CommandError(_("A file cannot be split over shops yet: give one --store."), returncode=NOT_YET)
        store = Store.objects.filter(code=options["store"] or "").select_related("platform", "merchant").first()
        if store is None:
            raise CommandError(_("There is no shop with the code “%(code)s”.") % {"code": options["store"] or ""})
        asked = _asked(store, options)
        try:
            with options["file"].open("rb") as file:
                upload = File(file, name=options["file"].name)
                run = imports.receive(
                    by=None,
                    store=store,
                    kind=options["kind"],
                    upload=upload,
                    filename=options["file"].name,
                    asked=asked,
                )
        except OSError as fault:
            raise CommandError(_("The file cannot be read: %(why)s.") % {"why": fault.strerror}) from fault
        if run.status == "mapping":
            self._map_as_proposed(run, asked)
        imports.check_now(run=run)
        return imports.publish_now(by=None, run=run)

    @staticmethod
    def _map_as_proposed(run: ImportRun, asked: Asked) -> None:
        """Common column names say enough where the needed ones are among them; else a person must map."""
        proposed = Recognised(run.kind, "", run.mapping)
        if not proposed.is_complete:
            imports.cancel(by=None, run=run)
            columns = ", ".join(name for name in run.headers if name)
            text = _("The columns are not recognised: say with --map which field each one holds. Columns: %(columns)s")
            raise CommandError(text % {"columns": columns})
        imports.map_columns(
            by=None, run=run, kind=run.kind, mapping=run.mapping, options=dict(asked.options), remember=False
        )

    def _tell(self, run: ImportRun, result: dict[str, Any]) -> None:
        text = _("%(run)s: %(rows)s rows, %(stored)s stored, %(refused)s refused; %(new)s new, %(changed)s changed, "
                 "%(unchanged)s unchanged; %(seconds)s s")  # fmt: skip
        self.stdout.write(text % {**result, **result[run.kind]})
        for kept in run.warnings:
            self.stdout.write(warning(kept))
        for one in ImportRefusal.objects.filter(run=run).iterator():
            line = _("Line %(line)s, %(column)s: %(reason)s %(value)s")
            facts = {"line": one.line, "column": one.column, "value": one.value, "reason": refusal(one.reason_code)}
            self.stdout.write((line % facts).rstrip())


def _asked(store: Store, options: dict[str, Any]) -> Asked:
    """What the options say of the file. Raises CommandError."""
    mapping = {}
    for pair in options["map"]:
        name, equals, column = pair.partition("=")
        if not equals or not name or not column:
            raise CommandError(_("--map takes field=column, not “%(pair)s”.") % {"pair": pair})
        mapping[name.strip()] = column.strip()
    if options["timezone"] and options["timezone"] not in available_timezones():
        raise CommandError(_("There is no time zone named “%(name)s”.") % {"name": options["timezone"]})
    answers = {name: options[name] for name in ("date_order", "timezone") if options[name]}
    name = options["profile"]
    profile = None
    if name != "auto" and not mapping and source_named(name) is None:
        profile = MappingProfile.objects.filter(store=store, kind=options["kind"], name=name).first()
        if profile is None:
            raise CommandError(_("There is no source and no remembered mapping named “%(name)s”.") % {"name": name})
    source = name if source_named(name) and not mapping else ""
    return Asked(mapping=mapping, options=answers, profile=profile, source=source)


def as_json(run: ImportRun, seconds: float) -> dict[str, Any]:
    """The object that scripts rely on (design 5). rows = stored + refused always."""
    nothing = {"new": 0, "changed": 0, "unchanged": 0}
    zero = dict.fromkeys(("amount_total", "amount_paid", "refund_amount"), "0.00")
    refusals = ImportRefusal.objects.filter(run=run).values("line", "column", "value", "reason")
    return {
        "run": run.code,
        "rows": run.rows,
        "stored": run.stored,
        "refused": run.refused,
        "orders": nothing,
        run.kind: run.counts.get("done", nothing),
        "shops": 1,
        "totals": {**zero, **run.totals},
        "refusals": list(refusals),
        "warnings": [in_english(one) for one in run.warnings],
        "seconds": round(seconds, 3),
    }
