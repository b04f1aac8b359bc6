"""Records that may be one, and which value survives."""

import time

from odoo.addons.finance_integration_governance.core.duplicates import Group, Party, groups, surviving, survivor


def found(*parties):
    return groups(parties)


def test_the_same_vat_number_however_it_is_spelled():
    assert found(Party(1, "A", vat="BE 0477.472.701"), Party(2, "Zed", vat="be0477472701")) == [Group((1, 2), ("vat",))]


def test_the_same_iban_among_several():
    one = Party(1, "A", ibans=("BE68 5390 0754 7034", "X1"))
    assert found(one, Party(2, "B", ibans=("BE68539007547034",)))[0].reasons == ("iban",)


def test_the_same_mail_address():
    assert found(Party(1, "A", email="Info@A.be "), Party(2, "B", email="info@a.be"))[0].reasons == ("email",)


def test_alike_in_name_and_address():
    one = Party(1, "Brouwerij De Haan NV", address="Kerkstraat 12 9000 Gent", country="BE")
    other = Party(2, "Brouwerij De Haan", address="Kerkstraat 12, 9000 Gent", country="BE")
    [group] = found(one, other)
    assert group.reasons == ("alike",)
    assert 88 <= group.score <= 100


def test_alike_in_another_country_or_with_another_number_are_two():
    told = {"name": "Brouwerij De Haan", "address": "Kerkstraat 12 9000 Gent"}
    assert not found(Party(1, country="BE", **told), Party(2, country="NL", **told))
    assert not found(Party(1, vat="BE0477472701", **told), Party(2, vat="BE0428759497", **told))


def test_a_name_alone_has_to_be_the_same():
    assert found(Party(1, "De Haan"), Party(2, "de haan."))
    assert not found(Party(1, "De Haan Gent"), Party(2, "De Haan Brugge"))


def test_nothing_in_common_is_no_group():
    assert not found(Party(1, "A"), Party(2, "B"), Party(3, "", vat="BE"), Party(4, "", vat="BE"))


def test_pairs_that_share_a_record_are_one_group():
    three = (
        Party(1, "A", vat="BE0477472701"),
        Party(2, "B", vat="BE0477472701", email="b@b.be"),
        Party(3, email="b@b.be"),
    )
    assert found(*three) == [Group((1, 2, 3), ("vat", "email"))]


def test_the_record_in_use_survives_else_the_oldest():
    assert survivor([Party(1), Party(2, used=3), Party(3, used=1)]).id == 2
    assert survivor([Party(2), Party(1)]).id == 1


def test_the_survivors_own_value_else_the_one_that_changed_last():
    assert surviving([(1, "x", "2020"), (2, "y", "2024")], 1) == (1, "x", "2020")
    assert surviving([(1, "", "2025"), (2, "y", "2023"), (3, "z", "2024")], 1) == (3, "z", "2024")
    assert surviving([(1, "", "2025")], 1) == (1, None, "")


def test_many_records_take_no_time():
    many = [Party(n, f"Company {n:05}", vat=f"BE{n:010}", address=f"Street {n}", country="BE") for n in range(20_000)]
    began = time.process_time()
    assert not found(*many)
    assert time.process_time() - began < 5
