import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { debounce } from "@web/core/utils/timing";

const MODULE = "finance_integration_governance";
const PATIENCE = 500; // milliseconds: many changes in one go are counted once

/** What waits for me, wherever I am: the number comes when it changes, nobody asks in between. */
export class MineMenu extends Component {
    static template = `${MODULE}.MineMenu`;
    static components = { Dropdown, DropdownItem };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.state = useState({ isMine: false, exceptions: 0, overdue: 0, approvals: 0 });
        const changed = debounce(() => this.count(), PATIENCE);
        onWillStart(async () => {
            this.state.isMine = await user.hasGroup(`${MODULE}.group_viewer`);
            if (this.state.isMine) {
                this.bus.subscribe(`${MODULE}/mine`, changed);
                // The page does not wait for it.
                this.count();
            }
        });
        onWillDestroy(() => this.bus.unsubscribe(`${MODULE}/mine`, changed));
    }

    get total() {
        return this.state.exceptions + this.state.approvals;
    }

    get title() {
        return _t("Finance integrations: what waits for me");
    }

    async count() {
        Object.assign(this.state, await this.orm.silent.call("fin.mine", "counts", []));
    }

    openExceptions() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("My Exceptions"),
            res_model: "fin.exception",
            domain: [
                ["user_id", "=", user.userId],
                ["state", "in", ["open", "in_progress"]],
            ],
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    openApprovals() {
        return this.action.doAction(`${MODULE}.fin_approval_action_mine`);
    }

    openTower() {
        return this.action.doAction(`${MODULE}.fin_tower_action`, { clearBreadcrumbs: true });
    }
}

registry.category("systray").add(`${MODULE}.mine`, { Component: MineMenu }, { sequence: 22 });
