"""A batch of 10,000 payments to a file that is valid against its XSD, and the file checked and read again.

Canonical objects come one after the other, as the engine gives them; what is measured is serialize with its validation,
and beside it the checks that come before a file leaves.
"""

import datetime as dt
import io
import os
import sys
import uuid
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import core_namespaces  # noqa: E402, F401 - the addons' names without Odoo
from meter import Meter, figure, median  # noqa: E402

from odoo.addons.connector_bank.core.pain_check import check  # noqa: E402
from odoo.addons.connector_bank.core.pain_schema import can_validate, validate  # noqa: E402
from odoo.addons.connector_bank.core.payment import Payment  # noqa: E402
from odoo.addons.connector_bank.core.payment_pain001 import Pain001Files  # noqa: E402

SIZE = int(os.environ.get("BENCH_PAYMENTS", "10000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def payments(count):
    """Credit transfers as bills make them: half of them with letters that SEPA does not take."""
    for number in range(count):
        yield Payment(
            batch="PAY-000001",
            batched_at="2026-11-22T21:30:00Z",
            kind="credit",
            scheme="sepa",
            end_to_end_id=f"PAY-000001-{number}",
            uetr=str(uuid.UUID(int=number, version=4)),
            execute_on=dt.date(2026, 11, 25),
            amount=Decimal(number % 90_000 + 1) / 100 + 10,
            currency="EUR",
            own_account="DE89370400440532013000",
            own_name="Example GmbH",
            own_bic="COBADEFFXXX",
            own_country="DE",
            own_town="Berlin",
            other_account="FR1420041010050500013M02606",
            other_name=f"Supplier {number}" if number % 2 else f"Société Générale № {number}",
            other_country="FR",
            other_town="Paris",
            other_street="Rue de l'Exemple",
            other_building=str(number % 200),
            other_postcode="75001",
            text=f"Invoices BILL/2026/{number:05d}, BILL/2026/{number + 1:05d}",
            documents=f"BILL/2026/{number:05d}; BILL/2026/{number + 1:05d}",
        )


def main():
    assert can_validate(), "the packages lxml and sepaxml are missing"
    one_round(100)  # the schema is read once
    rounds = [one_round(SIZE) for _ in range(ROUNDS)]
    told = {"of": f"{SIZE} payments, pain.001.001.09, validated", "bytes": rounds[0]["bytes"]}
    figure("payments", "file_10k", median(rounds, "seconds"), "s", **told)
    figure("payments", "file_10k_peak", median(rounds, "peak"), "MiB")
    figure("payments", "file_10k_checked", median(rounds, "checked"), "s", of="validated and counted before it leaves")
    tenfold = one_round(SIZE * 10)
    figure("payments", "file_100k_peak", tenfold["peak"], "MiB", of="ten times as many: memory has to stay flat")


def one_round(count):
    connector = Pain001Files(location="file:///")
    with Meter() as meter:
        (payload,) = connector.serialize(payments(count))
    with Meter() as checked:
        with payload.open() as stream:
            validate(stream, connector.version)
        with payload.open() as stream:
            found = check(stream)
    assert found.findings == [] and found.totals.differences(payload.totals) == [] and len(payload.keys) == count
    with payload.open() as stream:
        size = stream.seek(0, io.SEEK_END)
    return meter.told(bytes=size, checked=checked.seconds)


if __name__ == "__main__":
    main()
