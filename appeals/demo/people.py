"""The invented people, merchants and shops of the demo. Phone numbers are of a shape that nobody has been given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from stores.actions import members, people, shops
from stores.enums import AgencyRole, MerchantRole
from stores.models import Merchant, Platform, Store, User

PASSWORD = "demo-2026-lvye"
LVYE, TEA = "绿叶服饰", "山野茶事"


@dataclass(frozen=True)
class Login:
    role: str
    name: str
    login: str


LOGINS = (
    Login(AgencyRole.HANDLER, "林晓岚", "13800000102"),
    Login(AgencyRole.LEAD, "周砚", "13800000101"),
    Login(MerchantRole.OWNER, "陈叶", "13800000111"),
    Login(AgencyRole.ADMINISTRATOR, "管理员", "13800000100"),
    Login(AgencyRole.HANDLER, "何以宁", "13800000103"),
    Login(MerchantRole.STAFF, "小赵", "13800000112"),
    Login(MerchantRole.OWNER, "苏禾", "13800000121"),
)


@dataclass(frozen=True)
class Cast:
    """Everybody and every shop of the demo, by the part they play."""

    administrator: User
    lead: User
    lin: User
    he: User
    owner: User
    staff: User
    tea_owner: User
    pdd: Store
    douyin: Store
    tea_douyin: Store
    tea_taobao: Store


def create() -> Cast:
    """Make them all by the actions an administrator uses. Platforms must be there (load_reference)."""
    admin = _person(None, next(one for one in LOGINS if one.role == AgencyRole.ADMINISTRATOR))
    made = {one.name: _person(admin, one) for one in LOGINS if one.name != admin.name}
    lvye = shops.add_merchant(by=admin, name=LVYE, company_name="示例绿叶服饰有限公司")
    tea = shops.add_merchant(by=admin, name=TEA, company_name="示例山野茶业有限公司")
    pdd = _shop(admin, lvye, "pinduoduo", "绿叶服饰专营店", "DEMO100001", "10000.00")
    douyin = _shop(admin, lvye, "douyin", "绿叶女装旗舰店", "DEMO200001", "20000.00")
    tea_douyin = _shop(admin, tea, "douyin", "山野茶事官方店", "DEMO200002", "20000.00")
    tea_taobao = _shop(admin, tea, "taobao", "山野茶事茶铺", "DEMO300001", "1000.00")
    for person, store in [
        (made["林晓岚"], pdd),
        (made["林晓岚"], douyin),
        (made["何以宁"], douyin),
        (made["何以宁"], tea_douyin),
        (made["何以宁"], tea_taobao),
    ]:
        people.assign(by=admin, user=person, store=store)
    members.add(by=admin, user=made["陈叶"], merchant=lvye, role=MerchantRole.OWNER)
    members.add(by=admin, user=made["小赵"], merchant=lvye, role=MerchantRole.STAFF, shops=[pdd])
    members.add(by=admin, user=made["苏禾"], merchant=tea, role=MerchantRole.OWNER)
    return Cast(
        admin, made["周砚"], made["林晓岚"], made["何以宁"], made["陈叶"], made["小赵"], made["苏禾"],
        pdd, douyin, tea_douyin, tea_taobao,
    )  # fmt: skip


def _person(admin: User | None, one: Login) -> User:
    role = one.role if one.role in AgencyRole.values else ""
    return people.create_person(by=admin, name=one.name, phone=one.login, agency_role=role, password=PASSWORD)


def _shop(admin: User, merchant: Merchant, platform: str, name: str, number: str, deposit: str) -> Store:
    on = Platform.objects.get(code=platform)
    return shops.add_shop(
        by=admin, merchant=merchant, platform=on, name=name, external_id=number, deposit_amount=Decimal(deposit)
    )
