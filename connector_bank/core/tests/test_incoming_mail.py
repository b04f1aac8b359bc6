"""What a mail says of itself, and whose it is."""

import email
import email.policy

from odoo.addons.connector_bank.core.incoming_mail import IncomingMail, is_listed, senders_in


def mail(*headers, parts=()):
    text = "\n".join(["Message-Id: <one@bank.example>", "MIME-Version: 1.0", *headers])
    body = "".join(f"--x\n{part}\n" for part in parts)
    raw = f'{text}\nContent-Type: multipart/mixed; boundary="x"\n\n{body}--x--\n'
    return IncomingMail.of(email.message_from_bytes(raw.encode(), policy=email.policy.SMTP))


def test_the_sender_is_the_one_address_of_the_mail():
    assert mail("From: Bank <Statements@Bank.example>").sender == "statements@bank.example"
    assert mail("From: a@bank.example, b@bank.example").sender is None
    assert mail("From: a@bank.example", "From: b@bank.example").sender is None
    assert mail().sender is None


def test_the_bytes_of_an_attachment_stay_as_they_came():
    part = 'Content-Type: text/xml; charset=utf-8\nContent-Disposition: attachment; filename="a.xml"\n'
    part += "Content-Transfer-Encoding: base64\n\nPD94bWwgZW5jb2Rpbmc9IklTTy04ODU5LTEiPz48YT7kPC9hPg=="
    [(name, content)] = mail("From: a@b.example", parts=[part]).files
    assert (name, content) == ("a.xml", b'<?xml encoding="ISO-8859-1"?><a>\xe4</a>')


def test_a_picture_in_the_text_is_no_attachment():
    part = 'Content-Type: image/png; name="logo.png"\nContent-Id: <logo>\nContent-Transfer-Encoding: base64\n\nAAAA'
    assert mail("From: a@b.example", parts=[part]).files == ()


def test_only_the_server_that_is_trusted_says_what_passed():
    told = mail(
        "From: a@b.example",
        "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=b.example; dkim=pass header.d=b.example",
        "Authentication-Results: evil.example; dmarc=pass",
    )
    assert told.passed("mx.example.com") and told.passed("evil.example")
    assert not told.passed("mx.example.co") and not told.passed("example.com")
    failed = mail("From: a@b.example", "Authentication-Results: mx.example.com; dkim=fail; spf=pass")
    assert not failed.passed("mx.example.com")


def test_a_machine_is_known_as_one():
    assert mail("From: a@b.example", "Auto-Submitted: auto-replied").is_automatic
    assert mail("From: a@b.example", "Precedence: bulk").is_automatic
    assert not mail("From: a@b.example", "Auto-Submitted: no").is_automatic


def test_a_list_of_senders_holds_addresses_and_domains():
    assert senders_in("A@bank.example; @other.example\nnobody") == (["@other.example", "a@bank.example"], ["nobody"])
    listed = ["a@bank.example", "@other.example"]
    assert is_listed("a@bank.example", listed) and is_listed("x@other.example", listed)
    assert not is_listed("b@bank.example", listed) and not is_listed("x@sub.other.example", listed)
    assert not is_listed("x@another.example", listed) and not is_listed(None, listed)
