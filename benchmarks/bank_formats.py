"""Every published statement file against the oracle, and each format's reader beside the libraries of the field.

    right, refused (or held for a fact), silent_wrong; mt940_vs_lib, bai2_vs_lib, ofx_vs_lib

A figure `..._vs_lib` is entries a second of ours, with keys, checks and canonical objects, over those of the library.
"""

import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks"), str(ROOT / "connector_bank" / "core" / "tests")]
PEERS = Path(os.environ.get("FIG_RUN") or ROOT / ".run") / "peers_formats"
SIZE = int(os.environ.get("BENCH_FORMATS", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))

import core_namespaces  # noqa: E402, F401 - the addons' names without Odoo
from generate_formats import bai2, mt940, ofx  # noqa: E402
from meter import figure  # noqa: E402


def main():
    corpus()
    fetch()
    with tempfile.TemporaryDirectory() as folder:
        compare("mt940_vs_lib", "bank.mt94x", mt940(Path(folder) / "a.sta", SIZE), {"mt-940": lib_mt940})
        compare("bai2_vs_lib", "bank.bai2", bai2(Path(folder) / "a.bai", SIZE), {"bai2": lib_bai2})
        libraries = {"ofxtools": lib_ofxtools, "ofxparse": lib_ofxparse}
        compare("ofx_vs_lib", "bank.ofx", ofx(Path(folder) / "a.ofx", SIZE), libraries)


def corpus():
    """The three counts, together and by format; nothing where the samples are not there."""
    from corpus import SAMPLES, counts

    if not (SAMPLES / "oracle" / "camt.053.json").exists():
        return
    from corpus_formats import FORMATS

    found = counts(FORMATS)
    total = {kind: sum(verdicts[kind] for verdicts in found.values()) for kind in ("right", "refused", "held", "wrong")}
    figure("bank", "right", total["right"], "files", **{kind: one["right"] for kind, one in found.items()})
    refused = {kind: one["refused"] + one["held"] for kind, one in found.items()}
    figure("bank", "refused", total["refused"] + total["held"], "files", held=total["held"], **refused)
    figure("bank", "silent_wrong", total["wrong"], "files", **{kind: one["wrong"] for kind, one in found.items()})


def fetch():
    """The libraries that ours are compared with; they are no part of the suite."""
    if not PEERS.exists():
        names = ["mt-940==5.*", "bai2==0.*", "ofxtools==1.*", "ofxparse==0.21"]
        pip = [os.environ.get("FIG_PYTHON", sys.executable), "-m", "pip", "install", "-q", "--target", PEERS]
        subprocess.run([*pip, *names], check=True, stdout=sys.stderr, stderr=subprocess.DEVNULL)
    sys.path.append(str(PEERS))


def compare(name, code, path, libraries):
    """Ours and each library take turns; the best of the rounds counts, because these machines are noisy."""
    best = {}
    for _round in range(ROUNDS):
        for who, read in {"ours": lambda at: ours(code, at), **libraries}.items():
            best[who] = min(best.get(who, 1e9), clock(read, path))
    ours_rate, rates = SIZE / best.pop("ours"), {who: round(SIZE / seconds) for who, seconds in best.items()}
    fastest = max(rates, key=rates.get)
    more = {"ours": round(ours_rate), "peer": fastest, "peer_value": rates[fastest], "all": rates}
    figure("bank", name, ours_rate / rates[fastest], "ratio", **more)


def clock(read, path):
    gc.collect()
    began = time.process_time()
    read(path)
    return time.process_time() - began


def ours(code, path):
    from odoo.addons.connector_bank.core import CONNECTORS
    from odoo.addons.finance_integration_governance.core.connector import Payload

    connector = next(one for one in CONNECTORS if one.code == code)(location="file:///")
    for _one in connector.parse(Payload(path.name, lambda: path.open("rb"))):
        pass


def lib_mt940(path):
    import mt940 as library

    library.parse(str(path))


def lib_bai2(path):
    from bai2 import bai2 as library

    with path.open() as stream:
        library.parse_from_file(stream)


def lib_ofxtools(path):
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    tree.parse(str(path))
    tree.convert()


def lib_ofxparse(path):
    import warnings

    from ofxparse import OfxParser

    with path.open("rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        OfxParser.parse(stream)


if __name__ == "__main__":
    main()
