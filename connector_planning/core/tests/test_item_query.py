import datetime as dt
import gzip
import hashlib
import io

import pytest

from odoo.addons.connector_planning.core.item_query import COLUMNS, ItemQuery
from odoo.addons.connector_planning.core.sealed import Sealed, filled
from odoo.addons.finance_integration_governance.core.errors import DataError

TOLD = {
    "company": "be-1",
    "date_from": "2026-01-01",
    "date_until": "2026-03-31",
    "accounts": "70,4000",
    "journals": "INV",
    "columns": "id,date,balance",
    "posted": "0",
    "gzip": "1",
}


def test_what_an_address_says_is_read_and_written_alike():
    query = ItemQuery.read(TOLD)
    assert (query.date_until, query.accounts, query.posted) == (dt.date(2026, 3, 31), ("70", "4000"), False)
    assert query.told() == TOLD
    assert query.written().startswith("company=be-1&date_from=2026-01-01&")


def test_nothing_said_is_all_that_is_posted():
    query = ItemQuery.read({"accounts": " ", "date_from": ""})
    assert (query.accounts, query.date_from, query.posted, query.columns) == ((), None, True, COLUMNS)
    assert query.told() == {}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"acounts": "70"}, "no parameter acounts"),
        ({"date_from": "2026-02-30"}, "no day 2026-02-30"),
        ({"date_from": "20260201"}, "a day such as"),
        ({"date_from": "2026-02-02", "date_until": "2026-02-01"}, "after"),
        ({"posted": "yes"}, "posted is 1 or 0"),
        ({"accounts": "70,%"}, "no beginning"),
        ({"accounts": "7_"}, "no beginning"),
    ],
)
def test_a_filter_that_is_not_understood_gives_nothing(told, words):
    with pytest.raises(DataError, match=words):
        ItemQuery.read(told)


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_digest_is_that_of_the_file_as_it_leaves(is_packed):
    files = []
    for _time in range(2):
        sink = io.BytesIO()
        sealed = Sealed(sink)
        with filled(sealed, is_packed) as stream:
            stream.writelines(b"a,b\n" for _row in range(1000))
        assert sealed.digest == hashlib.sha256(sink.getvalue()).digest()
        files.append(sink.getvalue())
    assert files[0] == files[1]
    assert (gzip.decompress(files[0]) if is_packed else files[0]) == b"a,b\n" * 1000
