import { Component } from "@odoo/owl";
import { PropertyValue } from "@web/views/fields/properties/property_value";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const TYPES = { flag: "boolean", word: "selection", words: "tags" };

/** What a flow says to its object: one line for each option that the object declares, as settings of a connection. */
export class OptionsField extends Component {
    static template = "finance_integration_governance.OptionsField";
    static components = { PropertyValue };
    static props = { ...standardFieldProps, declared: { type: String }, columns: { type: Number } };

    get told() {
        return this.props.record.data[this.props.name] || {};
    }

    get lines() {
        return (this.props.record.data[this.props.declared] || []).map((option) => this.line(option));
    }

    line(option) {
        const value = this.read(option);
        const words = { ...option.words };
        // A name of a record that is not there now still is what the flow says.
        for (const word of [value].flat().filter((one) => typeof one === "string" && one)) {
            words[word] ??= word;
        }
        const choices = Object.entries(words);
        return {
            ...option,
            id: `option_${this.props.id}_${option.name}`,
            type: TYPES[option.kind] || "char",
            value: option.kind === "texts" ? (value || []).join(", ") : this.shown(value),
            choices,
            tags: choices.map(([word, label], index) => [word, label, (index % 11) + 1]),
        };
    }

    shown(value) {
        return typeof value === "number" ? String(value) : (value ?? false);
    }

    read(option) {
        const value = option.name.split(".").reduce((part, name) => part?.[name], this.told);
        return value ?? option.default;
    }

    change(option, value) {
        const [name, inner] = option.name.split(".");
        const told = { ...this.told };
        const part = inner ? { ...told[name] } : told;
        const wanted = this.typed(option, value);
        if (this.saysNothing(option, wanted)) {
            delete part[inner || name];
        } else {
            part[inner || name] = wanted;
        }
        if (inner) {
            told[name] = part;
            if (!Object.keys(part).length) {
                delete told[name];
            }
        }
        return this.props.record.update({ [this.props.name]: told });
    }

    /** As the server keeps it; what cannot be read goes there as it is, and is refused in words. */
    typed(option, value) {
        if (option.type !== "char") {
            return value;
        }
        const text = (value || "").trim();
        if (option.kind === "texts") {
            return text
                .split(",")
                .map((one) => one.trim())
                .filter(Boolean);
        }
        return option.kind === "number" && /^\d+$/.test(text) ? Number(text) : text;
    }

    saysNothing(option, value) {
        const usual = option.default ?? (option.kind === "flag" ? false : "");
        return value === usual || value === "" || value === null || (Array.isArray(value) && !value.length);
    }
}

export const optionsField = {
    component: OptionsField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({
        declared: options.declared || "option_fields",
        columns: options.columns || 2,
    }),
    fieldDependencies: ({ options }) => [{ name: options.declared || "option_fields", type: "json", readonly: true }],
};

registry.category("fields").add("fin_options", optionsField);
