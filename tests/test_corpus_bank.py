"""Published, changed and hostile camt.053 files through the whole pipeline into Odoo, held against the oracle.

Each file is booked as the independent reader says, in rows, sums and balances, or refused or held for a fact that the
oracle records; imported twice, nothing is booked twice. FIG_SAMPLES names the folder; `pytest -s` prints file and fact.
"""

import sys
from collections import Counter
from decimal import Decimal

import harness
import pytest

sys.path.insert(0, str(harness.ROOT / "connector_bank" / "core" / "tests"))
from oracle import ATTACKS, BROKEN, CHANGED, PUBLISHED, SAMPLES, facts, oracle

pytestmark = pytest.mark.slow
VERDICTS = Counter()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    database = harness.Database("fig_corpus", tmp_path_factory.mktemp("corpus")).create().configure()
    worker = harness.Worker(database)
    flow = worker.result("scenes_bank:flow_of_samples", folder=str(database.inbox))
    yield {"database": database, "worker": worker, "flow": flow}
    worker.stop()
    database.drop()


def play(world, name, told):
    """(first import, second import) of the file, with a journal for each account that the oracle names."""
    worker, flow = world["worker"], world["flow"]
    worker.do("scenes_bank:name_accounts", flow_id=flow, accounts=accounts_of(told))
    before = worker.result("scenes:lines")[0]
    both = []
    for number in (1, 2):
        world["database"].put(f"{number}.xml", (SAMPLES / name).read_bytes())
        both.append(worker.result("scenes_bank:import_now", flow_id=flow))
    worker.do("scenes_bank:forget", flow_id=flow)
    return before, *both


def accounts_of(told):
    """(number, currency) pairs: the currency of the balances, which is the account's."""
    pairs = set()
    for statement in told.get("stmts", []):
        currencies = {balance["ccy"] for balance in statement["balances"]} or {statement["account_ccy"] or "EUR"}
        pairs |= {(statement["account"], currency) for currency in currencies}
    return sorted(pairs)


def verdict(told, first):
    """(kind, fact) as in the core's corpus test, from what stands in Odoo."""
    known = ", ".join(sorted(facts(told)))
    if first["state"] == "failed":
        return "wrong", f"failed: {first['error']}"
    if "refused" in first["readings"]:
        booked = [document for document in first["documents"] if document[1] == "delivered"]
        kind = "refused" if known and not booked else "wrong"
        return kind, f"{', '.join(first['codes'])} [{known}]"
    if any(document[1] not in ("delivered", "duplicate") for document in first["documents"]):
        return ("held" if known else "wrong"), f"{', '.join(first['codes'])} [{known}]"
    wrong = list(differences(told["stmts"], first))
    return ("wrong", "; ".join(wrong)) if wrong else ("right", f"{told['leaf_rows']} rows")


def differences(expected, first):
    """Where Odoo does not hold what the oracle says; a statement that the file tells twice is there once."""
    if len(first["documents"]) != len(expected):
        yield f"{len(first['documents'])} statements, not {len(expected)}"
        return
    for (key, outcome, _account, opening, closing), statement in zip(first["documents"], expected, strict=True):
        if outcome == "duplicate":
            continue
        entries = [entry for entry in first["entries"] if entry[0] == key and entry[1] == "delivered"]
        if sum(entry[3] for entry in entries) != statement["leaf_rows"]:
            yield f"{sum(entry[3] for entry in entries)} rows, not {statement['leaf_rows']}"
        sums = {entry[4]: {"credit": Decimal(entry[5]), "debit": Decimal(entry[6])} for entry in entries}
        if sums != {currency: _decimals(both) for currency, both in statement["by_currency"].items()}:
            yield f"sums {sums}, not {statement['by_currency']}"
        yield from _balances(statement, opening, closing)


def _decimals(both):
    return {side: Decimal(value) for side, value in both.items()}


def _balances(statement, opening, closing):
    for held, codes, place in ((opening, ("OPBD", "PRCD"), 0), (closing, ("CLBD",), -1)):
        for code in codes:
            told = [Decimal(balance["amount"]) for balance in statement["balances"] if balance["code"] == code]
            if told:
                if Decimal(held) != told[place]:
                    yield f"{code} {held}, not {told[place]}"
                break


def assert_nothing_twice(before, first, second):
    """The second import books nothing that the first one booked: what was held or refused is held or refused again."""
    booked = sum(entry[2] for entry in first["entries"] if entry[1] == "delivered")
    assert (first["lines"], second["lines"]) == (before + booked, before + booked)
    assert {outcome for _key, outcome, *_more in second["documents"]} <= {"duplicate", "open", "rejected"}
    assert {entry[1] for entry in second["entries"]} <= {"duplicate", "open", "rejected"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_is_booked_right_or_held_for_a_fact(world, name):
    told = oracle("camt.053")[name]
    before, first, second = play(world, name, told)
    kind, fact = verdict(told, first)
    VERDICTS[kind] += 1
    print(f"{kind:8} {name}: {fact}")
    assert kind != "wrong", fact
    assert_nothing_twice(before, first, second)


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_form_books_the_same(world, name):
    source = oracle("derived")[name]["derived_from"]
    told = oracle("camt.053").get(source, {})
    before, first, second = play(world, name, told)
    if source.startswith("camt.052"):
        assert (first["codes"], first["lines"]) == (["other_message"], before)
        return
    kind, fact = verdict(told, first)
    print(f"{kind:8} {name}: {fact}")
    assert kind != "wrong", fact
    assert_nothing_twice(before, first, second)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_or_held_as_the_oracle_expects(world, name):
    expectation = oracle("derived")[name]
    told = oracle("camt.053")[expectation["derived_from"]]
    before, first, second = play(world, name, told)
    is_booked = first["lines"] > before
    print(f"{'booked' if is_booked else first['state']:8} {name}: {first['codes'] or expectation['expectation']}")
    assert is_booked is not any(word in expectation["expectation"] for word in ("refuse", "quarantine"))
    assert is_booked or first["state"] == "held"
    assert_nothing_twice(before, first, second)


def test_s01_attacks_are_kept_refused_and_owned(world):
    before = world["worker"].result("scenes:lines")
    for number, name in enumerate(ATTACKS):
        world["database"].put(f"{number}.xml", (SAMPLES / name).read_bytes())
    told = world["worker"].result("scenes_bank:import_now", flow_id=world["flow"])
    assert told["readings"] == ["refused"] * len(ATTACKS)
    assert (told["state"], told["documents"], told["entries"]) == ("held", [], [])
    assert world["worker"].result("scenes:lines") == before


def test_most_published_files_are_booked():
    print(f"published files in Odoo: {dict(VERDICTS)}")
    assert VERDICTS["wrong"] == 0
    assert VERDICTS["right"] >= len(PUBLISHED) // 2 or sum(VERDICTS.values()) < len(PUBLISHED)
