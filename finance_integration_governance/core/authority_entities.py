"""What authority rules are made for: the entities, their fields, and the other doors to a field."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entity:
    """What rules are made for. `fields` is what *every field* means; `aliases` are other doors to a field.

    `home` names the member that says whose record it is; `masked` what is never shown in full.
    """

    name: str
    label: str
    model: str | None = None
    kinds: tuple = ("master",)
    fields: tuple = ()
    aliases: dict = field(default_factory=dict)
    home: str = "company_id"
    masked: frozenset = frozenset()


# Members of canonical objects, where Odoo has no model of its own for the entity.
_FIGURES = ("currency", "debit", "credit", "balance")
_PLANNED = ("version", "account", "month", "amount", "currency", "cost_center", "project")

ENTITIES = {
    one.name: one
    for one in (
        Entity(
            "account",
            "Account",
            "account.account",
            fields=("code", "name", "account_type", "currency_id", "reconcile", "active", "tax_ids", "note"),
            aliases={"code_store": "code", "code_mapping_ids": "code"},
            home="company_ids",
        ),
        Entity(
            "partner",
            "Contact",
            "res.partner",
            fields=(
                "name", "vat", "ref", "company_registry", "is_company", "parent_id", "email", "phone", "website",
                "street", "street2", "zip", "city", "state_id", "country_id", "lang", "active", "industry_id",
                "property_account_receivable_id", "property_account_payable_id", "property_payment_term_id",
                "property_supplier_payment_term_id", "property_account_position_id", "credit_limit",
            ),
            aliases={"company_type": "is_company", "company_name": "name", "email_normalized": "email"},
            masked=frozenset({"email", "phone", "street", "street2"}),
        ),
        Entity(
            "bank_account",
            "Bank account",
            "res.partner.bank",
            fields=("acc_number", "partner_id", "acc_holder_name", "bank_id", "currency_id", "active",
                    "allow_out_payment"),
            aliases={"sanitized_acc_number": "acc_number"},
            masked=frozenset({"acc_number"}),
        ),
        Entity(
            "cost_center",
            "Analytic account",
            "account.analytic.account",
            fields=("code", "name", "plan_id", "root_plan_id", "partner_id", "active"),
        ),
        Entity(
            "tax",
            "Tax",
            "account.tax",
            fields=(
                "name", "amount", "amount_type", "type_tax_use", "tax_scope", "tax_group_id", "price_include_override",
                "country_id", "active", "invoice_repartition_line_ids", "refund_repartition_line_ids",
            ),
            aliases={"repartition_line_ids": "invoice_repartition_line_ids"},
        ),
        Entity(
            "journal",
            "Journal",
            "account.journal",
            fields=("code", "name", "type", "default_account_id", "suspense_account_id", "currency_id",
                    "bank_account_id", "active"),
            aliases={"bank_acc_number": "bank_account_id"},
        ),
        Entity(
            "rate",
            "Exchange rate",
            "res.currency.rate",
            fields=("name", "rate", "currency_id"),
            aliases={"company_rate": "rate", "inverse_company_rate": "rate"},
        ),
        Entity("journal_entry", "Journal entry", kinds=("actual", "adjustment")),
        Entity(
            "bank_statement",
            "Bank statement line",
            "account.bank.statement.line",
            kinds=("actual",),
            fields=("date", "amount", "payment_ref", "partner_id", "partner_name", "account_number", "statement_id",
                    "transaction_type"),
            masked=frozenset({"account_number"}),
        ),
        Entity("actual", "Actual", kinds=("actual",), fields=("account", "account_name", "period", *_FIGURES)),
        Entity("budget", "Budget", kinds=("budget",), fields=_PLANNED),
        Entity("forecast", "Forecast", kinds=("forecast",), fields=_PLANNED),
    )
}  # fmt: skip
BY_MODEL = {entity.model: entity for entity in ENTITIES.values() if entity.model}
