"""The one way to write what people may not write.

A sentinel object travels in the context: RPC clients can send any context, but not this object.
"""

from odoo.exceptions import AccessError

_WRITER = object()
_KEY = "fin_writer"
_PROGRAM = object()
_PROGRAM_KEY = "fin_program"


def as_writer(records):
    """The same records, allowed to be written by the suite's own methods."""
    # sudo: people have no write access to evidence; the methods that call this have checked who is asking
    return records.sudo().with_context(**{_KEY: _WRITER})


def is_writer(records):
    """Whether the records came through `as_writer`."""
    return records.env.context.get(_KEY) is _WRITER


def refuse_strangers(records, attempt="write"):
    """AccessError unless the records came through `as_writer`; whoever tried it stands in the log."""
    if not is_writer(records):
        records.env["fin.audit.event"]._append_refused(records, attempt)
        raise AccessError(records.env._("%s is written by the engine only.", records._description))


def by_program(records):
    """The same records in the hands of a program that whoever runs the server starts: demonstration data, tests.

    Code that is kept in the database (server actions, scheduled actions) cannot import this.
    """
    return records.with_context(**{_PROGRAM_KEY: _PROGRAM})


def is_program(records):
    return records.env.context.get(_PROGRAM_KEY) is _PROGRAM
