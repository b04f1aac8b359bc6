from odoo.addons.finance_integration_governance.core.duties import CONFLICTS, ROLES, conflicts, together, told


def test_every_conflict_is_a_pair_of_known_roles_and_stands_once():
    assert {role for pair in CONFLICTS for role in pair} <= set(ROLES)
    assert len({frozenset(pair) for pair in CONFLICTS}) == len(CONFLICTS)


def test_who_proposes_and_approves_is_in_conflict():
    assert conflicts({"propose", "approve"}) == [("approve", "propose")]
    assert conflicts({"propose", "operate"}) == []
    assert told(conflicts({"approve", "grant", "technical"})) == "approve + grant; approve + technical"


def test_two_logins_of_one_person_are_one_person():
    people = [("Ann", "ann", {"propose"}), ("Bob", "bob", {"approve"}), ("Ann", "ann2", {"approve"})]
    found = together(people)
    assert found == {"Ann": (["ann", "ann2"], {"propose", "approve"}), "Bob": (["bob"], {"approve"})}
    assert conflicts(found["Ann"][1]) == [("approve", "propose")]
