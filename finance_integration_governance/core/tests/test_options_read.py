from odoo.addons.finance_integration_governance.core.testing.options_read import options_read

SOURCE = """
def one(self, run, options):
    told = [options.get("period", "month"), self._options(run).get("delta"), run._document()["options"]["checkpoint"]]
    age, group = 1, options.get("group")
    return told, group["currency"], (options.get("group") or {}).get("rate"), options["group"].get("days", 1)

def two(self, run, facts):
    kinds = run._document().get("options", {}).get("kinds")
    self.since, self.until = (self._options(run).get(key) for key in ("first", "last"))
    return kinds, run._document().limit("bulk", True), facts.get("no_option"), self.limit(5), facts["group"]["other"]
"""


def test_every_way_in_which_options_are_read_is_found_and_nothing_else(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "reads.py").write_text(SOURCE)
    group = {"group.currency", "group.rate", "group.days"}
    others = {"period", "delta", "checkpoint", "kinds", "first", "last", "limits.bulk"}
    assert options_read(tmp_path) == group | others
