"""Payment files against the official XSDs, as a stream.

The XSDs come with the package `sepaxml`. Where it or lxml is not there, as where evidence is worked out again without
libraries, nothing can be said; what sends a file asks first.
"""

from functools import cache
from importlib.resources import files
from importlib.util import find_spec

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload


def can_validate():
    """Whether the libraries are there."""
    return bool(find_spec("lxml") and find_spec("sepaxml"))


def validate(stream, version):
    """Read the whole stream; MalformedPayload names the first place that is not as the XSD of this version says."""
    if not can_validate():
        raise ConfigurationError("the packages lxml and sepaxml are missing: no file can be validated", code="package")
    from lxml import etree

    try:
        # The reader drops what it has seen, so that memory stays flat; `end` comes after an element was validated.
        for _event, element in etree.iterparse(
            stream, events=("end",), schema=_schema(version), resolve_entities=False, no_network=True
        ):
            if element.tag.endswith(("}CdtTrfTxInf", "}DrctDbtTxInf")):
                element.clear()
                del element.getparent()[: element.getparent().index(element)]
    except etree.XMLSyntaxError as error:
        text = f"the file is not valid against the XSD of {version}: {error.msg}"
        raise MalformedPayload(text, code="xsd", line=error.lineno) from None


@cache
def _schema(version):
    from lxml import etree

    found = files("sepaxml") / "schemas" / f"{version}.xsd"
    with found.open("rb") as stream:
        return etree.XMLSchema(etree.parse(stream))
