"""A flow whose facts carry account codes of another system, and the crosswalk that maps them."""

from odoo.fields import Command
from odoo.tests import TransactionCase

from .common import Fact, LawScene, fact


def _map(self, run, item):
    return {"journal": "LAW", "words": item.content["words"]}


class CrosswalkCase(LawScene, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(Fact, "coded", {"words": "account"})
        cls.classPatch(type(cls.env["fin.object"]), "_map", _map)
        cls.crosswalk = cls.new_crosswalk("codes", ("4000", "A"), ("4100", "B"))
        cls.flow.crosswalk_ids = cls.crosswalk
        cls.version = cls.approve(cls.flow)
        cls.seal()

    @classmethod
    def new_crosswalk(cls, code, *lines, company=None, **vals):
        """Exact lines as (source, target), others as mappings."""
        values = [
            line if isinstance(line, dict) else dict(zip(("source", "target"), line, strict=True)) for line in lines
        ]
        return cls.env["fin.crosswalk"].create(
            {
                "name": f"Crosswalk {code}",
                "code": code,
                "system": "The list",
                "direction": "inbound",
                "company_id": (company or cls.company).id,
                "line_ids": [Command.create(line) for line in values],
                **vals,
            }
        )

    @classmethod
    def add(cls, *lines):
        cls.crosswalk.line_ids = [Command.create(dict(zip(("source", "target"), line, strict=True))) for line in lines]

    def told(self, *codes):
        return [fact(f"n{place}", words=code) for place, code in enumerate(codes)]

    def texts(self):
        """Every line of the working copy, as a plain person would write it down."""
        return sorted((line.kind, line.source or "", line.target) for line in self.crosswalk.line_ids)
