// The scores of pruning: a filter's numbers under the pointer and by the arrow keys, and a slider
// that says what another threshold WOULD have taken, by the scores that this run measured.

// Columns of a layer's rows.
const [kFilter, kScore, kBefore, kLeft, kDecision, kReason, kCut] = [0, 1, 2, 3, 4, 5, 6];

function filterWords(row, cuts) {
  const number = (value) => (value === null ? "not known" : Number(value).toPrecision(3));
  const parts = [`filter ${row[kFilter]}`, `score ${number(row[kScore])}`];
  if (cuts && row[kCut]) {
    parts.push(`cut ${row[kCut]}`,
      `network ${thousands(row[kBefore])} to ${thousands(row[kLeft])} parameters`);
  } else if (!cuts && row[kLeft] !== null) {
    const left = `${row[kBefore].toFixed(3)} to ${row[kLeft].toFixed(3)}`;
    parts.push(row[kDecision] === "removed" ? `share left ${left}` : `would go from ${left}`);
  }
  return `${parts.join(", ")}: ${row[kDecision]}, ${row[kReason]}`;
}

// The pointer of one layer: arrows move it, its words stand below the drawing.
function addPointer(figure, rows, frame, cuts) {
  const svg = figure.querySelector("svg");
  const width = (frame.right - frame.left) / rows.length;
  const mark = madeSvg("rect", { class: "pointer", y: frame.top, width: width.toFixed(2),
    height: frame.bottom - frame.top, visibility: "hidden" });
  const words = made("output", { className: "readout", textContent: "\u00a0" });
  svg.append(mark);
  figure.querySelector(".scroll").after(words);
  let at = -1;
  const show = (index) => {
    at = Math.max(0, Math.min(rows.length - 1, index));
    mark.setAttribute("x", (frame.left + at * width).toFixed(2));
    mark.setAttribute("visibility", "visible");
    words.textContent = filterWords(rows[at], cuts);
  };
  svg.addEventListener("pointermove", (event) => {
    const x = event.clientX - svg.getBoundingClientRect().left;
    if (x >= frame.left && x <= frame.right) show(Math.floor((x - frame.left) / width));
  });
  const region = figure.querySelector(".scroll");
  region.setAttribute("aria-label", `${region.getAttribute("aria-label")}: arrow keys go from ` +
    "filter to filter");
  region.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: rows.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    show(steps[event.key]);
  });
  region.addEventListener("focus", () => show(Math.max(at, 0)));
}

// How many of a layer's filters would go; `more`: beyond them nothing was measured.
function wouldGo(rows, slider, value) {
  let gone = 0;
  for (const row of rows) {
    if (slider.cuts) {
      if (row[kDecision] !== "removed" || row[kBefore] <= value) break;
    } else {
      if (rows.length - gone <= slider.floor) break;
      if (row[kLeft] === null) return { gone, more: gone > 0 };
      if (row[kLeft] < value) break;
    }
    gone += 1;
  }
  return { gone, more: false };
}

function parametersOf(counts, slider) {
  return counts.reduce((sum, count, layer) =>
    sum + slider.each[layer] * count +
    (layer > 0 ? slider.pairs[layer] * counts[layer - 1] * count : 0), slider.constant);
}

// A line below the bars as long as what would go, and the threshold where it would be.
function addWouldMarks(figure, { frame, cuts, whole }) {
  const svg = figure.querySelector("svg");
  const span = madeSvg("path", { class: "would" });
  const line = madeSvg("path", { class: "would threshold" });
  svg.append(span, line);
  return (gone, count, value) => {
    const end = frame.left + (frame.right - frame.left) * gone / count;
    span.setAttribute("d", gone > 0 ? `M${frame.left} ${frame.bottom + 4}H${end.toFixed(1)}` : "");
    const share = cuts ? value / whole : value;
    const y = frame.bottom - (frame.bottom - frame.top) * share;
    line.setAttribute("d", `M${frame.left} ${y.toFixed(1)}H${frame.right}`);
  };
}

function sliderRange(slider, layers) {
  if (!slider.cuts) return { min: 0.5, max: 1, step: 0.005, value: slider.threshold };
  const all = layers.flatMap((layer) => layer.rows).filter((row) => row[kDecision] === "removed");
  const most = Math.max(...all.map((row) => row[kBefore]));
  const least = Math.min(...all.map((row) => row[kLeft]));
  return { min: least, max: most, step: 1, value: least };
}

function wouldWords(value, slider, layers, outcomes) {
  const counts = layers.map((layer, i) => layer.rows.length - outcomes[i].gone);
  const more = outcomes.some((outcome) => outcome.more);
  const each = layers.map((layer, i) =>
    `${layer.name} ${layer.rows.length} \u2192 ${counts[i]}${outcomes[i].more ? " or fewer" : ""}`);
  const setting = slider.cuts ? `Cuts that end at ${thousands(value)} parameters`
    : `A threshold of ${value.toFixed(3)}`;
  // Without the student's file its size as a function of its filters is not known.
  const size = slider.each.length === 0 ? ""
    : ` ${more ? "at most " : ""}${thousands(parametersOf(counts, slider))} parameters ` +
      `(this run left ${thousands(slider.parameters)}):`;
  return `${setting} would leave${size} ${each.join(", ")}.`;
}

function addSlider(block, slider, layers) {
  const range = sliderRange(slider, layers);
  const input = made("input", { type: "range", min: range.min, max: range.max, step: range.step });
  input.value = range.value;
  const words = made("output");
  const label = slider.cuts ? "Where cuts would end (parameters) " : "Another threshold ";
  const move = () => {
    const value = Number(input.value);
    const outcomes = layers.map((layer) => wouldGo(layer.rows, slider, value));
    layers.forEach((layer, i) => layer.mark(outcomes[i].gone, layer.rows.length, value));
    words.textContent = wouldWords(value, slider, layers, outcomes);
  };
  input.addEventListener("input", move);
  block.prepend(made("div", { className: "control would-control" },
    made("label", {}, label, input), words,
    made("p", { className: "note", textContent: slider.cuts
      ? "By the order in which this run removed them; it would have been tuned less."
      : "By the shares that this run measured, layer by layer; layers scored later would have " +
        "other scores. A thick line below the bars marks what would go." })));
  move();
}

for (const block of document.querySelectorAll(".scores")) {
  const slider = dataOf(block, "slider");
  const layers = [...block.querySelectorAll("figure.figure")].map((figure) => {
    const rows = dataOf(figure, "table").rows;
    addPointer(figure, rows, slider.frame, slider.cuts);
    return { name: figure.querySelector("h3").textContent, rows,
      mark: addWouldMarks(figure, slider) };
  });
  addSlider(block, slider, layers);
}
