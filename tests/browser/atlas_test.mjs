import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { closeBrowser, openPage, overhang } from "./browser.mjs";
import { secateur, temporaryFolder, tinyRun, writePictures } from "./program.mjs";

const folder = temporaryFolder();
const run = tinyRun(join(folder, "run"));
const atlas = join(folder, "atlas");
const pictures = writePictures(join(folder, "pictures.npy"), 24, 32);
const models = readdirSync(join(run, "models"))
  .filter((name) => name.endsWith("_compact.secateur"));
secateur("atlas", ...models.map((name) => join(run, "models", name)), "--images", pictures,
  "--steps", "10", "-o", atlas, "--quiet");
const names = models.map((name) => name.replace(/\.secateur$/, ""));
after(closeBrowser);

const shownNames = (page) => page.locator(".models > li:visible h2").allInnerTexts();

for (const width of [1280, 400]) {
  test(`all models on a page ${width} pixels wide`, async () => {
    const { page, problems } = await openPage(join(atlas, "index.html"), { width });
    assert.equal((await shownNames(page)).length, 2);
    assert.deepEqual(problems, []);
    assert.ok((await overhang(page)) <= 0);
  });
}

test("search and order by keyboard alone", async () => {
  const { page } = await openPage(join(atlas, "index.html"));
  await page.keyboard.press("Tab");
  await page.keyboard.type(names[1]);
  assert.deepEqual(await shownNames(page), [names[1]]);
  assert.equal(await page.locator("#found").innerText(), "1 of 2 models");
  await page.locator("#search").fill("");
  await page.locator("#order").selectOption("size down");
  const sizes = await page.locator(".models > li").evaluateAll((all) =>
    all.map((card) => Number(card.dataset.size)));
  assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
});

test("a card leads to its model, whose pictures are there", async () => {
  const { page, problems } = await openPage(join(atlas, "index.html"));
  await page.locator(".models h2 a").first().click();
  await page.waitForLoadState();
  const broken = await page.locator("img").evaluateAll(async (all) => {
    for (const image of all) image.loading = "eager";
    await Promise.all(all.map((image) => image.decode().catch(() => {})));
    return all.filter((image) => image.naturalWidth === 0).map((image) => image.src);
  });
  assert.deepEqual(broken, []);
  assert.deepEqual(problems, []);
});

test("a card leads to the circuit and to the playground, whose check holds", async () => {
  const { page, problems } = await openPage(join(atlas, "index.html"));
  assert.ok(readFileSync(join(atlas, names[0], "circuit.svg"), "utf8").startsWith("<svg"));
  const card = page.locator(".models > li").first();
  assert.equal(await card.getByRole("link", { name: "circuit" }).count(), 1);
  await card.getByRole("link", { name: "playground" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes");
  assert.match(await page.locator("#check").innerText(), /Checked/);
  assert.deepEqual(problems, []);
});
