"""How people write what they pay for: well, in haste, with slips, cut by banks. Shares nothing with the matcher."""

RF_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SAYING = (
    "Rechnung {}", "Invoice {}", "RE-NR. {}", "Facture no {} merci", "{}", "payment for {}", "Rg. {} vom {day}",
    "Betaling factuur {}", "FACT. {} CLIENT {customer}", "Kd-Nr {customer} Rechnung {}", "{} / {customer}",
    "Rechnungsnr: {} Zahlung {day}", "bill {} thanks", "SVWZ+{} EREF+{order}", "our order {order}, your {}",
)  # fmt: skip
EMPTY = ("Zahlung", "payment", "Rechnung", "thank you", "Ueberweisung {day}", "order {order}", "invoice", "")
FORMS = (" GmbH", " AG", " Ltd", " SARL", " BV", " S.p.A.", " GmbH & Co. KG", " e.K.", "")


def digits(text):
    return "".join(str(ord(char) - 55) if char in RF_LETTERS else char for char in text)


def reference(kind, number):
    """A structured reference for document `number`, as its country has it."""
    if kind == "rf":
        body = f"INV{number:07d}"
        return f"RF{98 - int(digits(body + 'RF00')) % 97:02d}{body}"
    if kind == "belgian":
        body = f"{20260000 + number:010d}"
        return f"{body}{int(body) % 97 or 97:02d}"
    if kind == "swiss":
        table, carry, body = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5), 0, f"{number:026d}"
        for digit in body:
            carry = table[(carry + int(digit)) % 10]
        return f"{body}{(10 - carry) % 10}"
    body = f"{number:08d}"  # a Norwegian KID, by modulus 10
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def as_printed(kind, text):
    """A structured reference as people see it on the invoice."""
    if kind == "belgian":
        return f"+++{text[:3]}/{text[3:7]}/{text[7:]}+++"
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def slip(rng, text):
    """One slip of the finger: a digit wrong, two turned round, one left out, one twice."""
    places = [place for place, char in enumerate(text) if char.isdigit()]
    place = rng.choice(places[-6:])
    kind = rng.randrange(4)
    if kind == 0:
        return f"{text[:place]}{(int(text[place]) + rng.randrange(1, 10)) % 10}{text[place + 1 :]}"
    if kind == 1 and place + 1 < len(text):
        return f"{text[:place]}{text[place + 1]}{text[place]}{text[place + 2 :]}"
    if kind == 2:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place] + text[place:]


def sloppy(rng, number):
    """A number as people shorten it."""
    prefix, year, rest = number.split("/")
    return rng.choice(
        (
            f"{prefix}{year}{rest}",
            f"{prefix} {year} {rest}",
            f"{year}/{rest}",
            f"{prefix}-{year}-{rest}",
            f"{prefix}/{year}/{int(rest)}",
            rest,
            f"{prefix.lower()} {rest}",
            f"{year}-{int(rest)}",
            f"{prefix}/{year}/{rest[:3]} {rest[3:]}",
        )
    )


def said(rng, number, customer, day, order):
    return rng.choice(SAYING).format(number, customer=customer, day=f"{day:%d.%m.%Y}", order=order)


def nothing_said(rng, day, order):
    return rng.choice(EMPTY).format(day=f"{day:%d.%m.}", order=order)


def name_as_paid(rng, name):
    """A name as another bank has it on file."""
    bare = name
    for form in FORMS:
        if form and bare.endswith(form):
            bare = bare.removesuffix(form)
    kind = rng.randrange(9)
    if kind == 0:
        return name.upper()
    if kind == 1:
        return bare
    if kind == 2:
        return name[:27]
    if kind == 3:
        return name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").upper()
    if kind == 4 and " " in bare:
        return " ".join(reversed(bare.split(" ", 1)))
    if kind == 5:
        return f"{bare} Buchhaltung"
    return name


def list_of(rng, numbers):
    """Several numbers in one text, as programs and people write them; banks cut after 140 characters."""
    kind = rng.randrange(5)
    if kind == 0:
        first = numbers[0].rsplit("/", 1)
        return " ".join([numbers[0], *(number.rsplit("/", 1)[1] for number in numbers[1:])]) if first else ""
    if kind == 1:
        return f"{numbers[0]} bis {numbers[-1].rsplit('/', 1)[1]}"
    return (", ", " ", " + ")[kind - 2].join(numbers)[:140]
