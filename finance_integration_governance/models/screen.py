"""Small pieces of HTML for screens, rendered by templates in views/screen_templates.xml."""

import json

from ..core.canonical import canonical

MODULE = "finance_integration_governance"


def in_words(path):
    """`connection.settings.base_url` as `Connection › Settings › Base url`."""
    parts = (part.replace("_", " ") for part in path.split("."))
    return " › ".join(f"{part[:1].upper()}{part[1:]}" for part in parts)


def shown(value):
    """A value of a document as a person reads it: text bare, absent as a dash, anything else as canonical text."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(shown(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(one)}" for name, one in value.items())
    return value if isinstance(value, str) else canonical(value)


def rows_of(content, path=""):
    """(name, value) of every leaf, both in words."""
    for name, value in content.items():
        inner = f"{path}.{name}" if path else name
        if isinstance(value, dict) and value:
            yield from rows_of(value, inner)
        else:
            yield in_words(inner), shown(value)


def table_of(env, text):
    """Canonical JSON text as a table of names and values; False where there is none."""
    content = json.loads(text) if text else None
    if not content:
        return False
    content = content if isinstance(content, dict) else {"content": content}
    return table(env, list(rows_of(content)))


def table(env, rows, heads=()):
    return env["ir.qweb"]._render(f"{MODULE}.screen_table", {"rows": rows, "heads": heads})


def act_window(env, action, domain, name=None, **context):
    """A window action on other records; `action` is one of this module, or has its module's name in front."""
    found = env["ir.actions.act_window"]._for_xml_id(action if "." in action else f"{MODULE}.{action}")
    # The client's title is the display name, where an action has one.
    called = {"name": name, "display_name": name} if name else {}
    return {**found, "domain": domain, "context": context, **called}


def opened(record, **more):
    """A window action that opens this record's form."""
    return {**opened_at(record._name, record.id), "name": record.display_name, **more}


def opened_at(model, res_id):
    """The same for a record that is named by its place."""
    return {"type": "ir.actions.act_window", "res_model": model, "res_id": res_id, "view_mode": "form"}
