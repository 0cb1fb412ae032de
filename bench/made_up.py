"""A made-up 拼多多 export with all its columns, of any length, the same for the same seed. Every value is invented.

One row per order. Recipients stand in it with name, phone and address, as in files that shop systems write on from it: that
is the most an import has to normalise and hash.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from casemgr.kit.clock import SHANGHAI
from stores.reference import export_headers

_HEADERS = next(row["headers"] for row in export_headers() if row["id"] == "pinduoduo_full_2023")
_PEOPLE = ("收货人", "手机", "详细地址")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
)
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志红梅燕波辉鹏宇飞晨欣怡子轩梓涵雨桐佳琪浩然思远"
_PLACES = (
    ("浙江省", "杭州市", ("余杭区", "西湖区", "萧山区", "滨江区"), ("五常街道", "仓前街道", "良渚街道", "闲林街道")),
    ("广东省", "广州市", ("天河区", "白云区", "番禺区"), ("石牌街道", "车陂街道", "大石街道", "市桥街道")),
    ("江苏省", "苏州市", ("吴中区", "相城区", "昆山市"), ("木渎镇", "元和街道", "玉山镇")),
    ("四川省", "成都市", ("武侯区", "锦江区", "双流区"), ("簇桥街道", "春熙路街道", "东升街道")),
    ("河南省", "郑州市", ("金水区", "中原区"), ("经八路街道", "桐柏路街道")),
    ("山东省", "青岛市", ("市南区", "黄岛区"), ("香港中路街道", "长江路街道")),
    ("北京市", "北京市", ("朝阳区", "海淀区"), ("望京街道", "中关村街道")),
)
_ROADS = (
    "文一西路",
    "中山路",
    "人民路",
    "解放路",
    "建设路",
    "长江路",
    "和平路",
    "新华街",
    "学府路",
    "科技大道",
    "幸福路",
)
_ESTATES = ("万科城", "绿地", "锦绣园", "阳光")
_CARRIERS = (
    ("中通快递", "7312"),
    ("圆通快递", "YT55"),
    ("韵达快递", "4312"),
    ("极兔速递", "JT00"),
    ("申通快递", "7730"),
)
_ARTICLES = 800
_BEGUN = dt.datetime(2026, 9, 1, tzinfo=SHANGHAI)
_PAYMENTS = ("微信", "支付宝", "先用后付", "多多钱包")
_MOSTLY_NO = (
    "是否审核中", "是否抽奖或0元试用", "是否顺丰加价", "是否门店自提", "是否直播间成交", "是否直播间引导成交", "是否节能补贴",
    "是否分期", "是否无痕发货", "是否社区团购",
)  # fmt: skip
_ZERO = ("邮费(元)", "店铺优惠折扣(元)", "平台优惠折扣(元)", "多多支付立减金额(元)", "上门安装费(元)", "送货入户费(元)")


def write(path: Path, rows: int, *, seed: int = 1) -> None:
    """Write the export: a header and `rows` orders of 90 days, in order of time."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_HEADERS, *_PEOPLE])
        writer.writerows(_rows(rows, random.Random(seed)))


def _rows(count: int, chance: random.Random) -> Iterator[list[str]]:
    articles = [_article(number, chance) for number in range(_ARTICLES)]
    people = [_person(chance) for _number in range(max(1, count * 7 // 10))]  # the others come again
    headers = [*_HEADERS, *_PEOPLE]
    for number in range(count):
        placed = _BEGUN + dt.timedelta(seconds=number * 90 * 86_400 // count)
        said = {
            **chance.choice(articles),
            **chance.choice(people),
            **dict.fromkeys(_MOSTLY_NO, "否"),
            **dict.fromkeys(_ZERO, "0"),
        }
        said |= {
            "订单号": f"{placed:%y%m%d}-{chance.randrange(10**15):015d}\t",
            "订单成交时间": _clock(placed),
            "支付时间": _clock(placed - dt.timedelta(seconds=chance.randint(5, 600))),
            "承诺发货时间": _clock(placed + dt.timedelta(hours=48)),
            "商品数量(件)": "1" if chance.random() < 0.9 else str(chance.randint(2, 5)),
            "团ID": str(chance.randrange(10**13)),
            "团身份": "团长" if chance.random() < 0.8 else "团员",
            "支付ID": f"XP{chance.randrange(10**20):020d}",
            "支付方式": chance.choice(_PAYMENTS),
            "商家实收金额(元)": said["用户实付金额(元)"],
            "售后状态": "无售后或售后取消",
            "买家留言": "请尽快发货，谢谢" if chance.random() < 0.03 else "",
            "商家备注": "已核对" if chance.random() < 0.05 else "",
        }  # fmt: skip
        said |= _shipping(placed, chance)
        yield [said.get(header, "") for header in headers]


def _shipping(placed: dt.datetime, chance: random.Random) -> dict[str, str]:
    """Nine of ten orders are shipped, seven of ten delivered."""
    fate = chance.random()
    if fate > 0.9:
        return {"订单状态": "待发货" if fate > 0.93 else "已取消，退款成功"}
    shipped = placed + dt.timedelta(seconds=chance.randint(3_600, 40 * 3_600))
    carrier, head = chance.choice(_CARRIERS)
    sent = {"发货时间": _clock(shipped), "快递公司": carrier, "快递单号": f"{head}{chance.randrange(10**10):010d}\t"}
    if fate > 0.7:
        return {"订单状态": "已发货，待签收", **sent}
    return {"订单状态": "已签收", "确认收货时间": _clock(shipped + dt.timedelta(hours=chance.randint(40, 120))), **sent}


def _article(number: int, chance: random.Random) -> dict[str, str]:
    price = chance.randint(990, 29_900)
    paid = price - chance.choice((0, 0, 100, 500))
    return {
        "商品": f"秋冬新款羊毛针织开衫外套女宽松百搭款{number // 8}",
        "商品规格": f"{chance.choice(('米白', '雾蓝', '焦糖', '黑色'))} {chance.choice('SML')}",
        "商品id": str(600_000_000_000 + number // 8),
        "样式ID": str(1_400_000_000_000 + number),
        "商品一级类目": "女装/女士精品",
        "商品二级类目": "毛衣/针织衫",
        "商家编码-规格维度": f"KS-{number:04d}",
        "商家编码-商品维度": f"KS-{number // 8:03d}",
        "商品总价(元)": f"{price / 100:.2f}",
        "用户实付金额(元)": f"{paid / 100:.2f}",
        "仓库名称": chance.choice(("义乌一号仓", "广州仓")),
        "订单来源": "普通订单",
    }


def _person(chance: random.Random) -> dict[str, str]:
    province, city, districts, streets = chance.choice(_PLACES)
    door = f"{chance.randint(1, 32)}幢{chance.randint(1, 4)}单元{chance.randint(1, 28)}0{chance.randint(1, 4)}室"
    return {
        "收货人": chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))),
        "手机": f"1{chance.choice('35789')}{chance.randrange(10**9):09d}",
        "省": province,
        "市": city,
        "区": chance.choice(districts),
        "街道/镇": chance.choice(streets),
        "详细地址": f"{chance.choice(_ROADS)}{chance.randint(1, 1_999)}号{chance.choice(_ESTATES)}{door}",
    }


def _clock(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
