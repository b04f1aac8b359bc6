"""Metrics and health over HTTP: who may read them, and what they never tell."""

import datetime as dt
import hashlib
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..controllers import monitoring
from .common import LawScene, fact

TOKEN = "scrape-me-if-you-can"
COPY = """INSERT INTO fin_metric (flow_id, company_id, connection, hour, runs, items, tied)
    SELECT flow_id, company_id, connection, %s, runs, items, tied FROM fin_metric WHERE id = %s"""
KNOWN = {"metrics_token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}


@tagged("post_install", "-at_install")
class TestMonitoring(LawScene, HttpCase):
    def metrics(self, token=TOKEN, known=KNOWN):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with patch.object(monitoring, "installation", lambda key, default=None: known.get(key, default)):
            return self.url_open("/finance_integration/metrics", headers=headers)

    def test_without_its_token_there_is_no_such_page(self):
        self.assertEqual(self.metrics(token=None).status_code, 404)
        self.assertEqual(self.metrics(token="other").status_code, 404)
        self.assertEqual(self.metrics(known={}).status_code, 404, "nobody configured one")
        self.assertEqual(self.metrics(token="", known={"metrics_token_sha256": ""}).status_code, 404)

    def test_a_flow_is_told_by_its_code_and_no_company_and_no_name(self):
        self.company.name = "Secret Holding"
        self.start(fact("A"), fact("B"))
        answer = self.metrics()
        self.assertEqual(answer.status_code, 200)
        self.assertIn('fin_items_total{connection="list-law",flow="law"} 2.0', answer.text)
        self.assertIn('fin_backlog_runs{connection="list-law",flow="law"} 0.0', answer.text)
        self.assertNotIn("Secret", answer.text)
        self.assertNotIn("Flow law", answer.text)

    def test_an_hour_is_one_row_and_is_gathered_again_without_growing(self):
        self.start(fact("A"))
        metrics, now = self.env["fin.metric"], fields.Datetime.now()
        for seconds in (0, 400):
            metrics._gather(now + dt.timedelta(seconds=seconds), every=300)
        rows = metrics.search([("flow_id", "=", self.flow.id), ("runs", ">", 0)])
        self.assertEqual((len(rows), rows.runs, rows.items, rows.tied), (1, 1, 1, 1))

    def test_old_hours_become_days_and_old_days_months_and_the_sums_stay(self):
        self.start(fact("A"), fact("B"))
        metrics, now = self.env["fin.metric"], fields.Datetime.now()
        metrics._gather(now)
        mine = [("flow_id", "=", self.flow.id)]
        told = metrics.search([*mine, ("runs", "=", 1)])
        recent = [now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=days) for days in (40, 41)]
        long_ago = [fields.Datetime.to_datetime(f"2020-01-{day} 03:00:00") for day in (10, 11)]
        for hour in (*recent, *long_ago):
            for more in (0, 1):
                self.sql(COPY, hour.replace(hour=3) + dt.timedelta(hours=more), told.id)
        metrics.invalidate_model()
        before = sum(metrics.search(mine).mapped("items"))
        metrics._fold_old()
        metrics._fold_old()
        old = metrics.search([*mine, ("hour", "<", recent[0] + dt.timedelta(days=2))])
        self.assertEqual([(row.items, row.runs) for row in old.sorted("hour")], [(8, 4), (4, 2), (4, 2)])
        self.assertEqual(old.sorted("hour")[0].hour, fields.Datetime.to_datetime("2020-01-01"))
        self.assertEqual(sum(metrics.search(mine).mapped("items")), before)

    def test_health_is_one_word_for_each_part(self):
        answer = self.url_open("/finance_integration/health")
        told = {"status": "ok", "database": "ok", "lanes": "ok", "seal": "ok", "backlog": "ok"}
        self.assertEqual((answer.status_code, answer.json()), (200, told))

    def test_health_is_ill_where_a_lane_is_silent_or_a_run_is_forgotten(self):
        long_ago = fields.Datetime.now() - dt.timedelta(hours=1)
        self.env["fin.heartbeat"]._beat("batch", long_ago)
        run = self.by("operator", self.flow)._request_run("hand")
        self.sql("UPDATE fin_run SET create_date = %s WHERE id = %s", long_ago, run.id)
        answer = self.url_open("/finance_integration/health")
        told = {"status": "ill", "database": "ok", "lanes": "ill", "seal": "ok", "backlog": "ill"}
        self.assertEqual((answer.status_code, answer.json()), (503, told))
