"""Facts in lines of text, as many as asked for, with keys that nobody has seen before."""

import dataclasses
import datetime as dt
from decimal import Decimal
from io import BytesIO

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Currency

DAY = dt.date(2026, 3, 2)


@dataclasses.dataclass(frozen=True)
class Fact(Canonical):
    """One line."""

    contract = "bench.fact/1.0"
    number: Code
    value: Decimal
    money: Currency
    on: dt.date

    key = property(lambda self: self.number)
    amount = property(lambda self: self.value)
    currency = property(lambda self: self.money)
    scope = "bench"


class Lines(Source):
    """One payload of `count` lines; its cursor is the number of the last one."""

    code = "bench.lines"
    label = "Lines"
    carries = (Fact,)
    settings = (
        Setting("count", "Lines", kind="integer"),
        Setting("mark", "Mark of the keys", default="F"),
    )

    def extract(self, window):
        first = int(window.cursor or 0)
        numbers = range(first + 1, first + self.count + 1)
        content = "".join(f"{self.mark}{number:09d};{number % 997}.25;EUR;{DAY}\n" for number in numbers).encode()
        yield Payload(f"{first}.txt", lambda: BytesIO(content), "text/plain", cursor=str(first + self.count))

    def parse(self, payload):
        with payload.open() as stream:
            for line in stream:
                number, value, money, day = line.decode().rstrip().split(";")
                yield Fact(number, Decimal(value), money, dt.date.fromisoformat(day))

    def probe(self):
        return "Lines without end."
