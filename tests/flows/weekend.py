"""What the two shops of 绿叶服饰 sold over a promotion weekend, as files, and what the platform said about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from appeals.demo import books, files, notices, trade
from appeals.demo.clock import day, local
from appeals.demo.people import Cast
from appeals.demo.trade import HOUR, MINUTE, Sale, Till, tagged

NAMED = 31
NOTICE_NO = "90202611230031"


@dataclass
class Weekend:
    """One telling: the people, the moment it is told at, and the two order books."""

    cast: Cast
    now: dt.datetime
    pdd: list[Sale] = field(init=False)
    douyin: list[Sale] = field(init=False)

    def __post_init__(self) -> None:
        till = Till(trade.PINDUODUO, self.now)
        books.burst_pinduoduo(till, day(self.now, 2, "19:03"), cancelled=False)
        for n in range(7):
            sent = day(self.now, 2, "15:00") + n * MINUTE
            till.ring(sent - 20 * HOUR, ships_after=20 * HOUR, scan_after=None, tag="unscanned")
        till.everyday(160)
        self.pdd = till.close()
        other = Till(trade.DOUYIN, self.now)
        books.burst_douyin(other, day(self.now, 1, "12:03"))
        other.everyday(120)
        self.douyin = other.close()

    @property
    def pinduoduo_file(self) -> bytes:
        """The export with all 82 columns, and one row more whose number a spreadsheet has ruined."""
        content = files.pinduoduo(self.pdd, self.now).decode()
        last = content.rstrip("\r\n").rpartition("\n")[2]
        ruined = last.replace(f"{self.pdd[-1].no}\t", "2.61123E+20")
        assert ruined != last
        return (content + ruined + "\r\n").encode()

    @property
    def douyin_file(self) -> bytes:
        return files.douyin(self.douyin, self.now)

    @property
    def scans_file(self) -> bytes:
        """A carrier's table with column names of its own."""
        return files.scans(self.pdd, self.now)

    @property
    def burst(self) -> list[str]:
        """The order numbers of the burst of the 拼多多 shop, in order of time."""
        return [sale.no for sale in tagged(self.pdd, "burst")]

    @property
    def notice(self) -> str:
        """虚假交易 over 31 of the 40 orders, to be appealed within three days."""
        noticed = self.now - 40 * MINUTE
        return notices.false_transaction(
            number=NOTICE_NO,
            shop=self.cast.pdd.name,
            order_nos=self.burst[:NAMED],
            noticed_at=noticed,
            due_on=local(day(self.now, -2, "12:00")).date(),
            starts_at=day(self.now, -3, "10:00"),
        )

    def picture(self, name: str) -> dict[str, object]:
        """A small invented screenshot, as a browser's file field takes it."""
        shot = files.picture(name, ("演示用截图", "时间、订单卡片完整"), name=f"{name}.png")
        return {"name": f"{name}.png", "mimeType": "image/png", "buffer": shot.read()}


def on_clock(moment: dt.datetime, *, seconds: bool = False) -> str:
    """A moment as a time field of a page takes it, on a clock in Shanghai."""
    return local(moment).strftime("%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M")
