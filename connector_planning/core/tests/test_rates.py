"""Exchange rates as they are published, and what is refused of them."""

import datetime as dt
import io
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from odoo.addons.connector_planning.core import rate_reader
from odoo.addons.connector_planning.core.rate import Rate, quotient
from odoo.addons.connector_planning.core.rate_sources import EcbRates, RateFiles
from odoo.addons.connector_planning.core.target_days import TargetDays, days_between, stretches
from odoo.addons.finance_integration_governance.core.connector import Window
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract

SAMPLES = Path(__file__).parent / "samples"
XML = (SAMPLES / "rates.xml").read_bytes()


class TestRatesInXml(SourceContract):
    connector = RateFiles(location=SAMPLES.as_uri(), pattern="rates.xml")
    sample = SAMPLES / "rates.xml"


class TestRatesInRows(SourceContract):
    connector = RateFiles(location=SAMPLES.as_uri(), pattern="rates.csv")
    sample = SAMPLES / "rates.csv"


def read(content, **told):
    return list(rate_reader.read(io.BytesIO(content), **told))


def rate(currency, day, figure, base="EUR"):
    return Rate(base=base, currency=currency, dated_on=dt.date.fromisoformat(day), rate=Decimal(figure))


def test_each_day_of_the_xml_has_its_rates():
    assert read(XML) == [
        rate("USD", "2026-03-03", "1.0850"),
        rate("CHF", "2026-03-03", "0.9501"),
        rate("USD", "2026-03-02", "1.0837"),
        rate("CHF", "2026-03-02", "0.9498"),
    ]


def test_a_table_with_a_column_for_each_currency_is_read_with_its_gaps():
    found = read(b"\xef\xbb\xbfDate,USD,CHF,\r\n2026-03-02,1.0837,N/A,\r\n")
    assert found == [rate("USD", "2026-03-02", "1.0837")]


def test_a_table_with_a_row_for_each_rate_names_its_base():
    found = read(b"currency;rate;date;base\nEUR;0.9228;2026-03-02;USD\n", delimiter=";")
    assert found == [rate("EUR", "2026-03-02", "0.9228", "USD")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (XML.replace(b"1.0850", b"0"), "2026-03-03: the rate of USD is no positive number"),
        (XML.replace(b"1.0850", b"-1"), "no positive number"),
        (XML.replace(b"1.0850", b"NaN"), "no positive number"),
        (XML.replace(b"1.0850", b"1,085"), "no positive number"),
        (XML.replace(b"USD", b"U$D"), "three capital letters"),
        (XML.replace(b"2026-03-03", b"03.03.2026"), "no day"),
        (XML.replace(b"eurofxref", b"other"), "no rates"),
        (XML.replace(b"gesmes.org", b"example.org"), "no file of reference rates"),
        (XML[:-40], "not well-formed"),
        (b"<!DOCTYPE x>" + XML.partition(b"?>")[2], "DOCTYPE"),
        (b"date,base,currency,rate\n2026-03-02,EUR,USD,abc\n", "row 2: the rate of USD is no positive number"),
        (b"date,base,currency,rate\n2026-03-02,EUR,USD\n", "row 2 has fewer cells"),
        (b"date,base,currency,rate\n", "no rates"),
        (b"when,USD\n2026-03-02,1\n", "the first row names"),
    ],
)
def test_what_cannot_be_taken_refuses_the_file_with_its_place(content, reason):
    with pytest.raises(MalformedPayload, match=reason):
        read(content)


def test_a_long_history_is_read_day_by_day():
    day = b'<Cube time="2026-03-02">' + b'<Cube currency="USD" rate="1.1"/>' * 30 + b"</Cube>"
    head, tail = XML[: XML.index(b"<Cube>")] + b"<Cube>", b"</Cube></gesmes:Envelope>"
    assert len(read(head + day * 2000 + tail)) == 60_000


@pytest.fixture
def bank():
    """(address, paths that were asked for) of a server that gives the sample."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(XML)))
            self.end_headers()
            self.wfile.write(XML)

        def log_message(self, *_args):
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def test_the_bank_is_asked_for_the_days_that_were_agreed(bank):
    host, asked = bank
    connector = EcbRates(base_url=f"http://{host}/stats/eurofxref", feed="90 days")
    connector.allowed_hosts = (host,)
    (payload,) = connector.extract(Window())
    assert len(list(connector.parse(payload))) == 4
    assert "4 rates, the newest of 2026-03-03" in connector.probe()
    assert set(asked) == {"/stats/eurofxref/eurofxref-hist-90d.xml"}


def test_target_closes_on_its_six_days_and_at_the_weekend():
    days = days_between(TargetDays(), dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    closed = {dt.date(2026, 1, 1), dt.date(2026, 4, 3), dt.date(2026, 4, 6), dt.date(2026, 5, 1), dt.date(2026, 12, 25)}
    assert len(days) == 256 and not closed & set(days)
    assert dt.date(2026, 5, 25) in days, "Whit Monday is a holiday of countries and not of TARGET"


def test_days_that_follow_each_other_over_a_holiday_are_one_stretch():
    days = [dt.date(2026, 4, 2), dt.date(2026, 4, 7), dt.date(2026, 4, 9)]
    assert stretches(TargetDays(), days) == [(days[0], days[1], 2), (days[2], days[2], 1)]


def test_a_rate_by_way_of_a_third_currency_has_twelve_digits():
    assert quotient(Decimal("0.9498"), Decimal("1.0837")) == Decimal("0.876441819692")
