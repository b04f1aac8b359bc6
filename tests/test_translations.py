"""What people read can be translated: the templates hold every text of the addons as they are."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_templates_of_translations_are_as_odoo_writes_them():
    ran = subprocess.run(
        [ROOT / "scripts" / "translations.sh", "--check"], capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
