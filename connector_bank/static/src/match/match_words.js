import { _t } from "@web/core/l10n/translation";

export const KINDS = {
    one: _t("Settles"),
    many: _t("Settles together"),
    partial: _t("Pays a part of"),
    less: _t("Settles, writing off the difference"),
    more: _t("Settles, and leaves over"),
    on_account: _t("On account of"),
    account: _t("Books to"),
};
export const HELP = [
    ["j / k", _t("next and previous line")],
    ["Enter", _t("apply the first proposal, or what is in the basket")],
    ["1 … 9", _t("apply that proposal")],
    ["p", _t("apply the first proposal as a part: the difference stays open")],
    ["w", _t("write off what is left of the line, within the approved limit")],
    ["o", _t("book what is left on account of the partner")],
    ["x", _t("mark the line: several marked lines pay one document")],
    ["f", _t("find documents by number, partner or amount")],
    ["u", _t("undo what you matched last")],
    ["/", _t("search the lines")],
    ["?", _t("show or hide these keys")],
];
