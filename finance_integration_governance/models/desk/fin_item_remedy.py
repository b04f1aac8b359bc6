"""Items that somebody does something about: chosen, followed and let go in SQL, however many there are."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..item.fin_content import MASKED
from ..item.fin_item import Unchecked

# Outcomes after which a fact stands as it should.
GOOD = ("delivered", "unchanged", "duplicate")
_ALL = SQL("TRUE")
# An item of a case that still needs something: open behind it, or rejected with nobody doing anything about it.
# The same key that came later and went well, or somebody's agreed remedy, settles it.
UNSETTLED = SQL(
    """(i.outcome = 'open' OR (i.outcome = 'rejected'
        AND NOT EXISTS (SELECT 1 FROM fin_remedy a WHERE a.id = i.remedy_id AND a.state IN ('agreed', 'done'))
        AND NOT EXISTS (SELECT 1 FROM fin_item l JOIN fin_run r ON r.id = l.run_id
            WHERE (l.object, l.scope, l.key) = (i.object, i.scope, i.key) AND l.id > i.id
                AND l.outcome IN %s AND r.state = 'done' AND r.trigger <> 'rollback'
                AND r.is_draft IS NOT TRUE)))""",
    GOOD,
)


class FinItem(models.Model):
    _inherit = "fin.item"

    remedy_id = Unchecked("fin.remedy", "Remedy", readonly=True)
    origin_id = Unchecked("fin.item", "Replay of", readonly=True)

    _remedy_idx = models.Index("(remedy_id) WHERE remedy_id IS NOT NULL")
    _origin_idx = models.Index("(origin_id) WHERE origin_id IS NOT NULL")

    @api.model
    def _unsettled(self, exceptions, ids=None, which=_ALL):
        """Ids of the cases' items that still need something, of these where ids are given, in order."""
        chosen = SQL("AND i.id = ANY(%s)", list(ids)) if ids is not None else SQL()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT i.id FROM fin_item i WHERE i.exception_id = ANY(%s) AND %s AND %s %s ORDER BY i.id",
                exceptions.ids,
                UNSETTLED,
                which,
                chosen,
            )
        )
        return [item_id for (item_id,) in rows]

    @api.model
    def _to_replay(self, exceptions, ids=None):
        """Rejected ones that nobody has taken up."""
        return self._unsettled(
            exceptions, ids, SQL("i.outcome = 'rejected' AND i.remedy_id IS NULL AND i.payload_id IS NOT NULL")
        )

    @api.model
    def _take_up(self, remedy, ids):
        """The items are this remedy's now; UserError where somebody else was first."""
        self.env.cr.execute(
            SQL("UPDATE fin_item SET remedy_id = %s WHERE id = ANY(%s) AND remedy_id IS NULL", remedy.id, list(ids))
        )
        if self.env.cr.rowcount != len(ids):
            raise UserError(self.env._("Somebody is doing something about these items already."))
        self.invalidate_model(["remedy_id"])

    @api.model
    def _drop_content(self, ids, certificate):
        """What somebody wrote into an item goes with what stood there; its digest stays in the log."""
        super()._drop_content(ids, certificate)
        self.env.cr.execute(
            SQL(
                """UPDATE fin_remedy r SET correction = %s FROM fin_item i
                WHERE i.remedy_id = r.id AND r.correction IS NOT NULL AND i.id = ANY(%s)""",
                MASKED,
                list(ids),
            )
        )
        self.env["fin.remedy"].invalidate_model(["correction"])

    @api.model
    def _let_go(self, remedy):
        self.env.cr.execute(SQL("UPDATE fin_item SET remedy_id = NULL WHERE remedy_id = %s", remedy.id))
        self.invalidate_model(["remedy_id"])

    @api.model
    def _digest_over(self, ids):
        """One digest over identifiers and digests of these items, in order."""
        [[told]] = self.env.execute_query(
            SQL(
                """SELECT encode(sha256(convert_to(
                    COALESCE(string_agg(uid || digest, '' ORDER BY id), ''), 'UTF8')), 'hex')
                FROM fin_item WHERE id = ANY(%s)""",
                list(ids),
            )
        )
        return told

    # Reading chosen rows again

    def _intake(self, run, payload, scope_of, told_objects):
        """Of a payload that is replayed only the chosen rows are taken in."""
        rows = run._chosen_rows(payload) if run.remedy_id else None
        intake = super()._intake(run, payload, scope_of, told_objects)
        intake.chosen = rows
        return intake

    @api.model
    def _move_held(self, run, child, ids):
        """What is held of a replay or a rollback still knows what it is about."""
        moved = super()._move_held(run, child, ids)
        if run.remedy_id:
            self.env.cr.execute(
                SQL(
                    """UPDATE fin_item n SET origin_id = o.origin_id FROM fin_item o
                    WHERE n.run_id = %s AND o.run_id = %s AND o.row = n.row
                        AND o.payload_id IS NOT DISTINCT FROM n.payload_id""",
                    child.id,
                    run.id,
                )
            )
            self.invalidate_model(["origin_id"])
        return moved

    @api.model
    def _link_origins(self, run, payload):
        """Each replayed item points to the one that it was read again for."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item n SET origin_id = o.id FROM fin_item o JOIN fin_payload p ON p.id = o.payload_id
                WHERE n.run_id = %s AND n.payload_id = %s AND o.remedy_id = %s AND n.origin_id IS NULL
                    AND p.digest = %s AND p.name = %s AND o.row = n.row""",
                run.id,
                payload.id,
                run.remedy_id.id,
                payload.digest,
                payload.name,
            )
        )
        self.invalidate_model(["origin_id"])


class FinException(models.Model):
    _inherit = "fin.exception"

    remedy_ids = fields.Many2many(
        "fin.remedy", readonly=True, string="What was done", groups="finance_integration_governance.group_viewer"
    )
