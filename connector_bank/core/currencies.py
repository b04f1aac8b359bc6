"""How many decimals an amount in minor units has, by currency (ISO 4217)."""

_NONE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_FOUR = frozenset(("CLF", "UYW"))


def decimals(currency):
    if currency in _NONE:
        return 0
    if currency in _THREE:
        return 3
    return 4 if currency in _FOUR else 2


def major(digits, currency):
    """An unsigned whole number of minor units as the text of an amount: ("1234", "EUR") is 12.34."""
    places = decimals(currency)
    if not places:
        return digits
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"
