"""Where the fields of an ISO 20022 account report (camt.052, .053, .054) stand, in all versions from .02 to .14.

Tables map element names to field names; a nested table is a nested element. Later versions put parties below `Pty`,
a status below `Cd` and call BIC `BICFI`, which is why some fields have several places. The first text of a field wins.
Source: ISO 20022 message definitions "Bank-to-Customer Cash Management", camt.053.001.02 (2009) to .14.
"""

from functools import lru_cache

from odoo.addons.finance_integration_governance.core.xml import Coded, Groups, Parts, Texts, Valued, bound


@lru_cache(maxsize=32)
def statement_table(namespace, message, document):
    """What `xml.read` needs to give out the statements of one message and their entries."""
    return bound({message: {document: Parts(STATEMENT, "Ntry")}}, namespace)


def _money(name):
    return Valued(name, "Ccy")


def _party(name):
    return {"Nm": name, "Pty": {"Nm": name}}


def _account(name):
    return {"Id": {"IBAN": name, "Othr": {"Id": name}}}


def _agent(name):
    return {"FinInstnId": {"BIC": name, "BICFI": name}}


def _date(name):
    return {"Dt": name, "DtTm": name}


def _code(prefix=""):
    domain = {"Cd": f"{prefix}domain", "Fmly": {"Cd": f"{prefix}family", "SubFmlyCd": f"{prefix}subfamily"}}
    return {"Domn": domain, "Prtry": {"Cd": f"{prefix}proprietary_code"}}


_EXCHANGE = {"XchgRate": "rate"}
_AMOUNTS = {
    "InstdAmt": {"Amt": _money("instructed"), "CcyXchg": _EXCHANGE},
    "TxAmt": {"Amt": _money("transacted"), "CcyXchg": _EXCHANGE},
    "CntrValAmt": {"CcyXchg": _EXCHANGE},
}
_CHARGE = {
    "Amt": _money("amount"),
    "CdtDbtInd": "sign",
    "ChrgInclInd": "is_included",
    "Tp": {"Cd": "kind", "Prtry": {"Id": "kind"}},
}
# Until .02 a charge stood in `Chrgs` itself, since .03 in records below it.
_CHARGES = Groups("charges", {**_CHARGE, "Rcrd": Groups("records", _CHARGE)})

_STRUCTURED = {
    "RfrdDocInf": {
        "Nb": "number",
        "RltdDt": {"Dt": "document_on"},
        "Tp": {"Cd": "kind", "Prtry": "kind", "CdOrPrtry": {"Cd": "kind", "Prtry": "kind"}},
    },
    "RfrdDocAmt": {"RmtdAmt": _money("amount")},
    "CdtrRefInf": {"Ref": "reference"},
    "AddtlRmtInf": Texts("remittance"),
}

DETAIL = {
    "Refs": {
        "AcctSvcrRef": "detail_reference",
        "InstrId": "instruction",
        "EndToEndId": "end_to_end",
        "TxId": "transaction",
        "MndtId": "mandate",
        "UETR": "uetr",
    },
    "Amt": _money("amount"),
    "CdtDbtInd": "sign",
    "AmtDtls": _AMOUNTS,
    "BkTxCd": _code(),
    "Chrgs": _CHARGES,
    "RltdPties": {
        "Dbtr": _party("debtor"),
        "DbtrAcct": _account("debtor_account"),
        "Cdtr": _party("creditor"),
        "CdtrAcct": _account("creditor_account"),
    },
    "RltdAgts": {"DbtrAgt": _agent("debtor_agent"), "CdtrAgt": _agent("creditor_agent")},
    "RmtInf": {
        "Ustrd": Texts("remittance"),
        "Strd": Groups("structured", _STRUCTURED),
    },
    "Purp": {"Cd": "purpose", "Prtry": "purpose"},
    "RtrInf": {"Rsn": Coded("return_reason")},
    "AddtlTxInf": "additional",
}

ENTRY = {
    "NtryRef": "entry_reference",
    "Amt": _money("amount"),
    "CdtDbtInd": "sign",
    "RvslInd": "is_reversal",
    "Sts": Coded("status"),
    "BookgDt": _date("booked_on"),
    "ValDt": _date("value_on"),
    "AcctSvcrRef": "bank_reference",
    "BkTxCd": _code(),
    "AmtDtls": _AMOUNTS,
    "Chrgs": _CHARGES,
    "NtryDtls": {
        "Btch": {"PmtInfId": "batch", "MsgId": "batch_message", "NbOfTxs": "batch_count"},
        "TxDtls": Groups("details", DETAIL),
    },
    "AddtlNtryInf": "additional",
}

STATEMENT = {
    "Ntry": ENTRY,
    "Id": "statement",
    **{name: {"PgNb": "page", "LastPgInd": "is_last_page"} for name in ("StmtPgntn", "RptPgntn", "NtfctnPgntn")},
    "ElctrncSeqNb": "sequence",
    "LglSeqNb": "legal_sequence",
    "CreDtTm": "created_at",
    "FrToDt": {"FrDtTm": "from_on", "FrDt": "from_on", "ToDtTm": "to_on", "ToDt": "to_on"},
    "CpyDplctInd": "copy",
    "Acct": {**_account("account"), "Ccy": "account_ccy", "Svcr": _agent("servicer")},
    "Bal": Groups(
        "balances",
        {
            "Tp": {"Cd": "code", "CdOrPrtry": {"Cd": "code", "Prtry": "code"}},
            "Amt": _money("amount"),
            "CdtDbtInd": "sign",
            "Dt": _date("balance_on"),
        },
    ),
    "TxsSummry": {
        "TtlNtries": {
            "NbOfNtries": "declared_count",
            "TtlNetNtryAmt": "declared_net",
            "CdtDbtInd": "declared_net_sign",
            "TtlNetNtry": {"Amt": "declared_net", "CdtDbtInd": "declared_net_sign"},
        },
        "TtlCdtNtries": {"NbOfNtries": "credit_count", "Sum": "credits"},
        "TtlDbtNtries": {"NbOfNtries": "debit_count", "Sum": "debits"},
    },
}
