import { Component, useState } from "@odoo/owl";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";

/** One box that answers where a thing is. */
export class TraceBox extends Component {
    static template = "finance_integration_governance.TraceBox";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ text: "", asked: "", hits: [], isWhole: true });
        this.last = new KeepLast();
        if (!this.env.isSmall) {
            useAutofocus();
        }
    }

    async find() {
        const text = this.state.text.trim();
        if (!text) {
            return this.clear();
        }
        const told = await this.last.add(this.orm.call("fin.trace", "find", [text]));
        Object.assign(this.state, { asked: text, hits: told.hits, isWhole: told.is_whole });
    }

    clear() {
        Object.assign(this.state, { text: "", asked: "", hits: [], isWhole: true });
    }

    open(link) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: link.model,
            res_id: link.id,
            views: [[false, "form"]],
        });
    }
}
