import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { join } from "node:path";
import { closeBrowser, openPage, overhang } from "./browser.mjs";
import { secateur, temporaryFolder, tinyRun } from "./program.mjs";

const folder = temporaryFolder();
const several = tinyRun(join(folder, "run"));
const cuts = tinyRun(join(folder, "cuts"), "neuron=0", "prune.criterion=response",
  "prune.parameters=500", "prune.step=0.2", "prune.tune_images=64", "distill.images=0",
  `teacher=${several}`, `start=${join(several, "models", "oriented_edge_student.safetensors")}`);
const hostile = hostileCopy(several, join(folder, "hostile"));
const pages = {
  "several neurons": join(several, "report.html"),
  "one neuron, in cuts, without distillation": join(cuts, "report.html"),
  "a hostile name": join(hostile, "report.html"),
};
after(closeBrowser);

// The same run of a neuron whose name would be a script.
function hostileCopy(run, copy) {
  cpSync(run, copy, { recursive: true });
  const file = join(copy, "results.json");
  const results = JSON.parse(readFileSync(file, "utf8"));
  results.neurons[0].name = '</script><img src=x onerror="console.error(1)">';
  writeFileSync(file, JSON.stringify(results));
  secateur("report", copy);
  return copy;
}

async function downloaded(page, figure, kind) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator(`figure[data-name="${figure}"] button`, { hasText: kind }).click(),
  ]);
  return readFileSync(await download.path(), "utf8");
}

for (const [name, file] of Object.entries(pages)) {
  for (const width of [1280, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${name}: opens without an error, ${width} pixels wide, ${colorScheme}`, async () => {
        const { page, problems } = await openPage(file, { width, colorScheme });
        assert.deepEqual(problems, []);
        assert.match(await page.locator("h1").innerText(), /^Compact models of /);
        const verdicts = await page.locator("header .verdict").allInnerTexts();
        assert.match(verdicts.at(-1), /^[✓!✗] (Good|Look|Stop)/);
        // The copy with a hostile name has another results.json than its lineage says.
        const changed = verdicts.filter((text) => text.startsWith("✗ Changed since the run."));
        assert.equal(changed.length, file === pages["a hostile name"] ? 1 : 0);
        assert.ok((await overhang(page)) <= 0);
        const empty = await page.locator("main section").evaluateAll((sections) =>
          sections.filter((section) => section.innerText.trim().length < 40).length);
        assert.equal(empty, 0);
      });
    }
  }
}

test("the picker shows one neuron at a time", async () => {
  const { page, problems } = await openPage(pages["several neurons"]);
  const shown = () => page.locator("#neurons .neuron:visible h3").first().innerText();
  const first = await shown();
  assert.equal(await page.locator("#neurons .neuron:visible").count(), 1);
  await page.locator('.picker button[data-step="1"]').press("Enter");
  assert.notEqual(await shown(), first);
  assert.equal(await page.locator("#pruning g.line.chosen").first().getAttribute("data-neuron"), "1");
  await page.locator("#overview a[data-pick='0']").press("Enter");
  assert.equal(await shown(), first);
  assert.deepEqual(problems, []);
});

test("the table of neurons is sorted and narrowed", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const names = () => page.locator("#overview tbody tr:visible th").allInnerTexts();
  const byName = [...await names()].sort();
  await page.locator("#overview thead button", { hasText: /^neuron$/ }).press("Enter");
  assert.deepEqual(await names(), byName);
  await page.locator("#overview thead button", { hasText: /^neuron$/ }).press("Enter");
  assert.deepEqual(await names(), byName.toReversed());
  await page.locator("#overview input[type=search]").fill(byName[0]);
  assert.deepEqual(await names(), [byName[0]]);
});

test("arrow keys move the threshold, and say what would go", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const slider = page.locator(".scores:visible input[type=range]");
  const words = page.locator(".scores:visible .would-control output");
  const parameters = async () =>
    Number((await words.innerText()).match(/would leave (?:at most )?([\d,]+)/)[1].replace(/,/g, ""));
  // At the run's own threshold the scores say what the run left.
  const left = (await words.innerText()).match(/this run left ([\d,]+)/)[1];
  assert.equal(await parameters(), Number(left.replace(/,/g, "")));
  const before = await parameters();
  await slider.press("End");
  assert.match(await words.innerText(), /A threshold of 1\.000 would leave/);
  assert.ok((await parameters()) > before);
});

test("a filter's score and reason stand below the bars, by keys", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const figure = page.locator(".scores:visible figure").first();
  await figure.locator(".scroll").focus();
  const first = await figure.locator(".readout").innerText();
  assert.match(first, /^filter \d+, score .*: (removed|kept), \w/);
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await figure.locator(".readout").innerText(), first);
});

test("the slider of cuts ends where the run did", async () => {
  const { page } = await openPage(pages["one neuron, in cuts, without distillation"]);
  const words = page.locator(".would-control output");
  const [, would, did] = (await words.innerText()).match(
    /would leave ([\d,]+) parameters \(this run left ([\d,]+)\)/);
  assert.equal(would, did);
  await page.locator(".scores input[type=range]").press("End");
  assert.notEqual((await words.innerText()).match(/would leave ([\d,]+)/)[1], did);
});

test("figures are given as SVG and CSV that can be read", async () => {
  for (const file of Object.values(pages)) {
    let { page } = await openPage(file);
    const names = await page.locator("figure.figure:visible").evaluateAll((figures) =>
      figures.map((figure) => figure.dataset.name));
    for (const [i, name] of names.entries()) {
      // Chromium gives no more than ten files to a page.
      if (i % 4 === 3) {
        await page.context().close();
        ({ page } = await openPage(file));
      }
      const figure = page.locator(`figure[data-name="${name}"]`);
      const svg = await downloaded(page, name, "SVG");
      const fault = await page.evaluate((text) => {
        const document = new DOMParser().parseFromString(text, "image/svg+xml");
        return document.querySelector("parsererror")?.textContent ?? "";
      }, svg);
      assert.equal(fault, "", name);
      assert.doesNotMatch(svg, /var\(--/);
      if (await figure.locator("button", { hasText: "CSV" }).count() === 0) continue;
      const [head, ...rows] = (await downloaded(page, name, "CSV")).trimEnd().split("\n");
      assert.ok(rows.length > 0, name);
      const columns = head.split(",").length;
      for (const row of rows) {
        assert.equal(row.replace(/"([^"]|"")*"/g, "text").split(",").length, columns, row);
      }
    }
  }
});

test("details are open in print", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const closed = () => page.locator("details:not([open])").count();
  assert.ok((await closed()) > 0);
  await page.emulateMedia({ media: "print" });
  await page.waitForFunction(() => !document.querySelector("details:not([open])"));
  await page.emulateMedia({ media: "screen" });
  await page.waitForFunction(() => document.querySelector("details:not([open])"));
});

test("all neurons are printed, not the picked one alone", async () => {
  const { page } = await openPage(pages["several neurons"]);
  for (const section of ["#neurons", "#scores", "#recovery"]) {
    const blocks = page.locator(`${section} .neuron:visible`);
    assert.equal(await blocks.count(), 1);
    await page.emulateMedia({ media: "print" });
    assert.equal(await blocks.count(), 2);
    const names = await page.locator(`${section} .neuron h3[id], ${section} .whose`).allInnerTexts();
    assert.deepEqual(names, await page.locator("#picked option").allInnerTexts());
    await page.emulateMedia({ media: "screen" });
    assert.equal(await blocks.count(), 1);
  }
});

test("a panel without crosses says why", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const captions = await page.locator("#pruning figcaption").allInnerTexts();
  assert.match(captions[0], /No crosses: filters taken out at once or at random were scored on/);
  assert.match(captions[1], /Crosses: the student/);
  assert.doesNotMatch(captions[1], /No crosses/);
});

test("every control and scrolled region has a name, labels are of 13 pixels", async () => {
  const { page } = await openPage(pages["several neurons"]);
  const faults = await page.evaluate(() => {
    const nameless = [...document.querySelectorAll("button, input, select, [role=region]")].filter(
      (element) => !(element.getAttribute("aria-label") || element.textContent.trim() ||
        element.labels?.length));
    const small = [...document.querySelectorAll("svg.drawing text")].filter(
      (text) => parseFloat(getComputedStyle(text).fontSize) < 13);
    const undescribed = [...document.querySelectorAll("svg.drawing, img")].filter(
      (picture) => !(picture.getAttribute("aria-label") || picture.alt));
    const heads = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
    const skipped = heads.filter((level, i) => i > 0 && level > heads[i - 1] + 1);
    return [nameless.length, small.length, undescribed.length, skipped.length];
  });
  assert.deepEqual(faults, [0, 0, 0, 0]);
});

test("without scripts every neuron's numbers and drawings are there", async () => {
  const { page } = await openPage(pages["several neurons"], { javaScriptEnabled: false });
  assert.equal(await page.locator("#neurons .neuron:visible").count(), 2);
  assert.ok(await page.locator("#scores svg:visible").count() > 5);
});

test("it is made again to the byte", () => {
  const before = readFileSync(pages["several neurons"]);
  secateur("report", several);
  assert.ok(before.equals(readFileSync(pages["several neurons"])));
});
