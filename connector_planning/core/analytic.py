"""How one journal item's amount is shared out over the members of analytic plans.

A distribution is what Odoo stores: {"12": 60, "13,45": 40} says that 60 % go to account 12, and 40 % to 13 and 45
together. Shares of one item always add up to one, so that figures by plan add up to the ledger: what no plan takes, and
what is given away more than once, stands under no member.
"""

import json
from decimal import Decimal
from itertools import product

ONE = Decimal(1)


def shares(distribution, plan_of, plans):
    """[(members by plan, share)] of a distribution (JSON text or None). `plan_of`: account id -> (plan, member).

    Members are None where a plan has nothing. Keys that speak of the same plan share out together; keys that speak of
    different plans share out the same amount, each by its own plan.
    """
    told = [(_members(key, plan_of, plans), share) for key, share in _read(distribution).items()]
    told = [(members, share) for members, share in told if members]
    found = {}
    for parts in product(*map(_whole, _groups(told))):
        members = {plan: member for named, _share in parts for plan, member in named.items()}
        place = tuple(members.get(plan) for plan in plans)
        share = ONE
        for _named, part in parts:
            share *= part
        found[place] = found.get(place, Decimal()) + share
    return [(place, share) for place, share in found.items() if share]


def _read(distribution):
    told = json.loads(distribution, parse_float=Decimal, parse_int=Decimal) if distribution else {}
    return {key: Decimal(percentage) / 100 for key, percentage in told.items()}


def _members(key, plan_of, plans):
    """plan -> member of the accounts in a key such as "13,45", for the plans that are asked for."""
    known = (plan_of.get(int(account)) for account in key.split(",") if account.strip().isdigit())
    return {plan: member for plan, member in filter(None, known) if plan in plans}


def _groups(told):
    """The keys in groups that have no plan in common."""
    groups = []
    for entry in told:
        touching = [group for group in groups if any(named.keys() & entry[0].keys() for named, _share in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([one for group in touching for one in group] + [entry])
    return groups


def _whole(group):
    """The group with what is left of one: under no member."""
    left = ONE - sum((share for _named, share in group), Decimal())
    return [*group, ({}, left)] if left else group


def spelled(place, plans):
    """Members of plans as one text that a key can hold: plan=member;plan=member."""
    return ";".join(f"{_safe(plan)}={_safe(member)}" for plan, member in zip(plans, place, strict=True) if member)


def read(text):
    """plan -> member of a spelled place."""
    pairs = (part.split("=", 1) for part in text.split(";")) if text else ()
    return {_plain(plan): _plain(member) for plan, member in pairs}


def plans_of(places):
    """The plans that spelled places speak of, in order.

    >>> plans_of(["Project=P1;Department=Sales", "Department=Legal"])
    ('Department', 'Project')
    """
    return tuple(sorted({plan for place in places for plan in read(place)}))


_MARKS = (("%", "%25"), (";", "%3B"), ("=", "%3D"), ("|", "%7C"))


def _safe(text):
    for mark, written in _MARKS:
        text = text.replace(mark, written)
    return text


def _plain(text):
    for mark, written in reversed(_MARKS):
        text = text.replace(written, mark)
    return text
