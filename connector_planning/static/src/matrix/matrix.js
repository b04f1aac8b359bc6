import { Component, onWillStart, useState } from "@odoo/owl";
import { Layout } from "@web/search/layout";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useService } from "@web/core/utils/hooks";
import { _t } from "@web/core/l10n/translation";

const COLORS = {
    delivered: "success",
    pending: "info",
    held: "warning",
    restated: "warning",
    not_tied: "danger",
};

/** Companies and systems down, months across: what planning was told, and what was posted since. */
export class ActualMatrix extends Component {
    static template = "connector_planning.ActualMatrix";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ months: [], rows: [], states: {}, until: false });
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(this.state, await this.orm.call("fin.actual.period", "matrix", [this.state.until]));
    }

    /** Show the months that end so many months before or after the ones that are shown. */
    async move(many) {
        const [year, month] = this.state.months.at(-1).split("-").map(Number);
        const last = new Date(Date.UTC(year, month - 1 + many, 1));
        this.state.until = last.toISOString().slice(0, 10);
        await this.load();
    }

    color(cell) {
        return cell.since && cell.state === "delivered" ? "secondary" : COLORS[cell.state];
    }

    words(row, month, cell) {
        const told = [`${row.company} · ${row.scope} · ${month}: ${this.state.states[cell.state]}`];
        if (cell.since) {
            told.push(_t("%s entries were posted or changed since", cell.since));
        }
        if (cell.final) {
            told.push(_t("told as final"));
        }
        return told.join("; ");
    }

    open(row, month) {
        const [year, number] = month.split("-").map(Number);
        const last = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
        const domain = [
            ["company_id", "=", row.company_id],
            ["scope", "=", row.scope],
            ["object", "=", row.model],
            ["last_on", ">=", `${month}-01`],
            ["last_on", "<=", last],
        ];
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: `${row.company} · ${month}`,
            res_model: "fin.actual.period",
            domain,
            context: { search_default_newest: 1 },
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

registry.category("actions").add("connector_planning.matrix", ActualMatrix);
