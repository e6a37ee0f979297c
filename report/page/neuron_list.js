// The table of neurons: sorted by a click on a column's name, narrowed by words.

function sortValue(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.sort ?? cell.textContent.trim();
  return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

// What is missing stands last, whichever way.
function compared(a, b, way) {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a === "number" && typeof b === "number") return way * (a - b);
  return way * String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortBy(table, column, head) {
  const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [sortValue(row, column), row]);
  rows.sort((a, b) => compared(a[0], b[0], way));
  body.append(...rows.map(([, row]) => row));
}

function addFilter(list, table) {
  const field = made("input", { type: "search" });
  const shown = made("output");
  const narrow = () => {
    const wanted = field.value.trim().toLowerCase();
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };
  field.addEventListener("input", narrow);
  list.prepend(made("div", { className: "control" },
    made("label", {}, "Only those with ", field), " ", shown));
  narrow();
}

for (const list of document.querySelectorAll(".neuron-list")) {
  const table = list.querySelector("table");
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.textContent.trim() === "") return;
    const button = made("button", { type: "button", textContent: head.textContent });
    button.addEventListener("click", () => sortBy(table, column, head));
    head.replaceChildren(button);
  });
  addFilter(list, table);
}
