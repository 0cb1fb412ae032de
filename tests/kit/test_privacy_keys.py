"""Keyed hashes of recipients: which keys an order has, what makes two equal, and what must never meet."""

import hashlib

import pytest

from casemgr.kit.privacy import (
    KEY_STRENGTH,
    KeyedHash,
    masked_key_parts,
    merchant_key,
    normalise_address,
    recipient_keys,
)

HASHER = KeyedHash(merchant_key("a secret of the installation", "M-7K2M9Q"))
PLACE = {"province": "浙江省", "city": "杭州市", "district": "余杭区", "street": "五常街道"}
FULL = {
    "recipient_token": "oa1",
    "buyer_id": "tb昂",
    "recipient_name": "张三",
    "recipient_phone": "13800001234",
    **PLACE,
    "address": "文一西路969号3幢2单元501室",
}


def keys(platform: str = "taobao", **changed: str) -> dict[str, str]:
    return recipient_keys({**FULL, **changed}, HASHER, platform=platform)


def test_order_with_everything_has_every_key_strongest_first():
    found = keys()
    assert list(found) == KEY_STRENGTH
    assert all(len(key) == 32 and int(key, 16) >= 0 for key in found.values())
    assert len(set(found.values())) == len(KEY_STRENGTH)


def test_hash_is_keyed_blake2b_of_its_kind():
    expected = hashlib.blake2b(
        b"13800001234", key=merchant_key("s", "M-1"), digest_size=16, person=b"phone"
    ).hexdigest()
    hasher = KeyedHash(merchant_key("s", "M-1"))
    assert [hasher.hash("phone", "13800001234") for _time in range(2)] == [expected] * 2
    assert hasher.hash("account", "13800001234") != expected


def test_hashes_of_two_merchants_and_of_two_secrets_never_meet():
    hashes = {
        KeyedHash(merchant_key(secret, code)).hash("phone", "13800001234")
        for secret in ("one", "two")
        for code in ("M-1", "M-2")
    }
    assert len(hashes) == 4


@pytest.mark.parametrize(("secret", "code"), [("", "M-1"), ("s", "")])
def test_key_without_secret_or_merchant_is_refused(secret, code):
    with pytest.raises(ValueError, match="a key needs a secret and a merchant"):
        merchant_key(secret, code)


@pytest.mark.parametrize("phone", ["18412345678-1234", "138****1234", "95013123456789", "", "-", "4001234567", "无"])
def test_phone_that_proves_nothing_gives_no_phone_key(phone):
    assert "phone" not in keys(recipient_phone=phone)


def test_phone_is_one_key_in_all_its_spellings():
    spellings = ["13800001234", "+86 13800001234", "8613800001234", " １３８００００１２３４ "]
    assert len({keys(recipient_phone=phone)["phone"] for phone in spellings}) == 1


def test_account_belongs_to_its_platform_and_is_none_when_masked():
    assert keys("taobao")["account"] == keys("tmall")["account"] != keys("douyin")["account"]
    assert keys("taobao")["token"] != keys("pinduoduo")["token"]
    assert "account" not in keys(buyer_id="t**昂")


SPELLINGS = [
    "文一西路969号3幢2单元501室",
    "文一西路969号3号楼2单元501",
    "文一西路９６９号三栋二单元501室[1234]",
    "浙江省杭州市余杭区五常街道 文一西路969号，3座2单元501室",
    "五常街道文一西路969号 3-2-501",
    "杭州余杭文一西路969号3#楼2单元501室(310000)",
]


def test_address_is_one_key_in_six_spellings():
    assert len({keys(address=spelling)["address"] for spelling in SPELLINGS}) == 1


def test_address_in_one_column_meets_the_one_in_five():
    whole = {**FULL, **dict.fromkeys(PLACE, ""), "address": "浙江省 杭州市 余杭区 五常街道 " + SPELLINGS[0]}
    found = recipient_keys(whole, HASHER, platform="taobao")
    assert found == keys()


@pytest.mark.parametrize(
    "other", ["文一西路969号3幢2单元502室", "文一西路969-3号2单元501室", "文二西路969号3幢2单元501室"]
)
def test_another_door_is_another_key(other):
    assert keys(address=other)["address"] != keys()["address"]


def test_same_village_name_in_two_towns_stays_apart():
    places = {"province": "浙江省", "city": "杭州市", "district": "余杭区"}
    towns = {normalise_address("张家村3组8号", **places, street=town) for town in ("径山镇", "瓶窑镇")}
    assert towns == {"余杭区径山镇|张家村3组8号", "余杭区瓶窑镇|张家村3组8号"}


@pytest.mark.parametrize("address", ["文一西路***", "张家村", "", "-", "浙江省杭州市余杭区"])
def test_address_masked_or_too_coarse_gives_no_address_key(address):
    assert "address" not in keys(address=address)


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [("三十二号", "32号"), ("十号", "10号"), ("二十号", "20号"), ("一百零三号", "103号"), ("五零一室", "501室")],
)
def test_numerals_of_an_address_become_digits(numeral, digits):
    assert normalise_address("学院路" + numeral, district="西湖区") == "西湖区|学院路" + digits


@pytest.mark.parametrize(
    ("name", "phone"),
    [("张三", "13800001234"), ("张**", "138****1234"), ("张*丰", "138*****1234"), ("张三[1234]", "+86 13800001234")],
)
def test_clear_and_masked_orders_of_one_person_share_the_masked_key(name, phone):
    assert masked_key_parts(name, phone, "余杭区") == ("张*", "138", "1234", "余杭区")
    assert keys(recipient_name=name, recipient_phone=phone)["masked"] == keys()["masked"]


@pytest.mark.parametrize(
    ("name", "phone", "place"),
    [
        ("", "138****1234", "余杭区"),
        ("张**", "", "余杭区"),
        ("张**", "138********", "余杭区"),
        ("张**", "138****1234", ""),
        ("**", "138****1234", "余杭区"),
        ("张三", "18412345678-1234", "余杭区"),
        ("张三", "0571-88886666", "余杭区"),
    ],
)
def test_masked_pair_alone_proves_nothing(name, phone, place):
    assert masked_key_parts(name, phone, place) is None


def test_name_masked_at_its_start_keeps_its_end():
    assert masked_key_parts("*明", "138****1234", "余杭区") == ("*明", "138", "1234", "余杭区")


def test_area_is_a_street_or_district_and_never_a_city():
    bare = dict.fromkeys(FULL, "")
    assert recipient_keys({**bare, "province": "浙江省", "city": "杭州市"}, HASHER, platform="pinduoduo") == {}
    by_street = recipient_keys({**bare, **PLACE}, HASHER, platform="pinduoduo")
    by_district = recipient_keys({**bare, **PLACE, "street": ""}, HASHER, platform="pinduoduo")
    assert list(by_street) == list(by_district) == ["area"]
    assert by_street["area"] != by_district["area"]


def test_area_of_a_municipality_is_one_with_and_without_its_filler():
    bare = dict.fromkeys(FULL, "")
    spellings = [("北京市", "市辖区"), ("北京", "北京市"), ("北京市", "")]
    areas = {
        recipient_keys({**bare, "province": p, "city": c, "district": "朝阳区"}, HASHER, platform="jd")["area"]
        for p, c in spellings
    }
    assert len(areas) == 1


def test_order_without_a_person_has_no_keys():
    assert recipient_keys({}, HASHER, platform="pinduoduo") == {}
    assert recipient_keys(dict.fromkeys(FULL), HASHER, platform="pinduoduo") == {}
