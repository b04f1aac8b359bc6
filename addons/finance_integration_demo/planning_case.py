"""Three companies and their planning system: actuals out each day, a budget back, datasets behind a signed close, and a
posting that comes too late.
"""

import datetime as dt
import json

from cases import Case
from systems import FOLDERS

TITLE = "Planning: three companies, two currencies, a close that two people sign"
ACTUALS, BUDGETS, DATASETS = "actuals-to-planning", "budgets-from-planning", "datasets-for-readers"
INCOME, COSTS, EXPENSES, PAYABLE = "400000", "500000", "600000", "211000"  # of the generic chart
PLANNED = {INCOME: -40_000, COSTS: 9_500, EXPENSES: 3_200}  # a month, as the ledger counts
COMPANIES = 3
OF_A_MONTH = 3  # datasets: trial balance, subledger, general ledger


def play(stage):
    """The days of a month's close, one after the other."""
    before = [event["id"] for event in _postponed(stage)][-1:]
    _decide_what_waits(stage)
    stage.start(Case(ACTUALS, "three companies, every account and month", expected={"rejected": 0}))
    post(stage, "linden-us", stage.today, "Office chairs", 120)
    travelled = {"delivered": 2, "held": 0, "rejected": 0}
    run = stage.start(Case(ACTUALS, "a day later: only what was posted travels", expected=travelled))
    _look_at_patience(stage, before)
    plans = {"Budget": _budget(stage), "Forecast": _forecast(stage, run)}
    stage.start(Case(DATASETS, "a signature is missing: nothing is published", expected={"received": 0}))
    _look_at(stage, plans)
    signed = _sign(stage)
    untouched = {"delivered": 0, "held": 0, "rejected": 0}
    stage.start(Case(ACTUALS, "what is signed is told as final", expected=untouched, some=("unchanged",)))
    _publish(stage, signed)
    _post_late(stage)
    words = "whoever begins with the manifest is told"
    stage.until(lambda: _manifest(stage)["status"] == "suspended")
    stage.fact("a reader", "Manifest of the trial balance", words, _manifest(stage)["status"], "suspended")
    stage.start(Case(DATASETS, "the next publication has nothing", expected={"received": 0}))
    [seen] = stage.by("operator").read("fin.budget.version", [("id", "=", plans["Forecast"])], ["stale_text"])
    stage.fact("operator", "Forecast", "it stands on actuals that have changed since", seen["stale_text"], month(stage))


def last_day(stage):
    """Of the month that is closed."""
    return stage.today.replace(day=1) - dt.timedelta(days=1)


def month(stage):
    return f"{last_day(stage):%Y-%m}"


# The planning system


def _look_at_patience(stage, before):
    """It asks for patience once after each start: nobody has to do anything, and the run goes on by itself."""
    reasons = [json.loads(event["facts"]).get("reason", "") for event in _postponed(stage, *before)]
    words = "planning answered 429 once, and the run went on"
    stage.fact("auditor", "Runs that waited", words, sum("429" in reason.split() for reason in reasons), 1)


def _postponed(stage, after=0):
    """Every run that was put off after that event, as the log has it."""
    wanted = [("code", "=", "fin.run.postpone"), ("id", ">", after)]
    return stage.by("auditor").read("fin.audit.event", wanted, ["facts"], order="id")


# The ledger


def post(stage, company, day, words, amount):
    """The bookkeeper posts an expense in the company with this code; returns the entry's number."""
    bookkeeper = stage.by("bookkeeper")
    [found] = bookkeeper.read("res.company", [("fin_code", "=", company)], ["id"])
    within = {"context": {"allowed_company_ids": [found["id"]]}}
    [journal] = bookkeeper.call(
        "account.journal", "search", [("type", "=", "general"), ("company_id", "=", found["id"])], limit=1, **within
    )
    accounts = bookkeeper.read("account.account", [("code", "in", (EXPENSES, PAYABLE))], ["code"], **within)
    of = {account["code"]: account["id"] for account in accounts}
    lines = [
        {"name": words, "account_id": of[EXPENSES], "debit": amount},
        {"name": words, "account_id": of[PAYABLE], "credit": amount},
    ]
    entry = {"journal_id": journal, "date": f"{day}", "ref": words, "line_ids": [(0, 0, line) for line in lines]}
    made = bookkeeper.call("account.move", "create", entry, **within)
    bookkeeper.call("account.move", "action_post", [made], **within)
    return bookkeeper.read("account.move", [("id", "=", made)], ["name"])[0]["name"]


# The plans


def _budget(stage):
    """Planning's file fills a draft, and a second person approves exactly these figures; returns the version."""
    year, code = stage.today.year, f"budget-{stage.stem}"
    version = _draft(stage, f"Budget {year}", code, year)
    files = {f"{code}.csv": sheet(code, year)}
    expected = {"delivered": 12 * len(PLANNED), "rejected": 0}
    stage.start(Case(BUDGETS, "a budget that planning has exported", files, expected, folder="planning"))
    stage.by("operator").press("fin.budget.version", "action_submit", version)
    told = stage.refusal("operator", "fin.budget.version", "action_approve", version)
    stage.fact("operator", "Budget", "who worked on it does not approve it", bool(told), True)
    stage.by("approver").press("fin.budget.version", "action_approve", version)
    return version


def _draft(stage, name, code, year, **more):
    vals = {"name": name, "code": code, "date_from": f"{year}-01-01", "date_to": f"{year}-12-31", **more}
    return stage.by("operator").call("fin.budget.version", "create", vals)


def sheet(code, year):
    """The budget of the first company as planning exports it: a row for each account, a column for each month."""
    months = [f"{year}-{number:02d}" for number in range(1, 13)]
    rows = [[code, "linden", account, "EUR", *[amount] * 12] for account, amount in PLANNED.items()]
    total = ["Total", "", "", "", *[sum(PLANNED.values())] * 12]
    table = [["Version", "Company", "Account", "Currency", *months], *rows, total]
    return "\n".join(";".join(map(str, row)) for row in (*table, [])).encode()


def _forecast(stage, run):
    """A forecast that begins with actuals and names the run that told them, approved as well; returns the version."""
    operator, today = stage.by("operator"), stage.today
    [account] = operator.call("account.account", "search", [("code", "=", INCOME)], limit=1)
    line = {"account_id": account, "on": f"{today:%Y-%m}-01", "amount": PLANNED[INCOME]}
    built_on = {"scenario": "mix", "actuals_run_id": run, "actuals_until": f"{last_day(stage)}"}
    name = f"Forecast {today:%Y-%m}"
    version = _draft(stage, name, f"forecast-{stage.stem}", today.year, line_ids=[(0, 0, line)], **built_on)
    operator.press("fin.budget.version", "action_take_actuals", version)
    operator.press("fin.budget.version", "action_submit", version)
    stage.by("approver").press("fin.budget.version", "action_approve", version)
    return version


def _look_at(stage, plans):
    """Every run seals the log first, so by now it proves who said yes to which figures."""
    for name, version in plans.items():
        [seen] = stage.by("viewer").read("fin.budget.version", [("id", "=", version)], ["state", "is_proved"])
        found = [seen["state"], "proved" if seen["is_proved"] else "not proved"]
        stage.fact("viewer", name, "the log proves who approved these figures", found, ["approved", "proved"])


# The close


def _checkpoints(stage):
    """The checkpoint of the month in each company, as the operator sees them."""
    wanted = [("period_id.name", "=", month(stage)), ("code", "=", "trial-balance")]
    return stage.by("operator").read("fin.checkpoint", wanted, ["state", "company_id"], order="company_id")


def _sign(stage):
    """Both signatures wherever one is missing; returns how many companies were signed."""
    missing = [one for one in stage.until(lambda: _checkpoints(stage)) if one["state"] != "signed"]
    for one in missing:
        stage.by("operator").press("fin.checkpoint", "action_sign", one["id"])
        stage.by("approver").press("fin.checkpoint", "action_approve", one["id"])
    states = [one["state"] for one in _checkpoints(stage)]
    words = "each company's trial balance has two signatures"
    stage.fact("approver", f"Close of {month(stage)}", words, states, ["signed"] * COMPANIES)
    return len(missing)


def _publish(stage, signed):
    run = stage.start(Case(DATASETS, "each signed month, whole", expected={"rejected": 0}, some=("delivered",)))
    count = stage.by("viewer").call("fin.dataset", "search_count", [("run_id", "=", run)])
    stage.fact("viewer", "Published datasets", "new editions, behind new signatures", count, OF_A_MONTH * signed)

    told = _manifest(stage)
    there = [(stage.place.files / FOLDERS["demo-readers"] / file["file"]).exists() for file in told["files"]]
    words = "the manifest names the last edition and its file"
    stage.fact("a reader", "Manifest of the trial balance", words, [told["status"], *there], ["published", True])


def _manifest(stage):
    """What a reader of files begins with: the manifest of the first company's trial balance."""
    name = f"trial_balance_linden_{month(stage)}.manifest.json"
    return json.loads((stage.place.files / FOLDERS["demo-readers"] / name).read_text())


def _post_late(stage):
    """A posting in a month that is signed: told by nobody before its owner has said yes."""
    entry = post(stage, "linden", last_day(stage), "Bill that came late", 75)
    held = {"delivered": 0, "held": 2, "rejected": 0}
    run = stage.start(Case(ACTUALS, "a late posting in a signed month", expected=held, held="restatement"))
    raised = [("run_ids", "in", [run]), ("code", "=", "restatement")]
    [case] = stage.by("operator").read("fin.exception", raised, ["shown_text"])
    stage.fact("operator", "Restatement", "the case names the entry behind it", entry in case["shown_text"], True)
    states = [one["state"] for one in _checkpoints(stage) if one["company_id"][1] == "Linden Trading"]
    stage.fact("operator", f"Close of {month(stage)}", "the signature is suspended", states, ["suspended"])
    marks = [("period", "=", month(stage)), ("state", "=", "published"), ("company_id.fin_code", "=", "linden")]
    seen = [one["signature"] for one in stage.by("viewer").read("fin.dataset", marks, ["signature"])]
    words = "readers see that their signature does not hold"
    stage.fact("viewer", "Published datasets", words, seen, ["suspended"] * OF_A_MONTH)


def _decide_what_waits(stage):
    """What last time came too late: the operator asks with a reason, the flow's owner says yes, and it is told."""
    operator, dialog = stage.by("operator"), "fin.exception.resolve"
    waiting = [("code", "=", "restatement"), ("state", "in", ("open", "in_progress"))]
    for case in operator.read("fin.exception", waiting, ["name", "run_ids"]):
        decision = {"exception_id": case["id"], "decision": "waive", "reason": "the bill belongs to that month"}
        operator.press(dialog, "action_decide", operator.call(dialog, "create", decision))
        stage.by("finadmin").press("fin.exception", "action_approve_waiver", case["id"])
        stage.fact("finadmin", case["name"], "the owner says yes to last time's restatement", _told(stage, case), True)


def _told(stage, case):
    """Whether nothing of the case waits any more."""
    held = [("id", "in", case["run_ids"]), ("parent_id", "!=", False), ("state", "!=", "done")]
    return stage.until(lambda: not stage.by("auditor").call("fin.run", "search_count", held))
