import assert from "node:assert/strict";
import { after, test } from "node:test";
import { join } from "node:path";
import { closeBrowser, openPage, overhang } from "./browser.mjs";
import { temporaryFolder, tinyRun } from "./program.mjs";

const report = join(tinyRun(join(temporaryFolder(), "run")), "report.html");
after(closeBrowser);

for (const width of [1280, 400]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`opens without an error, ${width} pixels wide, ${colorScheme}`, async () => {
      const { page, problems } = await openPage(report, { width, colorScheme });
      assert.deepEqual(problems, []);
      assert.ok((await page.locator("h1").innerText()).length > 10);
      assert.ok((await overhang(page)) <= 0);
    });
  }
}
