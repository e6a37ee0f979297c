// A column of the page: a model, what it answers, and what is done to it.

class Column {
  constructor(engine, data, imageSet, images) {
    Object.assign(this, { engine, data, imageSet, images });
    this.model = new RunningModel(engine, data);    // filters may be off
    this.whole = new RunningModel(engine, data);    // all on
    this.climber = new RunningModel(engine, data);  // of the ascent
    this.pruning = readPruning(data);
    this.box = document.getElementById("column").content.cloneNode(true).firstElementChild;
  }

  part(selector) { return this.box.querySelector(selector); }

  // Once the scales are known.
  open(number) {
    this.box.id = `model-${number}`;
    const title = this.part("h2");
    title.append(...breakable(this.data.name));
    title.id = `${this.box.id}-title`;
    this.box.setAttribute("aria-labelledby", title.id);
    document.getElementById("columns").append(this.box);
    fillFacts(this);
    place(this.model, this.images, stimulus);
    this.model.respond();
    this.tiles = this.model.blocks.map((_, layer) => makeLayer(this, layer));
    fillAgainst(this);
    this.part(".against").addEventListener("change", () => sweep(this));
    wireAscent(this);
    makePruning(this);
  }

  // Shows the stimulus, and all that hangs on it.
  update() {
    place(this.model, this.images, stimulus);
    this.response = this.model.respond();
    drawMaps(this);
    sayTiles(this);
    let intact = this.response;
    if (!this.model.isWhole()) {
      place(this.whole, this.images, stimulus);
      intact = this.whole.respond();
    }
    showResponse(this, intact);
    sayNow();
    showPruning(this);
    sweep(this);
  }

  setOn(layer, filter, flag) {
    const on = this.model.on.map((flags) => flags.slice());
    on[layer][filter] = flag;
    this.model.switchFilters(on);
  }

  switchOne(layer, filter) {
    this.setOn(layer, filter, 1 - this.model.on[layer][filter]);
    this.update();
  }

  switchAllOn(layer) {
    const on = this.model.on.map((flags) => flags.slice());
    on[layer].fill(1);
    this.model.switchFilters(on);
    this.update();
  }

  stopAscent() {
    this.ascent = null;
    setClimbing(this, false);
  }
}

// A name of a file: a line may end after "_" and before ".".
function breakable(name) {
  const parts = name.split(/(?<=_)|(?=\.)/);
  return parts.flatMap((part, i) => (i > 0 ? [document.createElement("wbr"), part] : [part]));
}

function fillFacts(column) {
  const { architecture, parameters, counted } = column.data;
  const { height, width } = architecture.input;
  const kept = column.model.blocks.map((block) => block.filters).join(" + ");
  const facts = [
    ["Parameters", `${parameters.toLocaleString("en")} (${counted})`],
    ["Filters", kept],
    ["Size", `${Math.ceil((parameters * 4) / 1000).toLocaleString("en")} KB as float32`],
    ["Image", `${width} x ${height}`],
    ["Stored images", column.imageSet.source],
  ];
  if (column.data.recorded) facts.push(["Recorded", column.data.recorded.neuron]);
  const list = column.part(".facts");
  for (const [term, text] of facts) {
    const [pair, dt, dd] = ["div", "dt", "dd"].map((name) => document.createElement(name));
    dt.textContent = term;
    dd.textContent = text;
    pair.append(dt, dd);
    list.append(pair);
  }
}

function showResponse(column, intact) {
  const output = column.part(".response output");
  output.textContent = column.response.toFixed(3);
  output.dataset.value = column.response;
  column.part(".intact").textContent =
    column.model.isWhole() ? "" : `with all filters ${intact.toFixed(3)}`;
  drawStrip(column, intact);
}

// Where a value stands on the strip; beyond its ends there is an arrow in the place of a mark.
function stripMark(value, [low, high], inside) {
  if (value > high) return element("path", { class: "beyond", d: "M284 3L297 10L284 17Z" });
  if (value < low) return element("path", { class: "beyond", d: "M16 3L3 10L16 17Z" });
  return inside(10 + 280 * (value - low) / (high - low));
}

function drawStrip(column, intact) {
  const [low, high] = column.span;
  const { response } = column;
  const marks = [
    element("path", { class: "axis", d: "M10 10H290" }),
    element("text", { x: 10, y: 30 }, shortNumber(low)),
    element("text", { x: 290, y: 30, "text-anchor": "end" }, shortNumber(high)),
  ];
  if (!column.model.isWhole()) {
    const whole = stripMark(intact, column.span, (x) => element("path", { d: `M${x} 3V17` }));
    whole.classList.add("line", "before");
    marks.push(whole);
  }
  marks.push(stripMark(response, column.span, (x) =>
    element("circle", { class: "dot", cx: x, cy: 10, r: 6 })));
  const side = response > high ? "above" : response < low ? "below" : "";
  if (side) {
    const place = side === "above" ? { x: 290, "text-anchor": "end" } : { x: 10 };
    marks.push(element("text", { ...place, y: 48, class: "beyond-words" },
                       `${shortNumber(response)}: ${side} what stored images give`));
  }
  const strip = column.part(".range");
  strip.setAttribute("aria-label",
    `Response ${response.toFixed(3)}${side && `, ${side} the strip`}; stored images give ` +
    `${shortNumber(low)} to ${shortNumber(high)}`);
  strip.replaceChildren(...marks);
}
