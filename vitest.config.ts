import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{bench,mesh,scripts,services,simulators,test}/**/*.test.ts"],
    globalSetup: "mesh/testing/setup.ts",
  },
});
