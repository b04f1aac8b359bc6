import { Component, onWillStart, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const SHOWN = 25; // flows, those in trouble first, until somebody wants all of them

/** How each flow did on each of the last days; a cell leads to the runs of that day. */
export class HeatMap extends Component {
    static template = "finance_integration_governance.HeatMap";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ days: [], flows: [], all: false });
        onWillStart(() => {
            // The answers do not wait for it.
            this.load();
        });
    }

    async load() {
        Object.assign(this.state, await this.orm.silent.call("fin.tower", "heat", []));
    }

    get flows() {
        return this.state.all ? this.state.flows : this.state.flows.slice(0, SHOWN);
    }

    get days() {
        return this.state.days.map((day) => ({ ...day, label: day.on.slice(8), title: day.on }));
    }

    words(flow, day, [runs, late]) {
        const told = late
            ? _t("%(runs)s runs, %(late)s late or missed", { runs, late })
            : _t("%(runs)s runs", { runs });
        return `${flow.name} · ${day.on}: ${told}`;
    }

    open(flow, day, [runs]) {
        const [model, moment] = runs ? ["fin.run", "create_date"] : ["fin.slot", "due_at"];
        const domain = [
            ["flow_id", "=", flow.id],
            [moment, ">=", day.from],
            [moment, "<", day.to],
            runs ? ["is_draft", "=", false] : ["state", "in", ["late", "missed"]],
        ];
        const name = `${flow.name} · ${deserializeDateTime(day.from).toLocaleString()}`;
        const views = [
            [false, "list"],
            [false, "form"],
        ];
        return this.action.doAction({ type: "ir.actions.act_window", name, res_model: model, domain, views });
    }
}
