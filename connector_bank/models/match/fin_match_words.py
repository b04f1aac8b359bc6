"""Reasons of core/match_*.py in words, in the language of whoever reads them."""

from odoo import api, models


class FinMatchWords(models.AbstractModel):
    _name = "fin.match.words"
    _description = "Why bank lines are matched, in words"

    @api.model
    def _of_reasons(self, reasons):
        """Sentences for [code, facts] pairs; of a code that is not known any more, the code."""
        known = self._sentences()
        return [known.get(code, code).format(**_named(facts)) for code, facts in reasons]

    def _sentences(self):
        return {
            "named_reference": self.env._("The structured reference is that of {what}."),
            "named_end_to_end": self.env._("The end-to-end identification is that of {what}."),
            "named_batch": self.env._("The bank booked the batch of {what} as one."),
            "named_number": self.env._("The number {what} stands in the text."),
            "named_torn": self.env._("The number {what} stands in the text, in pieces."),
            "named_alike": self.env._("A number in the text is nearly {what}."),
            "named_tail": self.env._("The text ends a number as {what} does."),
            "amount_equal": self.env._("The amount is equal."),
            "small_difference": self.env._("The amount differs by {what} only."),
            "fee_told": self.env._("The bank says that it kept {what}."),
            "partial": self.env._("It pays a part; {what} stays open."),
            "more": self.env._("It is {what} more than is open."),
            "sum_named": self.env._("The {what} documents that are named add up to it."),
            "sum": self.env._("{what} open documents add up to it."),
            "payer_account": self.env._("It comes from the account of {what}."),
            "payer_rule": self.env._("By an approved rule, {what} pays from there."),
            "payer_learned": self.env._("{what} was matched with payments from there before."),
            "payer_name": self.env._("The name is that of {what}."),
            "payer_alike": self.env._("The name may be that of {what}."),
            "payer_other": self.env._("The name or account is of somebody else: {what}, not {other}."),
            "payer_known": self.env._("Who paid is known."),
            "settled_already": self.env._("What it names was settled on {other}: perhaps paid twice."),
            "nothing_fits": self.env._("For nothing that is open."),
            "rule": self.env._("The approved rule {what} says so."),
            "learned": self.env._("People did so {what} times."),
            # Why not by itself
            "no_rule": self.env._("No approved rule applies this by itself."),
            "is_return": self.env._("It gives back an earlier payment."),
            "not_equal": self.env._("The amounts are not equal."),
            "several_partners": self.env._("The documents are of several partners."),
            "payer_uncertain": self.env._("Who paid is not certain."),
            "others_named": self.env._("Other open documents are named, too."),
            "settled_named": self.env._("A document that is settled is named, too."),
            "claimed_twice": self.env._("Another waiting line names the same document."),
            "number_twice": self.env._("Another document has the same number."),
            "reads_as_date": self.env._("The number reads as a date."),
            "their_number": self.env._("The number was given by the other side."),
            "lookalike": self.env._("One slip away is another document of the same amount."),
            "other_amount": self.env._("The amount is outside of what was approved."),
            "disputed": self.env._("People have done otherwise since."),
            "document_named": self.env._("A document is named."),
            "open_item_too": self.env._("An open document has this amount."),
            "refused": self.env._("A run could not apply it: {what}"),
            "by_hand": self.env._("Chosen by hand."),
        }

    @api.model
    def _of_parts(self, told):
        """What a match settles, in one line."""
        parts = ", ".join(f"{one['name']} {one['amount']} {one['currency']}" for one in told.get("parts", ()))
        others = ", ".join(f"{one['account']} {one['amount']}" for one in told.get("others", ()))
        return "; ".join(filter(None, (parts, others)))


def _named(facts):
    what, other, *_more = [*map(str, facts), "", ""]
    return {"what": what, "other": other}
