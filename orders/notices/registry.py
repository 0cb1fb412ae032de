"""Every platform whose notices are known: one line each. Adding one touches its own file and this list."""

from __future__ import annotations

from dataclasses import replace

from orders.notices.any import ANY
from orders.notices.douyin import DOUYIN
from orders.notices.jd import JD
from orders.notices.kuaishou import KUAISHOU
from orders.notices.pinduoduo import PINDUODUO
from orders.notices.platform import NoticePlatform
from orders.notices.taobao import TAOBAO, TMALL
from orders.notices.temu import TEMU
from orders.notices.wechat import WECHAT
from orders.notices.xiaohongshu import XIAOHONGSHU

PLATFORMS: tuple[NoticePlatform, ...] = (
    PINDUODUO,
    DOUYIN,
    TAOBAO,
    TMALL,
    JD,
    WECHAT,
    XIAOHONGSHU,
    KUAISHOU,
    TEMU,
)
# What a text has to weigh before it speaks for a platform; below that the platform stays unknown.
ENOUGH = 3


def platform_named(code: str) -> NoticePlatform:
    """The platform of this code; one without a file of its own is read by the shapes that all share."""
    return next((platform for platform in PLATFORMS if platform.code == code), replace(ANY, code=code))


def platform_of(text: str, numbers: list[str]) -> NoticePlatform:
    """The platform a text speaks for; ANY (code None) where none does or two do: a wrong one is worse than a gap."""
    weights = sorted(
        ((platform.weight(text, numbers), place) for place, platform in enumerate(PLATFORMS)), reverse=True
    )
    best, second = weights[0], weights[1]
    if best[0] < ENOUGH or best[0] == second[0]:
        return ANY
    return PLATFORMS[best[1]]
