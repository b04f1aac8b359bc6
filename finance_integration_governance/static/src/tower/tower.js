import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { user } from "@web/core/user";
import { HeatMap } from "./heat";
import { TraceBox } from "./trace";

const MODULE = "finance_integration_governance";
const LOOKS = {
    good: { icon: "fa-check-circle", color: "success", label: _t("Good") },
    attention: { icon: "fa-exclamation-circle", color: "warning", label: _t("Needs attention") },
    bad: { icon: "fa-times-circle", color: "danger", label: _t("Bad") },
    unknown: { icon: "fa-question-circle", color: "muted", label: _t("Unknown") },
};
const SHOWN = 4; // rows below an answer, until somebody wants all of them

/** One question, its answer in a sentence, and what stands behind it. */
export class TowerQuestion extends Component {
    static template = "finance_integration_governance.TowerQuestion";
    static props = { question: Object, drill: Function };

    setup() {
        this.state = useState({ all: false });
    }

    look(state) {
        return LOOKS[state];
    }

    get rows() {
        return this.state.all ? this.props.question.rows : this.props.question.rows.slice(0, SHOWN);
    }

    get more() {
        return this.props.question.rows.length - this.rows.length;
    }
}

/** The home of the app: questions in words, each with an answer that leads to its records. */
export class Tower extends Component {
    static template = "finance_integration_governance.Tower";
    static components = { HeatMap, Layout, TowerQuestion, TraceBox };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ at: "", questions: [], steps: [], slow: [], isWaiting: true });
        this.env.config.setDisplayName(_t("Control Tower"));
        onWillStart(async () => {
            const [mayFind] = await Promise.all([user.hasGroup(`${MODULE}.group_viewer`), this.load()]);
            this.mayFind = mayFind;
        });
    }

    get questions() {
        return [...this.state.questions, ...this.state.slow];
    }

    get at() {
        return formatDateTime(deserializeDateTime(this.state.at));
    }

    get display() {
        return { controlPanel: {} };
    }

    async load() {
        Object.assign(this.state, await this.orm.call("fin.tower", "answers", []));
        this.loadSlow();
    }

    async loadSlow() {
        this.state.isWaiting = true;
        this.state.slow = await this.orm.silent.call("fin.tower", "slow_answers", []);
        this.state.isWaiting = false;
    }

    /** The records behind a figure: just those. */
    drill(line, title) {
        if (!line.drill) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: title,
            res_model: line.drill.model,
            domain: line.drill.domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    open(action) {
        return this.action.doAction(action);
    }
}

registry.category("actions").add("finance_integration_governance.tower", Tower);
