"""Masks: what stays readable of a name, a phone number, an address and free text, and what never does."""

import re

import pytest

from casemgr.kit.privacy import (
    drop_sensitive,
    is_masked,
    is_virtual,
    mask_address,
    mask_name,
    mask_phone,
    scrub,
    split_phone,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧***"),
        ("张", "*"),
        ("John Smith", "J***"),
        ("张三[1234]", "张*"),
        ("阿卜杜拉•买买提", "阿***"),
        ("张**", "张**"),
        ("李*明", "李*明"),
        ("张**13800001234", "张***"),
        ("", ""),
    ],
)
def test_name_shows_its_first_character_and_a_masked_one_is_kept(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138******34"),
        ("+86 13800001234", "138******34"),
        ("138 0000 1234", "138******34"),
        ("１３８００００１２３４", "138******34"),
        ("0571-88886666", "057*******66"),
        ("18412345678-1234", "184******78-****"),
        ("12345", "******"),
        ("微信abc", "******"),
        ("", ""),
    ],
)
def test_phone_hides_at_least_six_digits(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize("phone", ["138****1234", "0571****6666", "138****1234-5678", "1**********"])
def test_phone_masked_by_the_platform_is_kept_as_it_came(phone):
    assert mask_phone(phone) == phone


@pytest.mark.parametrize("phone", ["13800001234*", "*13800001234", "138 0000 1234 *", "1380000****1234"])
def test_phone_with_a_mask_that_hides_too_little_is_masked_again(phone):
    assert mask_phone(phone) == "138" + "*" * (len(re.sub(r"\D", "", phone)) - 3)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("浙江省杭州市余杭区五常街道文一西路969号3幢2单元501室", "浙江省杭州市余杭区五常街道****"),
        ("浙江省 杭州市 余杭区 五常街道 文一西路969号", "浙江省 杭州市 余杭区 五常街道****"),
        ("北京市朝阳区建国路88号现代城市广场", "北京市朝阳区****"),
        ("江苏省苏州市昆山市玉山镇前进路1号", "江苏省苏州市昆山市玉山镇****"),
        ("内蒙古自治区锡林郭勒盟锡林浩特市希日塔拉街道1号", "内蒙古自治区锡林郭勒盟锡林浩特市希日塔拉街道****"),
        ("浙江省杭州市绿城小区3幢", "浙江省杭州市****"),
        ("杭州余杭文一西路969号", "****"),
        ("三单元五零一室", "****"),
        ("12 Main St, Apt 4", "****"),
        ("浙江省杭州市余杭区五常街道", "浙江省杭州市余杭区五常街道"),
        ("浙江省杭州市余杭区**街道****", "浙江省杭州市余杭区**街道****"),
        ("浙江省杭州市余杭区文一西路***3幢2单元501室", "浙江省杭州市余杭区****"),
        ("浙江省杭州市余杭区**小区501", "浙江省杭州市余杭区****"),
        ("", ""),
    ],
)
def test_address_shows_down_to_the_street_and_never_a_door(address, shown):
    assert mask_address(address) == shown


@pytest.mark.parametrize("text", ["张**", "138****1234", "张×", "＊＊路", "••明", "●●"])
def test_mask_signs_of_platforms_are_known(text):
    assert is_masked(text)


@pytest.mark.parametrize("text", ["张三", "13800001234", "阿卜杜拉•买买提", ""])
def test_clear_text_is_not_taken_for_masked(text):
    assert not is_masked(text)


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("13800001234", "13800001234", ""),
        ("+8613800001234", "13800001234", ""),
        ("0571-88886666", "057188886666", ""),
        ("18412345678-1234", "18412345678", "1234"),
        ("17500000000_6603", "17500000000", "6603"),
        ("13800001234转1234", "13800001234", "1234"),
        ("13800001234，1234", "13800001234", "1234"),
        ("13800001234#1234", "13800001234", "1234"),
        ("138****1234", "", ""),
        ("12345", "", ""),
        ("138000012345", "", ""),
    ],
)
def test_phone_is_split_from_its_extension(text, number, extension):
    assert split_phone(text) == (number, extension)


@pytest.mark.parametrize(
    ("text", "virtual"),
    [("18412345678-1234", True), ("95013123456789", True), ("13800001234", False), ("0571-88886666", False)],
)
def test_number_of_the_platform_is_known_as_virtual(text, virtual):
    assert is_virtual(text) is virtual


IDENTITY = "11010519491231002X"  # the specimen of GB 11643


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请联系13800001234，谢谢", "请联系138******34，谢谢"),
        ("tel:+86-13800001234", "tel:+86-138******34"),
        ("138 0000 1234", "138 **** **34"),
        ("座机0571-88886666", "座机05**-******66"),
        ("电话１３８００００１２３４", "电话１３８******３４"),
        (f"身份{IDENTITY}。", "身份" + "*" * 18 + "。"),
        ("银行卡号：6222021234567890123", "银行卡号：" + "*" * 19),
        ("订单号：13800001234", "订单号：13800001234"),
        ("下单13800001234", "下单138******34"),
        (
            "订单3304375611452180770、260102-123456789012345已发货",
            "订单3304375611452180770、260102-123456789012345已发货",
        ),
        ("运单YT1380000123456", "运单YT1380000123456"),
        ("110105194912310021", "110105194912310021"),
        ("", ""),
    ],
)
def test_free_text_loses_phones_and_identities_and_keeps_order_numbers(text, shown):
    assert scrub(text) == shown


def test_columns_of_identity_and_bank_are_dropped_and_others_kept():
    sensitive = {"身份证号", "买家支付宝账号", "收款账户", "银行卡号", "开户行", "证件号码", "Bank Account", "ID card"}
    kept = {
        "订单编号",
        "买家会员名",
        "收货人姓名",
        "支付单号",
        "联系手机",
        "发票抬头",
        "会员卡号",
        "Blank",
        "支付宝交易号",
    }
    assert drop_sensitive(sensitive | kept) == sensitive
