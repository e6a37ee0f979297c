// The tuning curve: the response while one thing about the dot, bar or grating changes.

const kSweepPoints = 29;

function sweepValues(slider) {
  return Array.from({ length: kSweepPoints }, (_, i) =>
    slider.from + (i / (kSweepPoints - 1)) * (slider.to - slider.from));
}

function sweptSliders() { return kSliders.filter((s) => s.shapes.includes(stimulus.shape)); }

function fillAgainst(column) {
  const select = column.part(".against");
  const before = select.value;
  select.replaceChildren(...sweptSliders().map((s) => new Option(s.label, s.key)));
  select.disabled = select.length === 0;
  if (sweptSliders().some((s) => s.key === before)) {
    select.value = before;
  } else if (select.length > 0) {
    select.value = stimulus.shape === "dot" ? "radius" : "orientation";
  }
}

// Everything that a curve depends on but the value that it sweeps.
function curveKey(column, swept) {
  const { base, ...rest } = stimulus;
  delete rest[swept];
  const ground = base.kind === "stored" ? base.index : base.kind === "picture" ? base.number : "";
  return JSON.stringify([swept, base.kind, ground, rest, column.model.on.map((on) => on.join(""))]);
}

function drawTuning(column) {
  const curve = column.curve;
  const slider = kSliders.find((s) => s.key === curve.swept);
  const best = curve.points.reduce((a, b) => (b[1] > a[1] ? b : a), [0, -Infinity]);
  drawChart(column.part(".tuning"), {
    lines: [{ points: curve.whole, kind: "before" }, { points: curve.points }],
    mark: [stimulus[curve.swept], column.response],
    x: { label: slider.label, show: slider.show, span: [slider.from, slider.to] },
    y: { label: "response" },
    said: `Response against ${slider.label}: largest ${shortNumber(best[1])} at ` +
          `${slider.show(best[0])}`,
  });
}

// Draws point by point; stops when something changed under it.
async function sweep(column) {
  const swept = column.part(".against").value;
  if (!swept) {
    column.curve = null;
    column.part(".tuning").replaceChildren("Put a dot, a bar or a grating on the image.");
    return;
  }
  const key = curveKey(column, swept);
  if (column.curve?.key === key) return drawTuning(column);
  const curve = { key, swept, points: [], whole: [] };
  column.curve = curve;
  for (const value of sweepValues(kSliders.find((s) => s.key === swept))) {
    await pause();
    if (column.curve !== curve) return;
    const shown = { ...stimulus, [swept]: value };
    place(column.model, column.images, shown);
    curve.points.push([value, column.model.respond()]);
    if (!column.model.isWhole()) {
      place(column.whole, column.images, shown);
      curve.whole.push([value, column.whole.respond()]);
    }
    drawTuning(column);
  }
}
