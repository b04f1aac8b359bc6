"""What bench_payments_odoo measures, done inside forked Odoo workers, so that each step has a memory of its own."""

import time

import scenes_payments
from meter import Meter
from odoo import Command, fields

AT_ONCE = 500
LONGEST = 3600  # seconds that the way of one batch may take before it counts as lost


def company(env, out, back, count):
    """So many vendors with a verified account and one bill that is due; no batch asks for six eyes."""
    own = scenes_payments.payments(env, out, back)
    env = env(context={**env.context, "allowed_company_ids": [own]})
    journal = env["account.journal"].search([("code", "=", "BILL"), ("company_id", "=", own)])
    payable = env["account.account"].search([("code", "=", "210000"), ("company_ids", "in", [own])])
    made = len(scenes_payments.VENDORS)
    for start in range(made, count, AT_ONCE):
        _bills(env, journal, payable, range(start, min(start + AT_ONCE, count)))
        env.cr.commit()
        env.invalidate_all()


def _bills(env, journal, payable, numbers):
    country = env.ref("base.de").id
    partners = env["res.partner"].create(
        [
            {
                "name": f"Vendor {number} GmbH",
                "is_company": True,
                "property_account_payable_id": payable.id,
                "country_id": country,
                "city": "Berlin",
            }
            for number in numbers
        ]
    )
    env["res.partner.bank"].create(
        [
            {"acc_number": _iban(number), "partner_id": partner.id, "allow_out_payment": True}
            for number, partner in zip(numbers, partners, strict=True)
        ]
    )
    today = fields.Date.context_today(partners)
    env["account.move"].create(
        [
            {
                "move_type": "in_invoice",
                "partner_id": partner.id,
                "journal_id": journal.id,
                "ref": f"B-{number}",
                "invoice_date": today,
                "invoice_date_due": today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": f"B-{number}",
                            "price_unit": (number % 90 + 10) / 100,
                            "quantity": 1,
                            "tax_ids": [],
                            "account_id": journal.default_account_id.id,
                        }
                    )
                ],
            }
            for number, partner in zip(numbers, partners, strict=True)
        ]
    ).action_post()


def _iban(number):
    """A German account of this number with its check digits (ISO 13616)."""
    own = f"37040044{number:010d}"
    return f"DE{98 - int(f'{own}131400') % 97:02d}{own}"


def step(env, name):
    """One step of a batch by whoever it takes, until it is kept."""
    with Meter() as meter:
        scenes_payments._step(env, name)
        env.flush_all()
        env.cr.commit()
    env["fin.audit.seal"]._seal()
    return meter.told()


def leave(env, count):
    """From the release to a file that was validated, put away and read back."""
    env.cr.commit()
    batch, began = scenes_payments._batch(env), time.monotonic()
    with Meter() as meter:
        while batch.state == "released" or batch.run_id.state not in ("done", "held", "failed"):
            env["fin.engine"]._advance("batch")
            env.cr.commit()
            env.invalidate_all()
            assert time.monotonic() - began < LONGEST, batch.run_id.last_error
    run = batch.run_id
    assert (batch.state, run.state, run.delivered, run.reconciliation_state) == ("sent", "done", count, "tied"), (
        batch.state,
        run.state,
        run.last_error,
    )
    return meter.told(bytes=run.payload_ids.size)
