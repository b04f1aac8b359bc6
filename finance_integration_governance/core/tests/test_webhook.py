"""Signed calls: the vector of the specification, and everything that is not believed."""

import base64

import pytest

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.webhook import Refused, signature, verified

# From the specification's own examples.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, MOMENT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNATURE = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_" + base64.b64encode(b"another secret, not that one").decode()


def call(**changes):
    headers = {"webhook-id": ID, "webhook-timestamp": MOMENT, "webhook-signature": f"v1,{SIGNATURE}"}
    body, secrets, now = changes.pop("body", BODY), changes.pop("secrets", [SECRET]), changes.pop("now", int(MOMENT))
    headers |= {f"webhook-{name}": value for name, value in changes.items()}
    return verified(headers, body, secrets, now)


def test_the_vector_of_the_specification_is_believed():
    assert signature(SECRET, ID, MOMENT, BODY).decode() == SIGNATURE
    assert call() == ID


def test_one_of_several_signatures_and_one_of_several_secrets_is_enough():
    assert call(signature=f"v1,{'A' * 43}= v1,{SIGNATURE}", secrets=[OTHER, SECRET]) == ID


@pytest.mark.parametrize("now", [-300, 300])
def test_clocks_may_differ_by_five_minutes(now):
    assert call(now=int(MOMENT) + now) == ID


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signature": f"v2,{SIGNATURE}"}, "wrong_signature"),
        ({"signature": ""}, "wrong_signature"),
        ({"signature": "v1,"}, "wrong_signature"),
        ({"signature": f"v1,{SIGNATURE[:-2]}=="}, "wrong_signature"),
        ({"body": BODY.replace(b" ", b"")}, "wrong_signature"),
        ({"body": BODY + b"\n"}, "wrong_signature"),
        ({"secrets": [OTHER]}, "wrong_signature"),
        ({"secrets": []}, "wrong_signature"),
        ({"id": "msg_other"}, "wrong_signature"),
        ({"id": ""}, "no_id"),
        ({"id": "with.dot"}, "no_id"),
        ({"id": "x" * 201}, "no_id"),
        ({"timestamp": ""}, "out_of_time"),
        ({"timestamp": "1614265330.5"}, "out_of_time"),
        ({"timestamp": "-1614265330"}, "out_of_time"),
        ({"timestamp": "١٦١٤٢٦٥٣٣٠"}, "out_of_time"),
        ({"now": int(MOMENT) + 301}, "out_of_time"),
        ({"now": int(MOMENT) - 301}, "out_of_time"),
    ],
)
def test_s07_what_is_not_signed_as_it_should_be_is_not_believed(changes, reason):
    with pytest.raises(Refused) as caught:
        call(**changes)
    assert caught.value.reason == reason


@pytest.mark.parametrize("secret", ["", "whsec_", "canary-no-base64", base64.b64encode(b"short").decode()])
def test_a_secret_that_is_none_is_an_administrators_matter(secret):
    with pytest.raises(ConfigurationError) as caught:
        call(secrets=[secret])
    assert "canary" not in str(caught.value)
