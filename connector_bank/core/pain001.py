"""Credit transfers as pain.001: within SEPA, instant, and foreign; versions 001.001.03 and 001.001.09."""

from .pain import Message, choice, tag


class CreditTransfers(Message):
    """A document of credit transfers; each group has one account, scheme, day and currency."""

    root = "CstmrCdtTrfInitn"
    versions = {"pain.001.001.03": False, "pain.001.001.09": True}

    def group(self, head, identification, totals):
        day = f"<Dt>{head.execute_on}</Dt>" if self.is_new else str(head.execute_on)
        return (
            f"<PmtInfId>{identification}</PmtInfId><PmtMtd>TRF</PmtMtd>{self.booking}{totals}"
            f"{self._type(head)}<ReqdExctnDt>{day}</ReqdExctnDt>"
            f"<Dbtr>{self.party(head, 'own')}</Dbtr>{self.account('DbtrAcct', head.own_account)}"
            f"{self.agent('DbtrAgt', head.own_bic)}<ChrgBr>{_charges(head)}</ChrgBr>"
        )

    def _type(self, head):
        level = "" if head.scheme == "foreign" else choice("SvcLvl", "SEPA")
        instrument = choice("LclInstrm", "INST" if head.scheme == "instant" else None)
        return tag("PmtTpInf", level + instrument + choice("CtgyPurp", head.category_purpose))

    def payment(self, one):
        return (
            f"<CdtTrfTxInf>{self.identification(one)}<Amt>{self.money(one)}</Amt>"
            f"{self.agent('CdtrAgt', one.other_bic, is_needed=False)}"
            f"<Cdtr>{self.party(one, 'other')}</Cdtr>{self.account('CdtrAcct', one.other_account)}"
            f"{choice('Purp', one.purpose)}{self.remittance(one)}</CdtTrfTxInf>"
        )


def _charges(head):
    """Within SEPA each side bears its own; elsewhere they are shared unless somebody says otherwise."""
    return (head.charges or "SHAR") if head.scheme == "foreign" else "SLEV"
