import hashlib
import hmac

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ..models.installation import installation

OPEN = {"type": "http", "auth": "public", "methods": ["GET"], "save_session": False}
FAMILIES = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}


class _Collector:
    """What the database tells, as the library wants it."""

    def __init__(self, samples):
        self.samples = samples

    def collect(self):
        for kind, name, words, labels, rows in self.samples:
            family = FAMILIES[kind](f"fin_{name}", words, labels=labels)
            for values, number in rows:
                family.add_metric([str(value) for value in values], number)
            yield family


def _is_known(header):
    """Whether the header brings the token whose SHA-256 stands in odoo.conf; compared in constant time."""
    expected = installation("metrics_token_sha256") or ""
    given = hashlib.sha256((header or "").removeprefix("Bearer ").encode()).hexdigest()
    return len(expected) == 64 and hmac.compare_digest(given, expected.lower())


class MonitoringController(http.Controller):
    @http.route(
        "/finance_integration/metrics", type="http", auth="public", methods=["GET"], readonly=False, save_session=False
    )
    def metrics(self):
        """For Prometheus, with a bearer token; without one there is no such page."""
        if not _is_known(request.httprequest.headers.get("Authorization")):
            return Response(status=404)
        registry = CollectorRegistry()
        # The token stands for the installation, not for a person: codes and numbers of all companies, no names.
        metrics = request.env(user=SUPERUSER_ID, su=True)["fin.metric"]
        registry.register(_Collector(list(metrics._samples())))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @http.route(
        "/finance_integration/health", type="http", auth="public", methods=["GET"], readonly=True, save_session=False
    )
    def health(self):
        """One word for each part; 503 where one of them is ill."""
        well = request.env(user=SUPERUSER_ID, su=True)["fin.health"]._look()
        told = {"status": "ok" if all(well.values()) else "ill"}
        told |= {part: "ok" if is_well else "ill" for part, is_well in well.items()}
        return request.make_json_response(told, status=200 if all(well.values()) else 503)
