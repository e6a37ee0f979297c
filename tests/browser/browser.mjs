// A page in headless Chromium, as its reader has it. Tests open what the program wrote, from a file.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// scripts/browser_test.sh installs it below the build folder.
const require = createRequire(`${process.env.SECATEUR_NODE_MODULES}/`);
const { chromium } = require("playwright-core");

let browser;

async function launched() {
  browser ??= await chromium.launch({
    executablePath: process.env.SECATEUR_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  return browser;
}

// Every error of the console, of a script and of a request stands in `problems`. A request that
// leaves the file is one of them.
export async function openPage(file, { width = 1280, height = 900, colorScheme = "light",
  javaScriptEnabled = true } = {}) {
  const context = await (await launched()).newContext({ viewport: { width, height }, colorScheme,
    javaScriptEnabled });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push(`asks for ${request.url()}`);
  });
  page.on("requestfailed", (request) => problems.push(`no ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  return { page, problems };
}

// How many pixels the page is wider than its window.
export function overhang(page) {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}
