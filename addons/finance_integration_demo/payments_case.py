"""Bills that are due: prepared, approved and released by three people, sent to the bank, and what the bank answers."""

from decimal import Decimal

from cases import Case
from payment_answer import answer, read

TITLE = "Payments: three people, one file to the bank, and its answer"
PAYMENTS, ANSWERS = "payments-to-the-bank", "answers-on-payments"
REFUSED = "Vienna Couriers"  # its account is closed, as the bank will say
BILLS = {"Utrecht Paper Mill": 640.50, "Brussels Power Works": 1_190.00, REFUSED: 85.20}
BATCH = "fin.payment.batch"


def play(stage):
    """From the bills to the bank's answer. What the bank refused last time is due again, and comes along."""
    bills = _enter_bills(stage)
    batch = _propose(stage)
    _approve(stage, batch)
    case = Case(PAYMENTS, "one file with three payments", expected=_all(len(BILLS)), amount=_amount(stage, batch))
    stage.expect(case)
    stage.by("sender").press(BATCH, "action_release", batch)
    stage.watch.wait(case)
    ordered = read(_file(stage, batch))
    paid = sorted(ordered.payments.values())
    stage.fact("bank", "The file on its server", "it names whom the bills are from", paid, sorted(BILLS))
    files = {f"{stage.stem}-answer.xml": answer(ordered, REFUSED).encode()}
    words = "two payments are settled, one is refused"
    stage.start(Case(ANSWERS, words, files, {"rejected": 0, "held": 0}, some=("delivered",), folder="bank/answers"))
    _look(stage, batch, bills, ordered)


def _all(count):
    return {"delivered": count, "held": 0, "rejected": 0}


def _enter_bills(stage):
    """The bookkeeper's bills, due today: supplier -> id."""
    bookkeeper, today = stage.by("bookkeeper"), f"{stage.today}"
    bills = {}
    for number, (name, amount) in enumerate(BILLS.items(), 1):
        [supplier] = bookkeeper.call("res.partner", "search", [("name", "=", name)], limit=1)
        line = {"name": "As ordered", "price_unit": amount, "quantity": 1, "tax_ids": [(6, 0, [])]}
        bill = {"move_type": "in_invoice", "partner_id": supplier, "ref": f"{stage.stem}-{number}"}
        bill |= {"invoice_date": today, "invoice_date_due": today, "invoice_line_ids": [(0, 0, line)]}
        bills[name] = bookkeeper.call("account.move", "create", bill)
    bookkeeper.call("account.move", "action_post", list(bills.values()))
    return bills


def _propose(stage):
    """The preparer's batch of what is due, submitted; its id."""
    preparer = stage.by("preparer")
    wanted = [("code", "=", "BNK1"), ("company_id.fin_code", "=", "linden")]
    [journal] = preparer.call("account.journal", "search", wanted)
    wizard = preparer.call("fin.payment.propose", "create", {"journal_id": journal})
    batch = preparer.press("fin.payment.propose", "action_propose", wizard)["res_id"]
    preparer.call(BATCH, "write", [batch], {"note": "Weekly payments"})
    preparer.press(BATCH, "action_submit", batch)
    return batch


def _approve(stage, batch):
    told = stage.refusal("preparer", BATCH, "action_approve", batch)
    stage.fact("preparer", "Payment batch", "who prepared it does not approve it", bool(told), True)
    stage.by("payapprover").press(BATCH, "action_approve", batch)
    stage.fact("payapprover", "Payment batch", "a second person says yes", _state(stage, batch), "approved")
    told = stage.refusal("payapprover", BATCH, "action_release", batch)
    stage.fact("payapprover", "Payment batch", "who approved it does not release it", bool(told), True)


def _amount(stage, batch):
    [seen] = stage.by("auditor").read(BATCH, [("id", "=", batch)], ["amount"])
    return Decimal(f"{seen['amount']:.2f}")


def _state(stage, batch):
    return stage.by("auditor").read(BATCH, [("id", "=", batch)], ["state"])[0]["state"]


def _file(stage, batch):
    """The file on the bank's server that names this batch."""
    [seen] = stage.by("auditor").read(BATCH, [("id", "=", batch)], ["name"])
    [path] = (stage.place.bank / "in").glob(f"{seen['name']}-*.xml")
    return path.read_bytes()


def _look(stage, batch, bills, ordered):
    """What people see after the answer."""
    stage.fact("preparer", "Payment batch", "part of it is paid", _state(stage, batch), "partly")
    seen = stage.by("bookkeeper").read("account.move", [("id", "in", list(bills.values()))], ["payment_state"])
    states = {one["id"]: one["payment_state"] for one in seen}
    open_again = [name for name, bill in bills.items() if states[bill] == "not_paid"]
    stage.fact("bookkeeper", "Bills", "the one that the bank refused is open again", open_again, [REFUSED])
    refused = next(one for one, name in ordered.payments.items() if name == REFUSED)
    cases = stage.by("operator").read("fin.exception", [("code", "=", "payment_rejected")], ["shown_text", "state"])
    mine = [case["state"] for case in cases if refused in case["shown_text"]]
    stage.fact("operator", "Exception", "a case with an owner says why", mine, ["open"])
