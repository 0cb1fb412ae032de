"""The chapters of the story, each at its hours: files come in, alerts are worked on, notices arrive, cases go their way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from appeals.demo import casework, clock, contacts, evidence, files, plans, screening_work, team
from appeals.demo.books import Books
from appeals.demo.people import Cast
from orders.actions import imports
from orders.models import ImportRun
from stores.models import Store, User

# How far back an export of the busy shop goes: whatever is older has been delivered.
LOOK_BACK = dt.timedelta(days=4)


@dataclass
class Chapters:
    """The story over one cast and its order books, told up to `now`."""

    cast: Cast
    books: Books
    now: dt.datetime

    def tell(self) -> None:
        """Everything, in order of time as far as chapters do not run side by side."""
        day, cast = self.day, self.cast
        for days_ago in (8, 7):
            self.pinduoduo_files(day(days_ago, "20:20"))
        self.douyin_file(day(7, "20:35"), by=cast.lin)
        for chapter in (casework.won, casework.partly_won, casework.accepted):
            chapter(self)
        self.tea_orders(day(6, "09:00"))
        for chapter in (casework.lost, casework.expired, casework.withdrawn):
            chapter(self)
        for days_ago in (6, 5, 4):
            self.pinduoduo_files(day(days_ago, "20:20"))
        self.douyin_file(day(4, "20:35"), by=cast.lin)
        screening_work.pinduoduo_burst(self)
        self.pinduoduo_files(day(3, "20:20"))
        casework.rectifying(self)
        casework.filed(self)
        self.pinduoduo_files(day(2, "20:20"))
        self.douyin_file(day(1, "12:20"), by=cast.lin)
        screening_work.douyin_burst(self)
        casework.preparing(self)
        self.tea_files(day(1, "14:00"))
        casework.reviewing(self)
        self.pinduoduo_files(day(1, "20:20"))
        screening_work.unscanned(self)
        casework.diagnosing(self)
        self.tea_files(self.now - 55 * clock.MINUTE)
        casework.intake(self)
        self.pinduoduo_files(self.now - 25 * clock.MINUTE)
        self.douyin_file(self.now - 15 * clock.MINUTE, by=cast.lin)
        plans.tell(self)
        contacts.tell(self)
        team.tell(self)
        evidence.tell(cast, self.now)

    def day(self, days_ago: int, at: str) -> dt.datetime:
        return clock.day(self.now, days_ago, at)

    def pinduoduo_files(self, at: dt.datetime) -> None:
        """The export of the 拼多多 shop over the last days, then the scans of its parcels, as they were at `at`."""
        cast, name = self.cast, f"{clock.local(at):%m%d}"
        recent = [sale for sale in self.books.pdd if sale.placed_at >= at - LOOK_BACK]
        self.bring(at, cast.pdd, cast.lin, f"拼多多订单{name}.csv", files.pinduoduo(recent, at))
        scanned, later = files.scans(recent, at), at + 4 * clock.MINUTE
        self.bring(later, cast.pdd, cast.lin, f"揽收明细{name}.csv", scanned, kind="scans", mapped=files.SCAN_COLUMNS)

    def douyin_file(self, at: dt.datetime, *, by: User) -> None:
        content = files.douyin(self.books.douyin, at)
        self.bring(at, self.cast.douyin, by, f"抖店订单{clock.local(at):%m%d}.csv", content)

    def tea_files(self, at: dt.datetime) -> None:
        """What the tea merchant's shops sold, then the scans of their parcels."""
        self.tea_orders(at)
        scanned, later = files.scans(self.books.tea_taobao, at), at + 8 * clock.MINUTE
        name, cast = f"茶铺揽收{clock.local(at):%m%d}.csv", self.cast
        self.bring(later, cast.tea_taobao, cast.he, name, scanned, kind="scans", mapped=files.SCAN_COLUMNS)

    def tea_orders(self, at: dt.datetime) -> None:
        """The quiet shop's export, and the tea shop's own system, whose columns a person maps the first time."""
        cast, name, later = self.cast, f"{clock.local(at):%m%d}", at + 4 * clock.MINUTE
        self.bring(at, cast.tea_douyin, cast.he, f"山野茶事{name}.csv", files.douyin(self.books.tea_douyin, at))
        sold = files.tea(self.books.tea_taobao, at)
        self.bring(
            later, cast.tea_taobao, cast.he, f"茶铺台账{name}.csv", sold, kind="orders", mapped=files.TEA_COLUMNS
        )

    def bring(
        self,
        at: dt.datetime,
        store: Store,
        by: User,
        name: str,
        content: bytes,
        *,
        kind: str = "",
        mapped: dict[str, str] | None = None,
    ) -> ImportRun:
        """Import one file at `at` as a person does: choose it, map its columns where nobody knows them yet, publish it."""
        with clock.at(at):
            run = imports.receive(by=by, store=store, kind=kind, upload=files.upload(name, content), filename=name)
        if run.status == "mapping" and mapped:
            with clock.at(at + clock.MINUTE):
                columns = {field: header for header, field in mapped.items()}
                run.refresh_from_db()
                imports.map_columns(by=by, run=run, kind=kind, mapping=columns, options={}, remember=True)
        with clock.at(at + 2 * clock.MINUTE):
            run.refresh_from_db()
            imports.publish(by=by, run=run)
        run.refresh_from_db()
        if run.status != "published":
            raise RuntimeError(f"{name}: {run.status} {run.error}")
        return run
