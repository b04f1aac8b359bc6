import pytest

from odoo.addons.finance_integration_governance.core.addresses import Endpoint, is_public
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

RANGES = """
    0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.8.9.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1
    192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 64:ff9b::7f00:1 2001::1 2002:7f00:1:: 2001:db8::1
    fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""
INTERNAL = RANGES.split()


@pytest.mark.parametrize("address", INTERNAL)
def test_s06_addresses_inside_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_s06_addresses_outside_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", [a for a in INTERNAL if "%" not in a])
def test_s06_an_internal_address_needs_the_administrators_list(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ConfigurationError):
        Endpoint.of(f"https://{host}/", ()).addresses()


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "127.0.0.1%2e",
        "１２７.0.0.1",
        "[::ffff:7f00:1%25lo]",
    ],
)
def test_s06_odd_notations_of_addresses_are_refused(host):
    with pytest.raises(ConfigurationError):
        Endpoint.of(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        "api.example.com",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "http://api.example.com",
        "https://",
        "https://user:hunter2@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com#x",
        "https://api.example.com:22",
        "https://api.example.com:99999",
        "https://api.example.com\\@localhost",
        "https://api.example.com/a b",
        "https://api.example.com\n",
        "https://[::1",
    ],
)
def test_s06_only_plain_https_addresses_are_endpoints(url):
    with pytest.raises(ConfigurationError) as raised:
        Endpoint.of(url)
    assert "hunter2" not in str(raised.value)


def test_the_list_names_hosts_or_hosts_with_port():
    assert Endpoint.of("http://planning:8080", ["planning"]).trusted
    assert Endpoint.of("http://planning:8080", ["Planning:8080"]).trusted
    with pytest.raises(ConfigurationError):
        Endpoint.of("http://planning:8081", ["planning:8080"])


def test_an_endpoint_knows_its_parts():
    endpoint = Endpoint.of("https://API.Example.com/base/")
    assert (endpoint.host, endpoint.port, endpoint.path) == ("api.example.com", 443, "/base")
    assert endpoint.authority == "api.example.com"
