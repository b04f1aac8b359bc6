"""What stands over the entries of one account in a bank's table: days, balances, totals, and a digest of it all."""

from hashlib import sha256

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest

from .table_rows import BalanceRow


class Account:
    """What stands over the entries of one account of a file."""

    def __init__(self, number):
        self.number, self.currency = number, None
        self.days, self.told = [], {}
        self.declared = {}
        self._digest, self._chain = sha256(), _Chain()

    def take(self, one):
        self.currency = self.currency or one.currency
        if isinstance(one, BalanceRow):
            self.told[one.kind] = (one.amount, one.on)
            self._note(one.on)
            return
        self._note(one.booked_on)
        self._digest.update(digest(canonical(_spelled(one.fields()))).encode())
        if one.balance is not None:
            self._chain.take(one)

    def _note(self, day):
        if day:
            self.days = [min([day, *self.days]), max([day, *self.days])]

    def control(self, control):
        ends = [(kind, control.values[kind]) for kind in ("opening", "closing") if kind in control.values]
        self.told |= {kind: (amount, None) for kind, amount in ends}
        self.declared = control.declared()

    @property
    def breaks_at(self):
        """The line at which the balances beside the entries do not go on, or None."""
        return self._chain.breaks_at

    def head(self):
        """The same as a `StatementReader` takes it."""
        first, last = (day.isoformat() for day in self.days) if self.days else (None, None)
        ends = self._chain.ends() | {kind: amount for kind, (amount, _on) in self.told.items()}
        return {
            "account": self.number,
            "account_ccy": self.currency,
            "statement": "/".join(filter(None, (first, last))) or None,
            "from_on": first,
            "to_on": last,
            "balances": [
                {
                    "code": code,
                    "amount": abs(ends[kind]),
                    "amount_ccy": self.currency,
                    "sign": "DBIT" if ends[kind] < 0 else "CRDT",
                    "balance_on": day,
                }
                for kind, code, day in (("opening", "OPBD", first), ("closing", "CLBD", last))
                if kind in ends
            ],
            # Periods are asked for as people like, so what a statement contains belongs to what it is.
            "mark": self._digest.hexdigest()[:16],
            **self.declared,
        }

    @property
    def has_balances(self):
        return len(self._chain.ends() | self.told) == 2


class _Chain:
    """The balances beside the entries, whether they go on from the oldest to the newest or the other way round."""

    def __init__(self):
        self.first = self.last = None
        self.breaks = {"up": None, "down": None}

    def take(self, one):
        last = self.last
        if last:
            if self.breaks["up"] is None and one.balance != last.balance + one.amount:
                self.breaks["up"] = one.number
            if self.breaks["down"] is None and last.balance != one.balance + last.amount:
                self.breaks["down"] = one.number
        self.first, self.last = self.first or one, one

    @property
    def breaks_at(self):
        return max(self.breaks.values()) if all(self.breaks.values()) else None

    def ends(self):
        if not self.first or self.breaks_at:
            return {}
        is_up = self.breaks["up"] is None
        oldest, newest = (self.first, self.last) if is_up else (self.last, self.first)
        return {"opening": oldest.balance - oldest.amount, "closing": newest.balance}


def _spelled(fields):
    return {name: told for name, told in fields.items() if told is not None}
