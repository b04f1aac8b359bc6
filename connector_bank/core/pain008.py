"""Direct debits of SEPA as pain.008, CORE and B2B; versions 008.001.02 and 008.001.08."""

from .pain import Message, choice, text


class DirectDebits(Message):
    """A document of collections; each group has one account, scheme, day and place in the sequence."""

    root = "CstmrDrctDbtInitn"
    versions = {"pain.008.001.02": False, "pain.008.001.08": True}

    def group(self, head, identification, totals):
        return (
            f"<PmtInfId>{identification}</PmtInfId><PmtMtd>DD</PmtMtd>{self.booking}{totals}{self._type(head)}"
            f"<ReqdColltnDt>{head.execute_on}</ReqdColltnDt>"
            f"<Cdtr>{self.party(head, 'own')}</Cdtr>{self.account('CdtrAcct', head.own_account)}"
            f"{self.agent('CdtrAgt', head.own_bic)}<ChrgBr>SLEV</ChrgBr>"
            f"<CdtrSchmeId>{_scheme_id(head.creditor_scheme_id)}</CdtrSchmeId>"
        )

    def _type(self, head):
        told = f"{choice('SvcLvl', 'SEPA')}{choice('LclInstrm', head.scheme.upper())}<SeqTp>{head.sequence}</SeqTp>"
        return f"<PmtTpInf>{told}{choice('CtgyPurp', head.category_purpose)}</PmtTpInf>"

    def payment(self, one):
        return (
            f"<DrctDbtTxInf>{self.identification(one)}{self.money(one)}"
            f"<DrctDbtTx><MndtRltdInf>{self._mandate(one)}</MndtRltdInf></DrctDbtTx>"
            f"{self.agent('DbtrAgt', one.other_bic)}"
            f"<Dbtr>{self.party(one, 'other')}</Dbtr>{self.account('DbtrAcct', one.other_account)}"
            f"{choice('Purp', one.purpose)}{self.remittance(one)}</DrctDbtTxInf>"
        )

    def _mandate(self, one):
        told = f"{text('MndtId', one.mandate)}<DtOfSgntr>{one.mandate_on}</DtOfSgntr>"
        if not one.mandate_amended:
            return told
        return f"{told}<AmdmntInd>true</AmdmntInd><AmdmntInfDtls>{self._amendment(one)}</AmdmntInfDtls>"

    def _amendment(self, one):
        """What the mandate was before; where nothing is known, the debtor's account is said to have changed."""
        creditor = text("Nm", one.own_name_before)
        if one.creditor_scheme_before:
            creditor += _scheme_id(one.creditor_scheme_before)
        told = text("OrgnlMndtId", one.mandate_before)
        told += f"<OrgnlCdtrSchmeId>{creditor}</OrgnlCdtrSchmeId>" if creditor else ""
        if one.other_account_before:
            return told + self.account("OrgnlDbtrAcct", one.other_account_before)
        return told or self._same_mandate()

    def _same_mandate(self):
        """SMNDA: the same mandate with another account, which in the older version says another bank, too."""
        other = "<Othr><Id>SMNDA</Id></Othr>"
        if self.is_new:
            return f"<OrgnlDbtrAcct><Id>{other}</Id></OrgnlDbtrAcct>"
        return f"<OrgnlDbtrAgt><FinInstnId>{other}</FinInstnId></OrgnlDbtrAgt>"


def _scheme_id(identifier):
    known = f"{text('Id', identifier)}<SchmeNm><Prtry>SEPA</Prtry></SchmeNm>"
    return f"<Id><PrvtId><Othr>{known}</Othr></PrvtId></Id>"
