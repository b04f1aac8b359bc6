import { Component, onWillDestroy, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MODULE = "finance_integration_governance";
const STAGES = 6;
const COUNTED = 100_000;
const OVER = ["done", "held", "failed", "cancelled"];

/** How far a run has come while it works; the server says so over the bus to whoever may see the run. */
export class RunProgress extends Component {
    static template = `${MODULE}.RunProgress`;
    static props = { ...standardFieldProps };

    setup() {
        this.bus = useService("bus_service");
        this.state = useState({ told: null });
        this.moved = (told) => this.onMoved(told);
        this.bus.subscribe(`${MODULE}/run`, this.moved);
        useRecordObserver((record) => this.follow(record));
        onWillDestroy(() => {
            this.bus.unsubscribe(`${MODULE}/run`, this.moved);
            this.leave();
        });
    }

    /** Runs that are over do not move any more. */
    follow(record) {
        const channel = record.resId && `fin_run_${record.resId}`;
        const isMoving = channel && !["done", "cancelled"].includes(record.data.state);
        if (channel !== this.channel || !isMoving) {
            this.leave();
            this.state.told = null;
        }
        if (isMoving && !this.channel) {
            this.channel = channel;
            this.bus.addChannel(channel);
        }
    }

    leave() {
        if (this.channel) {
            this.bus.deleteChannel(this.channel);
            this.channel = null;
        }
    }

    async onMoved(told) {
        if (told.id !== this.props.record.resId) {
            return;
        }
        this.state.told = told;
        if (OVER.includes(told.state) || told.state !== this.props.record.data.state) {
            await this.props.record.load();
        }
    }

    get isShown() {
        return this.props.record.data.state === "running" && this.state.told;
    }

    get isCounted() {
        const { items } = this.state.told;
        return items && items < COUNTED;
    }

    get share() {
        const { at, items, open } = this.state.told;
        const within = this.isCounted ? (items - open) / items : 0;
        return Math.round((100 * (at + within)) / STAGES);
    }

    get left() {
        return this.state.told.items - this.state.told.open;
    }
}

registry.category("fields").add("fin_run_progress", {
    component: RunProgress,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "state", type: "selection" }],
});
