import pytest

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.secretbox import SecretBox

OLD, NEW = SecretBox.generate(), SecretBox.generate()


def test_what_goes_in_comes_out():
    box = SecretBox([NEW])
    assert box.decrypt(box.encrypt("hunter2 é")) == "hunter2 é"


def test_a_token_hides_the_secret_and_names_its_key():
    box = SecretBox([NEW])
    assert "hunter2" not in box.encrypt("hunter2") and box.encrypt("hunter2").startswith(box.key_id + ":")
    assert box.encrypt("hunter2") != box.encrypt("hunter2")


def test_rotation_puts_old_tokens_under_the_new_key():
    both, token = SecretBox([NEW, OLD]), SecretBox([OLD]).encrypt("hunter2")
    rotated = both.rotate(token)
    assert not both.is_current(token) and both.is_current(rotated)
    assert both.decrypt(token) == SecretBox([NEW]).decrypt(rotated) == "hunter2"


def test_s22_without_its_key_a_token_says_which_one_is_missing():
    token = SecretBox([OLD]).encrypt("hunter2")
    with pytest.raises(ConfigurationError, match=token.partition(":")[0]):
        SecretBox([NEW]).decrypt(token)


def test_a_changed_token_is_refused():
    token = SecretBox([NEW]).encrypt("hunter2")
    with pytest.raises(ConfigurationError, match="was changed"):
        SecretBox([NEW]).decrypt(token[:-6] + "AAAA==")


def test_a_plain_secret_in_a_tokens_place_is_not_repeated():
    with pytest.raises(ConfigurationError) as raised:
        SecretBox([NEW]).decrypt("hunter2")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("keys", [[], [""], [" "], ["too short"], [NEW[:-2]]])
def test_without_a_sound_key_there_is_no_box(keys):
    with pytest.raises(ConfigurationError) as raised:
        SecretBox(keys)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
