import { formatPercentage } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";

/** A percentage of nothing is none: Odoo's own formatter would say 0 %. */
export function formatShare(value, options) {
    return value === false || value === null || value === undefined ? "" : formatPercentage(value, options);
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("fin_percentage", formatShare);
