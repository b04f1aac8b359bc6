"""Published statement files of every format against the oracle. FIG_SAMPLES names their folder; `pytest -s` lists them."""

import pytest
from corpus import SAMPLES, oracle

if not (SAMPLES / "oracle" / "camt.053.json").exists():
    pytest.skip("no sample files: set FIG_SAMPLES to their folder", allow_module_level=True)

from corpus_formats import FORMATS

FILES = [(one, name) for one in FORMATS for name in sorted(oracle(one.kind))]


@pytest.mark.parametrize(("form", "name"), FILES, ids=[name for _form, name in FILES])
def test_a_published_file_is_read_right_or_held_for_a_fact(form, name):
    kind, fact = form.verdict(name)
    print(f"{kind:8} {name}: {fact}")
    assert kind != "wrong", fact
