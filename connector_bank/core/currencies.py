"""How many decimals an amount in minor units has, by currency (ISO 4217)."""

from decimal import Decimal

_PLACES = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def decimals(currency):
    return _PLACES.get(currency, 2)


def major(number, currency):
    """A whole number of minor units as an amount: (1234, "EUR") is 12.34."""
    return Decimal(number).scaleb(-_PLACES.get(currency, 2))
