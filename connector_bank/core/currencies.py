"""How many decimals an amount in minor units has, by currency (ISO 4217)."""

_PLACES = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def decimals(currency):
    return _PLACES.get(currency, 2)


def major(digits, currency):
    """An unsigned whole number of minor units as the text of an amount: ("1234", "EUR") is 12.34."""
    places = _PLACES.get(currency, 2)
    if not places:
        return digits
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"
