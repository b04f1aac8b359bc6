"""Payments in a headless Chromium: prepared, approved and released by three people, a file on the bank's SFTP server,
and the bank's answer from there.
"""

import os
import re
import time

import harness
import pytest

browser = pytest.importorskip("browser", reason="playwright is not installed")
from test_browser import World, screens  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

STATUS = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2026-11-25T06:10:00+01:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}-1</OrgnlPmtInfId>
<TxInfAndSts><OrgnlEndToEndId>{first}</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>{second}</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""


PASSWORD = "canary-bank-password"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payments")
    database = harness.Database("fig_browser_payments", folder).create().configure()
    outbox, reports = folder / "bank" / "in", folder / "bank" / "out"
    for place in (outbox, reports):
        place.mkdir(parents=True)
    os.environ["FIN_BANK_PASSWORD"] = PASSWORD
    with harness.double("sftp_server.py", "--root", folder / "bank", "--user", "bank", "--password", PASSWORD) as bank:
        known = {"credentials": "conf:bank_password", "hostkey": bank["hostkey"]}
        out, back = ({"location": f"{bank['url']}{name}", **known} for name in ("in", "out"))
        worker = harness.Worker(database)
        worker.do("scenes_payments:payments", out=out, back=back)
        worker.stop()
        with harness.Server(database) as server, browser.launched() as chromium:
            there = World(database, server, chromium, folder / "screenshots")
            there.outbox, there.reports = outbox, reports
            yield there
    database.drop()


def batch(world):
    return world.database.sql("SELECT name, state FROM fin_payment_batch")[0]


def test_payments_from_the_bill_to_the_banks_no(world):
    """Prepare, approve as a second person, release as a third; a reject opens its bill again and raises a case."""
    paula = world.person("paula")
    paula.menu("Bank", "Payment batches")
    paula.press("New proposal")
    paula.press("action_propose", ".modal")
    paula.sees("Paper Mill", ".o_form_view")
    paula.fill("note", "no statement yet")
    paula.press("action_submit")
    paula.state("Waits for approval")
    name, _state = batch(world)

    anton = world.person("anton")
    anton.menu("Bank", "Payments to approve")
    anton.open_row(name)
    anton.sees("never before", ".o_form_view")
    anton.press("action_approve")
    anton.confirm_identity()
    anton.state("Approved")
    assert anton.page.locator("button[name=action_release]:visible").count() == 0
    time.sleep(2)  # the log is sealed behind it

    sven = world.person("sven")
    sven.menu("Bank", "Payment batches")
    sven.open_row(name)
    sven.press("action_release")
    sven.confirm_identity()
    world.wait(lambda: batch(world)[1] == "sent")
    [path] = world.outbox.iterdir()  # of the server, where the bank would fetch it
    content = path.read_text()
    assert content.count("<CdtTrfTxInf>") == 2

    [message] = re.findall(r"<GrpHdr>\s*<MsgId>([^<]+)", content)
    first, second = re.findall(r"<EndToEndId>([^<]+)", content)
    report = world.reports / "status.xml"
    report.write_text(STATUS.format(message=message, first=first, second=second))
    os.utime(report, (harness.LONG_AGO, harness.LONG_AGO))
    worker = harness.Worker(world.database)
    worker.do("scenes_payments:status_now")
    worker.stop()
    world.wait(lambda: batch(world)[1] == "partly")
    open_again = "SELECT amount_residual FROM account_move WHERE ref = 'BILL-2' AND move_type = 'in_invoice'"
    assert [float(row[0]) for row in world.database.sql(open_again)] == [200.0]
    cases = "SELECT count(*) FROM fin_exception WHERE state = 'open' AND code = 'payment_rejected'"
    assert world.database.sql(cases) == [(1,)]

    sven.reload()
    sven.state("Partly")
    sven.tab("Timeline")
    sven.sees("AC04")
