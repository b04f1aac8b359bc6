"""XML without trust: what must not be read is refused, what may be read is read the same in every spelling."""

import codecs
import io
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from odoo.addons.finance_integration_governance.core import xml
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.xml import Coded, Groups, Parts, Texts, Valued, bound, read

NS = "urn:test"
TABLE = {
    "List": Parts(
        {
            "Name": "name",
            "Note": "note",
            "Row": {
                "Amt": Valued("amount", "Ccy"),
                "Line": Texts("lines"),
                "State": Coded("state"),
                "Deep": {"Er": "deeper"},
                "Tax": Groups("taxes", {"Rate": "rate"}),
            },
        },
        "Row",
    )
}


def document(body, declaration="", namespace=NS):
    return f'{declaration}<Doc xmlns="{namespace}"><List><Name>A</Name>{body}</List></Doc>'


def parsed(content, **limits):
    content = content.encode() if isinstance(content, str) else content
    return list(read(io.BytesIO(content), lambda namespace, _name: bound(TABLE, namespace), **limits))


def row(body):
    found = parsed(document(f"<Row>{body}</Row>"))
    return next(fields for what, fields in found if what == "part")


def refusal(content, **limits):
    with pytest.raises(MalformedPayload) as caught:
        parsed(content, **limits)
    return caught.value


# --- what is read


def test_a_document_comes_before_its_parts_and_what_follows_them():
    found = parsed(document("<Row/><Row/><Note>late</Note>"))
    assert [what for what, _fields in found] == ["begin", "part", "part", "end"]
    assert found[0][1] == {"name": "A"} and found[-1][1] == {"note": "late"}


def test_a_document_without_parts_is_one():
    assert parsed(document("<Note>n</Note>")) == [("begin", {"name": "A", "note": "n"}), ("end", {})]


def test_two_documents_do_not_mix():
    found = parsed(f'<Doc xmlns="{NS}"><List><Name>A</Name><Row/></List><List><Name>B</Name></List></Doc>')
    assert [fields for what, fields in found if what == "begin"] == [{"name": "A"}, {"name": "B"}]


def test_places_are_read_as_the_table_says():
    fields = row(
        '<Amt Ccy="EUR">1</Amt><Line>x</Line><Line>y</Line><Deep><Er>z</Er></Deep>'
        "<Tax><Rate>7</Rate></Tax><Tax><Rate>19</Rate></Tax><Other><Er>no</Er></Other>"
    )
    assert fields == {
        "amount": "1",
        "amount_ccy": "EUR",
        "lines": ["x", "y"],
        "deeper": "z",
        "taxes": [{"rate": "7"}, {"rate": "19"}],
    }


@pytest.mark.parametrize(
    "body", ["<State>OK</State>", "<State><Cd>OK</Cd></State>", "<State><Prtry>OK</Prtry></State>"]
)
def test_a_code_stands_in_the_element_or_below(body):
    assert row(body) == {"state": "OK"}


def test_the_first_text_of_a_field_wins():
    assert row('<Amt Ccy="EUR">1</Amt><Amt Ccy="USD">2</Amt>') == {"amount": "1", "amount_ccy": "EUR"}


@pytest.mark.parametrize("amount", ["1<!-- c -->2.50", "1<?pi x?>2.50", "<![CDATA[12]]>.50", "&#49;2.50"])
def test_nothing_cuts_a_text_in_two(amount):
    assert row(f'<Amt Ccy="EUR">{amount}</Amt>')["amount"] == "12.50"


@pytest.mark.parametrize("size", [1, 2, 7, 4096])
def test_pieces_of_any_size_give_the_same(size, monkeypatch):
    monkeypatch.setattr(xml, "_CHUNK", size)
    assert parsed(document("<Row><Line>äöü€</Line></Row><Note>n</Note>")) == [
        ("begin", {"name": "A"}),
        ("part", {"lines": ["äöü€"]}),
        ("end", {"note": "n"}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        document("<Row><Line>ä</Line></Row>", '<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1"),
        document("<Row><Line>ä</Line></Row>", '<?xml version="1.0" encoding="windows-1252"?>').encode("cp1252"),
        codecs.BOM_UTF8 + document("<Row><Line>ä</Line></Row>").encode(),
        document("<Row><Line>ä</Line></Row>").encode("utf-16"),
        codecs.BOM_UTF16_BE + document("<Row><Line>ä</Line></Row>").encode("utf-16-be"),
    ],
    ids=["latin-1", "windows-1252", "utf-8 with mark", "utf-16", "utf-16 big endian"],
)
def test_encodings_give_the_same_text(content):
    assert parsed(content)[1] == ("part", {"lines": ["ä"]})


def test_prefixes_do_not_matter():
    content = f'<p:Doc xmlns:p="{NS}"><p:List><p:Name>A</p:Name></p:List></p:Doc>'
    assert parsed(content)[0] == ("begin", {"name": "A"})


def test_an_element_of_another_namespace_is_another_element():
    assert parsed(document('<Row><Line xmlns="urn:other">x</Line></Row>'))[1] == ("part", {})


# --- what is refused

ENTITY = '<!DOCTYPE Doc [<!ENTITY x SYSTEM "file://{canary}">]>'
HTTP = '<!DOCTYPE Doc [<!ENTITY x SYSTEM "{canary}">]>'
PARAMETER = '<!DOCTYPE Doc [<!ENTITY % p SYSTEM "{canary}"> %p;]>'
EXTERNAL = '<!DOCTYPE Doc SYSTEM "{canary}">'
SPELLINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 little endian": lambda text: text.encode("utf-16-le"),
    "utf-16 big endian": lambda text: text.encode("utf-16-be"),
    "after blanks and a comment": lambda text: b"\n\n<!-- <Doc> -->\n" + text.encode(),
    "after a long comment": lambda text: b"<!--" + b"x" * 60_000 + b"-->" + text.encode(),
    "after a declaration": lambda text: b'<?xml version="1.0"?><?pi <Doc> ?>' + text.encode(),
}


class _Canary(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments):
        return


@pytest.fixture(scope="module")
def canary_server():
    server = HTTPServer(("127.0.0.1", 0), _Canary)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", [ENTITY, HTTP, PARAMETER, EXTERNAL])
def test_s01_a_doctype_is_refused_and_nothing_is_fetched(spelling, kind, canary_server, tmp_path, monkeypatch):
    file = tmp_path / "canary"
    file.write_text("secret")
    opened = []
    monkeypatch.setattr("builtins.open", lambda *arguments, **_options: opened.append(arguments))
    place = file if kind is ENTITY else f"http://127.0.0.1:{canary_server.server_port}/canary"
    error = refusal(SPELLINGS[spelling](kind.format(canary=place) + document("<Row><Line>&x;</Line></Row>")))
    assert error.code == "doctype"
    assert canary_server.seen == [] and opened == []


def test_s01_the_parser_itself_refuses_a_doctype_that_slipped_through(monkeypatch):
    monkeypatch.setattr(xml, "_begins_with_element", lambda head: True)
    assert refusal("<!DOCTYPE Doc><Doc/>").code == "doctype"


@pytest.mark.parametrize("encoding", ["UTF-7", "IBM037", "utf-32", "hz-gb-2312"])
def test_s01_an_encoding_that_could_hide_a_doctype_is_refused(encoding):
    assert refusal(f'<?xml version="1.0" encoding="{encoding}"?><Doc/>').code == "encoding"


TEN_TIMES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 30))
LAUGHS = f"<!DOCTYPE Doc [<!ENTITY a0 'ha'>{TEN_TIMES}]>"
QUADRATIC = f"<!DOCTYPE Doc [<!ENTITY a '{'x' * 100_000}'>]>"
BOMBS = {
    "laughs": LAUGHS + document("<Row><Line>&a29;</Line></Row>"),
    "quadratic": QUADRATIC + document(f"<Row><Line>{'&a;' * 10_000}</Line></Row>"),
    "deep": document(f"<Row>{'<x>' * 500_000}"),
    "long tag": document(f"<Row><Line {'x' * (4 << 20)}"),
    "many attributes": document(f"<Row><Line {' '.join(f'a{n}={chr(34)}{chr(34)}' for n in range(200_000))}/></Row>"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_s02_a_bomb_is_stopped_in_bounded_memory_and_time(bomb, tmp_path):
    """In a process of its own, with 400 MiB of address space and ten seconds."""
    path = tmp_path / "bomb.xml"
    path.write_text(BOMBS[bomb])
    done = subprocess.run(
        [*_ALONE, str(path)], capture_output=True, text=True, timeout=10, check=False, env=_environment()
    )
    assert done.stdout.strip() == "refused", done.stderr[-500:]


def test_s02_a_file_of_any_length_needs_little_memory():
    done = subprocess.run(_ALONE, capture_output=True, text=True, timeout=60, check=False, env=_environment())
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) < 16 * 1024  # KiB beyond what the imports took


def test_a_file_over_the_cap_is_refused():
    assert refusal(document("<Row/>" * 100_000), max_bytes=100_000).code == "too_large"


def test_one_part_over_the_cap_is_refused():
    assert refusal(document(f"<Row>{'<Line>x</Line>' * 100_000}</Row>"), max_held=200_000).code == "too_large"


def test_elements_in_a_text_are_refused():
    assert refusal(document('<Row><Amt Ccy="EUR">1<x>2</x>3</Amt></Row>')).code == "mixed_content"


@pytest.mark.parametrize(
    "content",
    ["", "   ", "no xml", "<Doc", "<Doc>", "<Doc/><Doc/>", "<Doc/>x", "<Doc>\0</Doc>", "<Doc>&x;</Doc>", "<!-- x"],
)
def test_what_is_not_well_formed_is_refused(content):
    assert refusal(content).text


# The namespaces first, then this file as a program.
_START = f"import core_namespaces, runpy; runpy.run_path({__file__!r}, run_name='__main__')"
_ALONE = [sys.executable, "-c", _START]


def _environment():
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3] / "scripts")}


class _Endless(io.RawIOBase):
    """A document of 10 MiB that is never whole."""

    def __init__(self):
        super().__init__()
        self._pieces = iter([document("")[: -len("</List></Doc>")].encode(), *[self._rows()] * 150, b"</List></Doc>"])

    def _rows(self):
        return b'<Row><Amt Ccy="EUR">1.00</Amt><Line>some text</Line></Row>' * 600

    def read(self, _size=-1):
        return next(self._pieces, b"")


def _in_a_process_of_its_own(path):
    import resource

    if path:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
        with open(path, "rb") as stream:
            try:
                list(read(stream, lambda namespace, _name: bound(TABLE, namespace)))
            except MalformedPayload:
                print("refused")
    else:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _what, _fields in read(_Endless(), lambda namespace, _name: bound(TABLE, namespace)):
            continue
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


if __name__ == "__main__":
    _in_a_process_of_its_own(sys.argv[1] if len(sys.argv) > 1 else None)
