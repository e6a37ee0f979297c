// Line charts.

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size >= 10000) return Math.round(value).toLocaleString("en");
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

function spanOf(values) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  return [low, high];
}

// A unit of a drawing is a pixel of the page, so that letters keep their size.
function widthOf(figure) { return Math.max(220, Math.min(512, figure.clientWidth || 420)); }

// lines: [{points: [[x, y], ...], kind: class}]; mark: [x, y] or nothing; x, y: {label, show, span,
// down: larger values to the left}. `said` is the alternative text.
function drawChart(figure, { lines, mark, x, y, said }) {
  const width = widthOf(figure);
  const [height, left, bottom, top, right] = [200, 58, 42, 14, 14];
  const drawn = lines.filter((line) => line.points.length > 0);
  const all = drawn.flatMap((line) => line.points);
  const [x0, x1] = x.span ?? spanOf(all.map((p) => p[0]));
  const marked = mark && Number.isFinite(mark[1]) ? [mark[1]] : [];
  const [y0, y1] = y.span ?? spanOf([...all.map((p) => p[1]), ...marked]);
  const part = (v) => (x.down ? (x1 - v) / (x1 - x0) : (v - x0) / (x1 - x0));
  const atX = (v) => left + part(v) * (width - left - right);
  const atY = (v) => height - bottom - ((v - y0) / (y1 - y0)) * (height - bottom - top);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
                               "aria-label": said });
  const axes = `M${left} ${top}V${height - bottom}H${width - right}`;
  svg.append(element("path", { class: "axis", d: axes }));
  const show = { x: x.show ?? shortNumber, y: y.show ?? shortNumber };
  for (const [v, anchor] of [[x.down ? x1 : x0, "start"], [x.down ? x0 : x1, "end"]]) {
    svg.append(element("text", { x: atX(v), y: height - bottom + 16, "text-anchor": anchor },
                       show.x(v)));
  }
  for (const v of [y0, y1]) {
    svg.append(element("text", { x: left - 6, y: atY(v) + 4, "text-anchor": "end" }, show.y(v)));
  }
  svg.append(element("text", { x: (left + width - right) / 2, y: height - 8,
                               "text-anchor": "middle" }, x.label));
  svg.append(element("text", { x: 14, y: (top + height - bottom) / 2, "text-anchor": "middle",
                               transform: `rotate(-90 14 ${(top + height - bottom) / 2})` },
                     y.label));
  for (const line of drawn) {
    const path = line.points.map(([px, py], i) =>
      `${i === 0 ? "M" : "L"}${atX(px).toFixed(1)} ${atY(py).toFixed(1)}`);
    svg.append(element("path", { class: `line ${line.kind ?? ""}`, d: path.join("") }));
  }
  if (marked.length > 0) {
    svg.append(element("circle", { class: "dot", cx: atX(mark[0]), cy: atY(mark[1]), r: 5 }));
  }
  figure.replaceChildren(svg);
}
