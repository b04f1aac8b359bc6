"""What the installation says about itself: section `[finance_integration]` of odoo.conf.

These values stand outside the database on purpose: a copied database does not carry them along.
"""

import configparser
import os
from functools import lru_cache
from pathlib import Path

from odoo.tools import config

SECTION = "finance_integration"


def installation(key, default=None):
    """One value of the section; the environment variable FIN_<KEY> takes precedence."""
    given = os.environ.get(f"FIN_{key.upper()}")
    return given if given is not None else _section().get(key, default)


def listed(key):
    """A comma-separated value as a tuple, empty parts left out."""
    return tuple(part.strip() for part in (installation(key) or "").split(",") if part.strip())


def _section():
    """The section as the file says it now; read anew when the file has changed."""
    try:
        known = Path(config["config"] or "").stat()
    except OSError:
        return {}
    return _read(config["config"], known.st_mtime_ns, known.st_size, known.st_ino)


@lru_cache(maxsize=8)
def _read(path, *_as_it_was):
    parser = configparser.RawConfigParser()
    parser.read(path or [])
    return dict(parser.items(SECTION)) if parser.has_section(SECTION) else {}
