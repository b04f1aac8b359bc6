"""Where exchange rates come from: the European Central Bank itself, and files that somebody puts into a place."""

import io
from functools import partial

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings

from . import rate_reader
from .rate import Rate

FEEDS = {"daily": "eurofxref-daily.xml", "90 days": "eurofxref-hist-90d.xml", "history": "eurofxref-hist.xml"}
_XML = "application/xml"


class EcbRates(Source):
    """One payload is the file as it stands there now; days that are known already are recognised by their rates."""

    code = "planning.rates_ecb"
    label = "Exchange rates: reference rates of the ECB"
    carries = (Rate,)
    settings = (
        Setting("base_url", "Address", default="https://www.ecb.europa.eu/stats/eurofxref"),
        Setting("feed", "Which days", kind="choice", default="daily", choices=tuple(FEEDS)),
    )

    def extract(self, window):
        content = self._fetch()
        yield Payload(FEEDS[self.feed], partial(io.BytesIO, content), _XML)

    def _fetch(self):
        return self.http(self.base_url).get(f"/{FEEDS[self.feed]}", headers={"Accept": _XML}).body

    def parse(self, payload):
        with payload.open() as stream:
            yield from rate_reader.from_xml(stream)

    def probe(self):
        rates = list(rate_reader.from_xml(io.BytesIO(self._fetch())))
        newest = max(rate.dated_on for rate in rates)
        return f"The bank answered with {len(rates)} rates, the newest of {newest}."


class RateFiles(FileSource):
    """One payload is one file: XML as the ECB publishes it, or a table with a row for each rate or for each day."""

    code = "planning.rates_file"
    label = "Exchange rates: files in XML or CSV"
    carries = (Rate,)
    settings = file_settings(
        "*",
        Setting("base", "Base currency", default="EUR", help="Where the file names none: one unit of this is so much."),
        Setting("delimiter", "Between columns", kind="choice", default="comma", choices=tuple(DELIMITERS)),
    )

    def parse(self, payload):
        with payload.open() as stream:
            yield from rate_reader.read(stream, DELIMITERS[self.delimiter], self.base)
