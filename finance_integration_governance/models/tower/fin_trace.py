"""Where a thing is: one box for amounts, references, partners, accounts, invoices, statements and names of runs."""

import json
import time
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL, formatLang

from ...core.masking import shown_key
from ...core.trace import AMOUNT, asked, asked_terms, match, plain, words

SHOWN = 20  # things; more are asked for in other words
BLOCKS = 2000
FIRST = 5  # blocks that are read again to begin with
AT_ONCE = 40  # and at most in one go
ENOUGH = 0.15  # seconds, once something was found
PATIENCE = 1
TAIL = 20_000  # items that are not in the index yet and are looked through all the same


class FinTrace(models.AbstractModel):
    """The items come from an index of numbers, are read through record rules, and are compared word by word.

    What the person may not see in clear is no word for them: by a masked name or a hidden amount they find nothing.
    """

    _name = "fin.trace"
    _description = "Search Box"

    @api.model
    @api.readonly
    def find(self, text):
        """What the words lead to: records of that name, then items, the youngest first, each with where it is."""
        self.env["fin.item"].check_access("read")
        wanted = asked(text)
        if not wanted:
            return {"hits": [], "is_whole": True}
        search, is_whole = self._items(wanted)
        return {"hits": self._named(text.strip()) + self._told(search), "is_whole": is_whole}

    # Items

    def _items(self, wanted):
        """The search with what it has found, each key once; and whether that is all there is."""
        search = _Search(self.env, wanted)
        groups = asked_terms(wanted, search.hidden)
        is_whole = not groups or all(search.take(ids) for ids in self._candidates(wanted, groups))
        return search, is_whole

    def _candidates(self, wanted, groups):
        """Ids of items that may be meant: what is not in the index yet, then what fits as a whole, then by beginnings.

        Each the youngest first. A name that begins like the reference somebody looks for must not stand before it.
        """
        yield self._tail(wanted)
        exact = [group for group in groups if all(len(one) == 1 for one in group)]
        for some in (exact, [group for group in groups if group not in exact]):
            yield from self._of_blocks(self._blocks(some) if some else [])

    def _of_blocks(self, blocks):
        at, size = 0, FIRST
        while at < len(blocks):
            rows = self.env.execute_query(
                SQL("SELECT item_ids FROM fin_trace WHERE id = ANY(%s) ORDER BY id DESC", blocks[at : at + size])
            )
            at, size = at + size, min(size * 2, AT_ONCE)
            yield [item_id for (item_ids,) in rows for item_id in item_ids]

    def _blocks(self, groups):
        """The youngest blocks in which one of the groups fits. Materialised: by the index, whatever was planned."""
        fits = [SQL(" AND ").join(SQL("terms && %s", sorted(one)) for one in group) for group in groups]
        rows = self.env.execute_query(
            SQL(
                """WITH hit AS MATERIALIZED (SELECT id FROM fin_trace WHERE company_id = ANY(%s) AND (%s))
                SELECT id FROM hit ORDER BY id DESC LIMIT %s""",
                self.env.companies.ids,
                SQL(" OR ").join(SQL("(%s)", one) for one in fits),
                BLOCKS,
            )
        )
        return [block for (block,) in rows]

    def _tail(self, wanted):
        """What came within the last minutes and may be meant."""
        figures = [Decimal(figure) for figure in wanted.amounts]
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM (
                    SELECT id, company_id, key, amount, content FROM fin_item
                    WHERE id > (SELECT COALESCE(max(last_id), 0) FROM fin_trace) ORDER BY id DESC LIMIT %s) young
                WHERE company_id = ANY(%s) AND (abs(amount) = ANY(%s::numeric[]) OR key ~* %s OR content ~* %s)
                ORDER BY id DESC LIMIT %s""",
                TAIL,
                self.env.companies.ids,
                figures,
                *[_loosely(max(wanted.words, key=len, default=wanted.whole))] * 2,
                BLOCKS,
            )
        )
        return [item_id for (item_id,) in rows]

    # Telling

    def _told(self, search):
        """A line for each item that was found; what it leads to is looked up for all of them at once."""
        items = self.env["fin.item"].browse(search.found)
        bound = self._bound(items)
        leads = {item.id: self._leads(item, bound.get(_key(item))) for item in items}
        links = self._links(record for records in leads.values() for record in records)
        return [
            self._hit(item, search, bound.get(_key(item)), [links[one] for one in leads[item.id] if one in links])
            for item in items
        ]

    def _bound(self, items):
        bindings = self.env["fin.binding"]._of_items(items)._filtered_access("read")
        return {_key(one): one for one in bindings}

    def _leads(self, item, binding):
        """Item, run, file, exception, and what it became in Odoo."""
        told = [item, item.run_id, item.payload_id, item.exception_id]
        if binding and binding.res_model:
            told.append(self.env[binding.res_model].browse(binding.res_id))
        return [one for one in told if one]

    def _links(self, records):
        """record -> its link, of those that are there and may be seen; a line of a statement brings its entry."""
        by_model = {}
        for record in records:
            by_model[record._name] = by_model.get(record._name, record.browse()) | record
        told = {}
        for model, found in by_model.items():
            for one in found.exists()._filtered_access("read"):
                told[one] = self._link(one)
                if model == "account.bank.statement.line":
                    told[one] |= {"entry": one.move_id.id}
        return told

    def _link(self, record):
        return {
            "kind": self.env["ir.model"]._get(record._name).name,
            "name": record.display_name,
            "model": record._name,
            "id": record.id,
        }

    def _hit(self, item, search, binding, links):
        state, text = item._where_it_is(binding)
        return {
            "title": " · ".join(filter(None, [search.kind(item), str(item.on or ""), search.figure(item)])),
            "key": item.shown_key,
            "by": ", ".join(sorted(member.replace("_", " ") for member in search.found[item.id])),
            "state": state,
            "text": text,
            "links": links,
        }

    # Records by their own name

    def _named(self, text):
        """Runs, exceptions, files, approvals, flows, statements and journal entries that are called so."""
        found = []
        for model, names in _NAMES:
            records = self.env[model]
            if records.has_access("read"):
                domain = ["|"] * (len(names) - 1) + [(name, how, text) for name, how in names]
                found += records.search(domain, limit=5)
        return [self._named_hit(record) for record in found]

    def _named_hit(self, record):
        state = record["state"] if "state" in record._fields else None
        labels = dict(record._fields["state"]._description_selection(self.env)) if state else {}
        link = self._link(record)
        return {
            "title": f"{link['kind']} {link['name']}",
            "key": "",
            "by": self.env._("name"),
            "state": _LOOKS.get(state, "unknown"),
            "text": labels.get(state) or "",
            "links": [link],
        }


def _key(record):
    told = record.sudo()  # sudo: keys are compared here; shown they are without the amounts that may stand in them
    return told.object, told.scope, told.key


_NAMES = (
    ("fin.run", (("name", "="),)),
    ("fin.exception", (("name", "="),)),
    ("fin.approval", (("name", "="),)),
    ("fin.flow", (("code", "="), ("name", "=ilike"))),
    ("fin.payload", (("name", "="), ("uid", "="), ("digest", "="))),
    ("account.bank.statement", (("name", "="),)),
    ("account.move", (("name", "=ilike"), ("ref", "=ilike"), ("payment_reference", "=ilike"))),
)
_LOOKS = {"done": "good", "posted": "good", "resolved": "good", "waived": "good", "approved": "good", "active": "good"}
_LOOKS |= {"held": "attention", "open": "attention", "in_progress": "attention", "requested": "attention"}
_LOOKS |= {"failed": "bad", "rejected": "bad", "queued": "attention", "running": "attention"}


_READ = [
    f"fin_item.{name}" for name in ("id", "run_id", "object", "scope", "key", "contract", "amount::text", "content")
]


class _Search:
    """Takes candidates until there are enough, or the time is up."""

    def __init__(self, env, wanted):
        self.env, self.wanted = env, wanted
        self.hidden = env.companies._fin_hidden()
        self.found, self.keys, self.runs, self.contracts = {}, set(), {}, {}
        self.pinned, self.kinds = {}, dict(env["fin.flow"]._selection_object())
        self.began = time.monotonic()

    def take(self, ids):
        """Look at these; False where that has to do."""
        for item_id, run, *told in self._read(ids):
            members = self._members(item_id, run, *told)
            if members and (key := tuple(told[:3])) not in self.keys:
                self.keys.add(key)
                self.found[item_id] = members
            if len(self.found) == SHOWN:
                return False
        return time.monotonic() - self.began < (ENOUGH if self.found else PATIENCE)

    def _read(self, ids):
        """The candidates that the record rules let through, the youngest first."""
        # What is held is received again by a run of its own: that one knows more.
        wanted = [("id", "in", ids), ("outcome", "!=", "held")]
        query = self.env["fin.item"]._search(wanted, order="id desc") if ids else None
        if query is None or query.is_empty():
            return []
        # As text, because Odoo reads numeric as float. The content is for the eyes of the comparison only.
        return self.env.execute_query(query.select(*map(SQL, _READ)))

    def _members(self, item_id, run, _object, _scope, key, contract, amount, content):
        if contract not in self.contracts:
            self.contracts[contract] = self.env["fin.contract"]._reader(contract)
        # A key may hold an amount, as that of a statement holds its closing balance.
        key = shown_key(key) if AMOUNT in self.hidden else key
        exact = Decimal(amount) if amount is not None else None
        told = words(self.contracts[contract], key, exact, json.loads(content))
        found = match(self.wanted, told, self.hidden)
        return found and match(self.wanted, told, self._hidden(item_id, run))

    def _hidden(self, item_id, run):
        """What this person sees masked in the items of the run: its version may hide more than the company."""
        if run not in self.runs:
            # sudo: everybody obeys the versions, whoever may read them
            told = self.env["fin.run"].sudo().browse(run)
            pinned = (told.flow_id, told.version_id, told.company_id)
            if pinned not in self.pinned:
                self.pinned[pinned] = self.hidden | self.env["fin.item"].browse(item_id)._hidden()
            self.runs[run] = self.pinned[pinned]
        return self.runs[run]

    # Words about what was found

    def kind(self, item):
        return self.kinds.get(item.object, item.object)

    def figure(self, item):
        """The amount as this person may see it."""
        if AMOUNT in self._hidden(item.id, item.run_id.id):
            return "…" if item.currency else ""
        return f"{formatLang(self.env, item.amount, digits=2)} {item.currency}" if item.currency else ""


def _loosely(word):
    """A pattern that finds the word however it was written: with signs between, with accents."""
    letters = ("." if letter in "aceinosuyz" or not letter.isascii() else letter for letter in plain(word))
    return "[^[:alnum:]]*".join(letters)
