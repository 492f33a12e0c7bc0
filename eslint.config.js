// Rules for the page's scripts and their tests: `make lint`.

import js from "@eslint/js";
import importX from "eslint-plugin-import-x";
import globals from "globals";
import typescript from "typescript-eslint";

export default [
  { ignores: ["**/*.d.ts", ".venv*/", "artifacts/", "build/"] },
  js.configs.recommended,
  {
    files: ["dashboard/assets/**/*.js", "tests/dashboard/assets/**/*.js"],
    plugins: { "@typescript-eslint": typescript.plugin, "import-x": importX },
    languageOptions: {
      parser: typescript.parser,
      parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname },
      globals: globals.browser,
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "eqeqeq": "error",
      "no-else-return": ["error", { allowElseIf: true }],
      "no-implicit-coercion": "error",
      "no-param-reassign": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-arrow-callback": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "curly": ["error", "multi-line"],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": ["error", {
        allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: "test" }],
      }],
      "import-x/no-cycle": "error",
      "import-x/no-self-import": "error",
    },
  },
  { files: ["dashboard/assets/base/{nonce,theme}.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/dashboard/assets/**/*.js"], languageOptions: { globals: globals.node } },
];
