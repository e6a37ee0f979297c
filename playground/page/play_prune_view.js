// The pruning of a column: buttons, what went, the scores of the layer and the accuracy so far.

function makePruning(column) {
  const box = column.part(".pruning");
  if (!column.pruning) {
    box.textContent =
      "The published criterion is for a chain of separable layers; this model is none.";
    return;
  }
  const made = (name, text) => {
    const one = document.createElement(name);
    if (text) one.textContent = text;
    return one;
  };
  const button = (text, act) => {
    const one = made("button", text);
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  };
  const threshold = document.createElement("input");
  Object.assign(threshold, { type: "number", min: 0, max: 1, step: 0.05, value: 0.9 });
  const label = made("label", "Share of its variance that a layer keeps ");
  label.append(threshold);
  const view = {
    threshold, said: made("p"), scores: made("figure"), curve: made("figure"), gone: [],
    points: [intactPoint(column)], running: false,
  };
  column.prune = view;
  view.next = button("Remove the next filter", () => pruneOnce(column));
  view.run = button("Go on by itself", () => pruneOn(column));
  view.undo = button("Put the last one back", () => putBack(column));
  view.all = button("Put all back", () => putAllBack(column));
  const buttons = made("p");
  buttons.className = "buttons";
  buttons.append(view.next, view.run, view.undo, view.all);
  view.said.className = "said";
  view.said.setAttribute("role", "status");
  threshold.addEventListener("input", () => showPruning(column));
  const against = column.data.recorded
    ? "Accuracy: squared correlation of the model's responses with what " +
      `${column.data.recorded.neuron} answered, averaged over repeats, over ` +
      `${column.imageSet.source}.`
    : "Accuracy: squared correlation with the responses of the unpruned model (no recording was " +
      `given), over ${column.imageSet.source}.`;
  const note = made("p", `${against} Scores are measured on ${column.pruning.source}.`);
  note.className = "note";
  box.append(label, buttons, view.said, view.scores, view.curve, note);
}

// Step 0: the check has run the stored images.
function intactPoint(column) {
  return { words: "nothing is out.", accuracy: accuracyOf(column, column.intact),
           filters: column.model.blocks.reduce((sum, block) => sum + block.filters, 0),
           parameters: column.data.parameters };
}

function filtersLeft(column) {
  return column.model.on.reduce((sum, flags) => sum + flags.reduce((s, f) => s + f, 0), 0);
}

// Whether the filters that are off are those that pruning took, and no others.
function isAsPruned(column) {
  const gone = new Set(column.prune.gone.map(({ layer, filter }) => `${layer} ${filter}`));
  return column.model.on.every((flags, layer) => flags.every((on, filter) =>
    (on === 0) === gone.has(`${layer} ${filter}`)));
}

// None while filters are switched by hand: the scores are those of the published order.
function nextOf(column) {
  return isAsPruned(column) ? nextRemoval(column, Number(column.prune.threshold.value)) : null;
}

function wordsOfNext(column, next) {
  if (!next) return "Nothing more may go: every layer is at its share or at its last filter.";
  const name = column.model.blocks[next.layer].name;
  const part = `${(100 * next.share).toFixed(1)} %`;
  const last = next.layer === column.model.blocks.length - 1;
  return `Next: ${name}, filter ${next.filter}. Without it ` +
         (last ? `${part} of the response's variance is explained (r²).`
               : `the layer keeps ${part} of its variance.`);
}

// The scores of the layer whose turn it is, the largest first.
function drawScores(column, next) {
  const figure = column.prune.scores;
  if (!next) return figure.replaceChildren();
  const kept = onOf(column, next.layer);
  const scored = kept.map((f) => [scoreOf(column, next.layer, f), f]).sort((a, b) => b[0] - a[0]);
  const all = column.model.blocks[next.layer].filters;
  const [width, height, top] = [widthOf(figure), 110, 24];
  const step = Math.min(24, width / all);
  const name = column.model.blocks[next.layer].name;
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Scores of the ${kept.length} filters of ${name} that are left; ` +
                  `filter ${next.filter} has the smallest` });
  svg.append(element("text", { x: 0, y: 14 },
                     `scores of ${name}: ${kept.length} of ${all} left, the smallest goes next`));
  for (let i = 0; i < all; ++i) {
    const [score, filter] = scored[i] ?? [0, -1];
    const tall = i < kept.length ? Math.max(2, (score / scored[0][0]) * (height - top)) : 6;
    const kind = filter === next.filter ? "bar-next" : i < kept.length ? "bar-kept" : "bar-gone";
    const bar = element("rect", { class: kind, x: i * step, y: height - tall,
                                  width: Math.max(1, step - 1.5), height: tall });
    if (filter >= 0) bar.append(element("title", {}, `filter ${filter}: ${score.toPrecision(3)}`));
    svg.append(bar);
  }
  figure.replaceChildren(svg);
}

function drawAccuracy(column) {
  const points = column.prune.points;
  const last = points.at(-1);
  drawChart(column.prune.curve, {
    lines: [{ points: points.map((p) => [p.filters, p.accuracy]) }],
    mark: [last.filters, last.accuracy],
    x: { label: "filters left", down: true, show: (v) => String(Math.round(v)),
         span: [0, points[0].filters] },
    y: { label: "accuracy (r²)", span: [0, 1] },
    said: `Accuracy against filters left: ${last.accuracy.toFixed(2)} with ${last.filters}`,
  });
}

// Looks at every pair of filters, so only when something changed.
function showPruning(column) {
  if (!column.pruning) return;
  const view = column.prune;
  const key = [view.threshold.value, view.points.length, view.running, view.gone.length,
               ...column.model.on.map((on) => on.join(""))].join(" ");
  if (key === view.shown) return;
  view.shown = key;
  const next = nextOf(column);
  column.tiles.forEach((tiles, layer) => tiles.forEach((tile, filter) =>
    tile.classList.toggle("next", next?.layer === layer && next.filter === filter)));
  drawScores(column, next);
  drawAccuracy(column);
  view.next.disabled = view.running || !next;
  view.run.disabled = !view.running && !next;
  view.run.textContent = view.running ? "Stop" : "Go on by itself";
  view.undo.disabled = view.running || view.gone.length === 0;
  view.all.disabled = view.running || view.gone.length === 0;
  const last = view.points.at(-1);
  if (!isAsPruned(column) && !view.busy) {
    view.undo.disabled = true;
    view.all.disabled = view.running;
    view.said.textContent =
      "Filters were switched by hand, so neither accuracy nor order are known: put all back to " +
      "prune on.";
    return;
  }
  view.said.textContent =
    `Step ${view.points.length - 1}: ${last.words} Accuracy ${last.accuracy.toFixed(3)}, ` +
    `${last.filters} filters, ${last.parameters.toLocaleString("en")} parameters. ` +
    wordsOfNext(column, next);
}

async function measurePoint(column, words) {
  const view = column.prune;
  const point = { words, filters: filtersLeft(column), parameters: parametersOf(column) };
  point.accuracy = await measuredAccuracy(column);
  view.points.push(point);
  column.update();
}

// False when nothing may go.
async function pruneOnce(column) {
  const view = column.prune;
  if (view.busy) return true;
  const next = nextOf(column);
  if (!next) return false;
  view.busy = true;
  column.stopAscent();
  view.gone.push(next);
  column.setOn(next.layer, next.filter, 0);
  const name = column.model.blocks[next.layer].name;
  await measurePoint(column, `${name}, filter ${next.filter} is out.`);
  view.busy = false;
  return true;
}

async function pruneOn(column) {
  const view = column.prune;
  if (view.running) {
    view.running = false;
    return;
  }
  view.running = true;
  while (view.running && (await pruneOnce(column))) await pause();
  view.running = false;
  showPruning(column);
}

function putBack(column) {
  if (column.prune.busy || !isAsPruned(column)) return;
  const last = column.prune.gone.pop();
  if (!last) return;
  column.prune.points.pop();
  column.setOn(last.layer, last.filter, 1);
  column.update();
}

function putAllBack(column) {
  if (column.prune.busy) return;
  column.model.on.forEach((flags, layer) =>
    flags.forEach((on, filter) => on === 1 || column.setOn(layer, filter, 1)));
  column.prune.gone = [];
  column.prune.points.length = 1;
  column.update();
}
