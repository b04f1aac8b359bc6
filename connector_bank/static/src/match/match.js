import { Component, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { HELP, KINDS } from "./match_words";

const MODEL = "fin.match.screen";
/** Bank lines that wait at the left, and what each may be matched with at the right. */
export class MatchScreen extends Component {
    static template = "connector_bank.MatchScreen";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.search = useRef("search");
        this.find = useRef("find");
        this.list = useRef("list");
        this.help = HELP;
        this.state = useState({
            lines: [],
            total: 0,
            journals: [],
            aside: "",
            journal: false,
            text: "",
            chosen: 0,
            told: null,
            marked: [],
            basket: [],
            found: [],
            showHelp: false,
            isBusy: false,
            done: 0,
        });
        this.env.config.setDisplayName(_t("Match Bank Lines"));
        useExternalListener(window, "keydown", (event) => this.onKey(event));
        onWillStart(() => this.load());
    }

    get display() {
        return { controlPanel: {} };
    }

    get line() {
        return this.state.lines[this.state.chosen];
    }

    /** What the line has left once the basket is applied. */
    get remainder() {
        const taken = this.state.basket.reduce((sum, one) => sum + (Number(one.amount) || 0), 0);
        return Math.round(((this.line?.left || 0) - taken) * 100) / 100;
    }

    get markedSum() {
        const marked = this.state.lines.filter((line) => this.state.marked.includes(line.id));
        return marked.reduce((sum, line) => sum + line.left, 0);
    }

    money(amount, line) {
        return formatMonetary(Number(amount), { currencyId: (line || this.line)?.currency_id });
    }

    day(text) {
        return text ? formatDate(deserializeDate(text)) : "";
    }

    kind(proposal) {
        return KINDS[proposal.kind];
    }

    // Reading

    async load(keep = false) {
        const told = await this.orm.call(MODEL, "lines", [this.state.journal, this.state.text]);
        const before = this.line?.id;
        Object.assign(this.state, told);
        const place = keep ? told.lines.findIndex((line) => line.id === before) : 0;
        this.state.chosen = place >= 0 ? place : Math.min(this.state.chosen, Math.max(0, told.lines.length - 1));
        await this.look();
    }

    async look() {
        Object.assign(this.state, { told: null, basket: [], found: [] });
        const line = this.line;
        if (!line) {
            return;
        }
        const told = await this.orm.silent.call(MODEL, "proposals", [line.id]);
        if (this.line?.id === line.id) {
            this.state.told = told;
        }
    }

    async choose(place) {
        if (place < 0 || place >= this.state.lines.length || place === this.state.chosen) {
            return;
        }
        this.state.chosen = place;
        this.list.el?.children[place]?.scrollIntoView({ block: "nearest" });
        await this.look();
    }

    async filter(journal) {
        this.state.journal = journal;
        this.state.marked = [];
        await this.load();
    }

    async onSearch(event) {
        this.state.text = event.target.value;
        await this.load();
    }

    async onFind(event) {
        const text = event.target.value.trim();
        this.state.found = text && this.line ? await this.orm.call(MODEL, "search", [this.line.id, text]) : [];
    }

    // Acting

    async act(method, args, said) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            const told = await this.orm.call(MODEL, method, args);
            if (said) {
                this.notification.add(said, { type: "success" });
            }
            return told;
        } finally {
            this.state.isBusy = false;
        }
    }

    async settled(told) {
        if (!told) {
            return;
        }
        if (told.is_done) {
            this.state.done += 1;
            this.state.marked = [];
            this.state.total -= 1;
            this.state.lines.splice(this.state.chosen, 1);
            this.state.chosen = Math.min(this.state.chosen, Math.max(0, this.state.lines.length - 1));
            return this.state.lines.length ? this.look() : this.load();
        }
        Object.assign(this.line, told.line);
        return this.look();
    }

    async take(proposal, rest = "write_off") {
        if (!proposal || !this.line) {
            return;
        }
        const parts = proposal.parts.map((part) => [part.item, part.amount]);
        const args = [this.line.id, parts, proposal.kind, rest, proposal.partner_id || false, proposal.account || ""];
        await this.settled(await this.act("apply", args));
    }

    async takeBasket() {
        const parts = this.state.basket.map((one) => [one.item, String(one.amount)]);
        await this.settled(await this.act("apply", [this.line.id, parts]));
    }

    async together(document) {
        const told = await this.act(
            "together",
            [this.state.marked, document.item],
            _t("The marked lines are matched."),
        );
        if (told) {
            this.state.marked = [];
            await this.load();
        }
    }

    async book(to) {
        const partner = this.state.told?.proposals.find((one) => one.partner_id)?.partner_id || false;
        await this.settled(await this.act("book", [this.line.id, to, partner]));
    }

    async preset(preset) {
        await this.settled(await this.act("preset", [this.line.id, preset.id]));
    }

    async undo() {
        const told = await this.act("undo_last", [], _t("Undone: the line waits again."));
        if (told) {
            this.state.done = Math.max(0, this.state.done - 1);
            await this.load();
            const place = this.state.lines.findIndex((line) => line.id === told.id);
            await this.choose(place);
        }
    }

    mark(line) {
        const marked = this.state.marked;
        const place = marked.indexOf(line.id);
        if (place >= 0) {
            marked.splice(place, 1);
        } else {
            marked.push(line.id);
        }
    }

    add(document) {
        if (this.state.basket.some((one) => one.item === document.item)) {
            return;
        }
        const open = Number(document.open);
        const left = this.remainder;
        const isPart = Math.sign(open) === Math.sign(left) && Math.abs(open) > Math.abs(left);
        this.state.basket.push({ ...document, amount: (isPart ? left : open).toFixed(2) });
    }

    drop(place) {
        this.state.basket.splice(place, 1);
    }

    openEvidence() {
        return this.action.doAction("connector_bank.fin_match_action");
    }

    // Keys

    onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".modal")) {
            return;
        }
        const isTyping = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
        if (isTyping) {
            if (event.key === "Escape") {
                event.target.blur();
            }
            return;
        }
        const act = this.keys[event.key] || (/^[1-9]$/.test(event.key) && (() => this.takeNumber(Number(event.key))));
        if (act) {
            event.preventDefault();
            event.stopPropagation();
            act();
        }
    }

    get keys() {
        const first = () => this.state.told?.proposals[0];
        return {
            j: () => this.choose(this.state.chosen + 1),
            ArrowDown: () => this.choose(this.state.chosen + 1),
            k: () => this.choose(this.state.chosen - 1),
            ArrowUp: () => this.choose(this.state.chosen - 1),
            Enter: () => (this.state.basket.length ? this.takeBasket() : this.take(first())),
            p: () => this.take(first(), "keep"),
            w: () => this.line && this.book("write_off"),
            o: () => this.line && this.book("on_account"),
            x: () => this.line && this.mark(this.line),
            u: () => this.undo(),
            f: () => this.find.el?.focus(),
            "/": () => this.search.el?.focus(),
            "?": () => (this.state.showHelp = !this.state.showHelp),
            Escape: () => Object.assign(this.state, { basket: [], found: [], showHelp: false, marked: [] }),
        };
    }

    takeNumber(number) {
        return this.take(this.state.told?.proposals[number - 1]);
    }
}

registry.category("actions").add("connector_bank.match", MatchScreen);
