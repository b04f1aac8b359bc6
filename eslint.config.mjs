import globals from "globals";

const odoo = { odoo: "readonly", owl: "readonly", luxon: "readonly", Chart: "readonly" };

export default [
    { ignores: ["**/static/lib/**", "**/node_modules/**", ".run/**"] },
    {
        files: ["**/static/**/*.js"],
        languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: { ...globals.browser, ...odoo } },
        rules: {
            "no-undef": "error",
            "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
            "prefer-const": "error",
            "no-var": "error",
            eqeqeq: ["error", "smart"],
            "no-debugger": "error",
            "no-console": ["error", { allow: ["warn", "error"] }],
            "no-eval": "error",
            "no-implied-eval": "error",
        },
    },
];
