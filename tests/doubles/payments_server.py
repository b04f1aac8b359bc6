"""A bank's interface for payments after NextGenPSD2 1.3, as far as a file of credit transfers needs it.

The bank is what POST /control/bank says: {"status": "ACSC", "as_xml": true} is the status that it tells from now on,
and whether it tells it as pain.002. GET /control/payments lists what it holds: identification, message and number of
payments. A request that comes a second time under the same X-Request-ID is answered as the first time.

    POST /v1/{payments | bulk-payments}/pain.001-{product}      takes a pain.001
    GET  ...{paymentId}                                          gives it back
    GET  ...{paymentId}/status                                   tells its status

Faults: html, 503, 429_with_retry_after, reply_lost (takes it and says nothing), 500_after (takes it, answers 500),
500_before, not_allowed, no_payment_id, and refused (the bank takes nothing of it).
"""

import re
import uuid

from bank_double import Answer, BankHandler, serve

BANK = {"status": "RCVD", "as_xml": False, "payments": {}, "answers": {}, "posts": 0}
_PATH = r"/v1/(payments|bulk-payments)/(pain\.001-[a-z0-9-]+)"


def refused(status, code, text):
    return Answer(status, {"tppMessages": [{"category": "ERROR", "code": code, "text": text}]})


class Lost(Answer):
    """Nobody hears this."""


class PaymentsHandler(BankHandler):
    routes = (
        ("GET", "/control/payments", "control_payments"),
        ("POST", _PATH, "create"),
        ("GET", f"{_PATH}/([^/]+)", "content"),
        ("GET", f"{_PATH}/([^/]+)/status", "status"),
    )

    def _say(self, answer):
        if isinstance(answer, Lost):
            self.close_connection = True
            self.connection.close()
            return
        super()._say(answer)

    def create(self, service, product):
        key = self.headers.get("X-Request-ID") or ""
        if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", key):
            raise refused(400, "FORMAT_ERROR", "X-Request-ID is missing")
        if self.headers.get("Content-Type") != "application/xml":
            raise refused(415, "FORMAT_ERROR", "a pain.001 is wanted")
        if self.takes("not_allowed"):
            raise refused(401, "CERTIFICATE_INVALID", "who are you")
        if self.takes("refused"):
            raise refused(400, "PRODUCT_INVALID", "not for this account")
        if self.takes("500_before"):
            raise Answer(500, {"error": "nothing was taken"})
        self.bank["posts"] += 1
        told = self.bank["answers"].get(key) or self._taken(key, service, product)
        if self.takes("reply_lost"):
            raise Lost(0)
        if self.takes("500_after"):
            raise Answer(500, {"error": "but it was taken"})
        raise Answer(201, {**told, "paymentId": None} if self.takes("no_payment_id") else told)

    def _taken(self, key, service, product):
        name, text = str(uuid.uuid4()), self.body.decode()
        message = re.search("<MsgId>(.*?)</MsgId>", text)[1]
        self.bank["payments"][name] = {"message": message, "content": text, "status": None}
        href = f"/v1/{service}/{product}/{name}"
        links = {"self": {"href": href}, "status": {"href": f"{href}/status"}}
        answer = {"transactionStatus": self.bank["status"], "paymentId": name, "_links": links}
        self.bank["answers"][key] = answer
        return answer

    def content(self, _service, _product, name):
        raise Answer(200, self._known(name)["content"].encode(), Content_Type="application/xml")

    def status(self, _service, _product, name):
        held = self._known(name)
        if not self.bank["as_xml"]:
            return {"transactionStatus": self.bank["status"]}
        names = "<MsgId>STS-1</MsgId><CreDtTm>2026-11-25T06:00:00Z</CreDtTm>"
        original = f"<OrgnlMsgId>{held['message']}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        told = f"<OrgnlGrpInfAndSts>{original}<GrpSts>{self.bank['status']}</GrpSts></OrgnlGrpInfAndSts>"
        body = f"<CstmrPmtStsRpt><GrpHdr>{names}</GrpHdr>{told}</CstmrPmtStsRpt>"
        text = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">{body}</Document>'
        raise Answer(200, text.encode(), Content_Type="application/xml")

    def _known(self, name):
        if name not in self.bank["payments"]:
            raise refused(404, "RESOURCE_UNKNOWN", "there is no such payment")
        return self.bank["payments"][name]

    def control_payments(self):
        return [
            {"id": name, "message": one["message"], "count": one["content"].count("<EndToEndId>")}
            for name, one in self.bank["payments"].items()
        ]


if __name__ == "__main__":
    serve(PaymentsHandler, BANK, __doc__)
