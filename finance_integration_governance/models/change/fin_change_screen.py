import json
import re

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.changes import lines
from ..screen import in_words, shown, table

MODULE = "finance_integration_governance"
SHOWN = 200  # lines of a difference; what is more is counted
CHOSEN_ON = ("fin.flow", "fin.connection", "fin.policy", "fin.flow.role", "fin.authority")
DIGEST = re.compile(r"[0-9a-f]{64}")


def _leaves(path, was, now):
    """A mapping of mappings that comes or goes as a whole, one line for each of its ends."""
    there = was or now
    is_deep = isinstance(there, dict) and any(isinstance(one, dict) for one in there.values())
    if not is_deep or (was and now):
        yield path, was, now
        return
    for name, one in there.items():
        yield from _leaves(f"{path}.{name}", one if was else None, one if now else None)


def _paired(rows):
    """Lines of one code beside each other: what it mapped to, and what it will map to."""
    rows, gone = list(rows), {}
    for path, was, now in rows:
        if now is None and isinstance(was, dict) and "source" in was:
            gone.setdefault((path, was.get("kind"), was["source"]), []).append(was)
    for path, was, now in rows:
        key = (path, now.get("kind"), now.get("source")) if isinstance(now, dict) and was is None else None
        if gone.get(key):
            yield path, gone[key].pop(), now
        elif now is not None or not isinstance(was, dict) or "source" not in was:
            yield path, was, now
    yield from ((path, was, None) for (path, *_key), left in gone.items() for was in left)


def _line_in_words(line):
    """`4000 → P-40 (Sales)` for a line of a crosswalk, anything else as it is shown elsewhere."""
    if not isinstance(line, dict) or not {"source", "target"} <= set(line):
        return shown(line)
    source = f"{line['source']} – {line['until']}" if line.get("until") else line["source"]
    days = [line[name] for name in ("valid_from", "valid_to") if line.get(name)]
    more = [*([line["label"]] if line.get("label") else []), *days]
    return f"{source} → {line['target']}" + (f" ({', '.join(map(str, more))})" if more else "")


class FinVersion(models.Model):
    """Who may decide on a version, and what it changes, line by line."""

    _inherit = "fin.version"

    effective_at = fields.Datetime(related="change_id.effective_at")
    can_decide = fields.Boolean(compute="_compute_can_decide")
    why_not = fields.Char(compute="_compute_can_decide", string="Why you do not decide")
    waits_for = fields.Text(compute="_compute_waits_for", string="Who still has to say yes")

    @api.depends_context("uid")
    def _compute_can_decide(self):
        for version in self:
            approval = version._open_approval()
            why = (approval._why_not() or approval._why_no_proof()) if approval else None
            version.can_decide = bool(approval) and not why
            version.why_not = approval._refusal(why) if why else False

    def _compute_waits_for(self):
        for version in self:
            asked = version.approval_ids.filtered(lambda a: a.state == "requested")
            version.waits_for = version._waiting_text(asked) if asked else False

    def _waiting_text(self, asked):
        names = asked[:1]._possible_people().mapped("name")
        if not names:
            return self.env._("%s more, and nobody here may say it: another approver is needed.", len(asked))
        return self.env._("%(count)s of: %(names)s", count=len(asked), names=", ".join(names))

    def _changes_rows(self):
        """(what, before, after) in words; a document that is named by its digest is told by its own lines."""
        before = self._before()
        old = before._read_document().content if before else {}
        yield from self._rows_between(old, self._read_document().content)

    def _rows_between(self, old, new):
        for path, was, now in lines(old, new):
            yield from self._referenced(path, was, now) or [
                (in_words(inner), self._said(inner, a), self._said(inner, b)) for inner, a, b in _leaves(path, was, now)
            ]

    def _said(self, path, value):
        """A value as the screen calls it that it was chosen on, where it was chosen from a list."""
        if isinstance(value, dict):
            return ", ".join(f"{in_words(name)}: {self._said(f'{path}.{name}', one)}" for name, one in value.items())
        return (isinstance(value, str) and self._label(path, value)) or shown(value)

    def _label(self, path, value):
        parts = path.split(".")
        names = ("_".join(parts[-2:]), parts[-1])
        found = (self.env[model]._fields.get(name) for name in names for model in CHOSEN_ON)
        labels = (dict(one._description_selection(self.env)) for one in found if one and one.type == "selection")
        return next((told[value] for told in labels if value in told), None)

    def _referenced(self, path, was, now):
        kept = [self._kept(value) for value in (was, now)]
        if not any(kept):
            return []
        where = in_words(path.removesuffix(".digest"))
        return [
            (f"{where} › {in_words(inner)}", _line_in_words(a), _line_in_words(b))
            for inner, a, b in _paired(lines(*kept))
        ]

    def _kept(self, value):
        """What the document says whose digest this is, or nothing."""
        if not isinstance(value, str) or not DIGEST.fullmatch(value):
            return {}
        # sudo: what a version names may be read with the version
        document = self.env["fin.document"].sudo().search([("digest", "=", value)], limit=1)
        content = json.loads(document.text) if document else {}
        return content if isinstance(content, dict) else {"lines": content}

    @api.model
    def _table_between(self, live, subject, old=None):
        """What a version of the working copy, or of an old version, would change of what is live."""
        before = live._read_document().content if live else {}
        after = old._read_document().content if old else json.loads(subject._written()[0])
        return self._table_of(self._rows_between(before, after))

    def _changes_table(self, old, new):
        return self._table_of(self._changes_rows())

    def _table_of(self, rows):
        rows = list(rows)
        more = [(self.env._("and %s more", len(rows) - SHOWN), "", "")] if len(rows) > SHOWN else []
        heads = (self.env._("What"), self.env._("Before"), self.env._("After"))
        return table(self.env, rows[:SHOWN] + more, heads) if rows else False


class FinApproval(models.Model):
    """What waits for whom."""

    _inherit = "fin.approval"

    is_for_me = fields.Boolean(compute="_compute_is_for_me", search="_search_is_for_me")

    @api.depends_context("uid")
    def _compute_is_for_me(self):
        for approval in self:
            approval.is_for_me = approval.state == "requested" and not approval._why_not()

    def _search_is_for_me(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        waiting = self.search([("state", "=", "requested")], order="id desc", limit=1000)
        # One line per subject, however many people are needed.
        mine = {(a.subject_model, a.subject_key, a.purpose): a.id for a in waiting if not a._why_not()}
        return [("id", "in", list(mine.values()))]

    def _why_no_proof(self):
        """Who signs in by another service only has nothing to prove who they are with when they decide."""
        user = self.env.user
        rows = self.env.execute_query(SQL("SELECT COALESCE(password, '') <> '' FROM res_users WHERE id = %s", user.id))
        # sudo: one's own passkeys, where that addon is installed
        passkeys = "auth_passkey_key_ids" in user._fields and user.sudo().auth_passkey_key_ids
        return None if rows[0][0] or passkeys else "no_proof"

    def _refusal(self, why):
        if why != "no_proof":
            return super()._refusal(why)
        return self.env._(
            "To decide you prove again who you are, by password or passkey, and you have neither:"
            " set one up in your preferences or by the sign-in page first."
        )

    def _possible_people(self):
        """Approvers who would be a second person for this."""
        people = self.env["fin.grant"]._approvers().filtered(lambda user: self.company_id in user.company_ids)
        return people.filtered(lambda user: not self.with_user(user)._why_not())


class FinChange(models.Model):
    """A change request as the person reads it who decides on it."""

    _inherit = "fin.change"

    approval_ids = fields.Many2many("fin.approval", compute="_compute_approval_ids", string="Approvals")
    can_decide = fields.Boolean(compute="_compute_decision")
    why_not = fields.Char(compute="_compute_decision", string="Why you do not decide")
    waits_for = fields.Text(compute="_compute_decision", string="Who still has to say yes")
    changes_table = fields.Html(compute="_compute_changes_table", sanitize=False, string="What changes")

    @api.depends("version_ids.approval_ids")
    def _compute_approval_ids(self):
        for change in self:
            change.approval_ids = change.version_ids.approval_ids

    @api.depends_context("uid")
    def _compute_decision(self):
        for change in self:
            waiting = change.version_ids.filtered(lambda v: v.state == "review")[:1]
            change.can_decide, change.why_not, change.waits_for = (
                waiting.can_decide,
                waiting.why_not,
                waiting.waits_for,
            )

    def _compute_changes_table(self):
        for change in self:
            told = [(version.display_name, version.changes_table) for version in change.version_ids]
            change.changes_table = self.env["ir.qweb"]._render(f"{MODULE}.screen_change", {"versions": told})
