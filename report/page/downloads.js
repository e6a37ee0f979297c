// Every figure as SVG, as it is shown now, and what it shows as CSV; every other table as CSV.

const drawnProperties = [
  "display", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray",
  "stroke-linejoin", "opacity", "font-family", "font-size", "font-weight", "text-anchor",
];

// The page's style sheet does not travel with the file.
function withOwnStyle(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    for (const name of drawnProperties) copies[i].style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const ground = getComputedStyle(document.body).backgroundColor;
  copy.prepend(madeSvg("rect", { width: "100%", height: "100%", fill: ground }));
  return new XMLSerializer().serializeToString(copy);
}

function csvCell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText(rows) {
  return rows.map((row) => row.map(csvCell).join(",") + "\n").join("");
}

function tableRows(table) {
  return [...table.rows].map((row) =>
    [...row.cells].map((cell) => (cell.innerText || cell.textContent).trim().replace(/\s+/g, " ")));
}

function offer(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  made("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);  // a busy browser begins late
}

function downloadButton(label, what, act) {
  const button = made("button", { type: "button", textContent: label });
  button.setAttribute("aria-label", `${label} of ${what}`);
  button.addEventListener("click", act);
  return button;
}

for (const figure of document.querySelectorAll("figure.figure")) {
  const svg = figure.querySelector("svg");
  const data = dataOf(figure, "table");
  const name = figure.dataset.name;
  const bar = made("div", { className: "downloads" });
  if (svg) {
    bar.append(downloadButton("SVG", name, () => {
      offer(`${name}.svg`, "image/svg+xml", withOwnStyle(svg));
    }));
  }
  if (data) {
    bar.append(downloadButton("CSV", name, () => {
      offer(`${name}.csv`, "text/csv", csvText([data.columns, ...data.rows]));
    }));
  }
  figure.append(bar);
}

for (const region of document.querySelectorAll("div.scroll:has(> table)")) {
  const name = region.getAttribute("aria-label");
  const file = name.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase();
  const table = region.querySelector("table");
  region.after(made("div", { className: "downloads" }, downloadButton("CSV", name, () => {
    offer(`${file}.csv`, "text/csv", csvText(tableRows(table)));
  })));
}
