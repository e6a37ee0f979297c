// The page: its controls, and a column for each model, all of which see the same.

const columns = [];

// Where the page is narrow, beside the image while it is dragged: the responses stand far below.
function sayNow() {
  if (columns.some((column) => column.response === undefined)) return;
  const items = columns.map(({ data, response }) => {
    const [item, name, value] = ["span", "span", "b"].map((tag) => document.createElement(tag));
    name.textContent = columns.length > 1 ? data.name : "response";
    value.textContent = response.toFixed(3);
    item.append(name, value);
    return item;
  });
  document.getElementById("now").replaceChildren(...items);
}

let waiting = false;
// At most once a frame.
function updateAll() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const column of columns) column.update();
    showPixels(columns[0].model, document.getElementById("picture"));
  });
}

let pictures = 0;
function setBase(base, words) {
  if (base.kind === "picture") base.number = ++pictures;
  stimulus.base = base;
  document.getElementById("picture-what").textContent = words;
  const stored = document.getElementById("stored");
  if (base.kind === "picture" && stored.lastElementChild.value !== "picture") {
    stored.append(new Option("a picture of yours", "picture"));
  }
  if (base.kind === "picture") stimulus.picture = base;
  stored.value = base.kind === "stored" ? String(base.index) : base.kind;
  updateAll();
}

async function takeFile(file) {
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    setShape("none");
    setBase(pictureBase(picture), "Your picture, its middle cut to the model's size.");
  } catch {
    document.getElementById("picture-what").textContent = "That file holds no picture.";
  }
}

function chooseStored(value) {
  if (value === "ground") return setBase({ kind: "ground" }, "");
  if (value === "picture") return setBase(stimulus.picture, "");
  const index = Number(value);
  setShape("none");
  setBase({ kind: "stored", index }, columns[0].imageSet.names[index]);
}

function stepStored(by) {
  const stored = document.getElementById("stored");
  const to = stored.selectedIndex + by;
  stored.selectedIndex = (to + stored.length) % stored.length;
  chooseStored(stored.value);
}

function wireImages() {
  const stored = document.getElementById("stored");
  stored.append(new Option("grey ground", "ground"));
  columns[0].imageSet.names.forEach((name, i) => stored.append(new Option(name, i)));
  stored.addEventListener("change", () => chooseStored(stored.value));
  document.getElementById("stored-before").addEventListener("click", () => stepStored(-1));
  document.getElementById("stored-next").addEventListener("click", () => stepStored(1));
  document.getElementById("load").addEventListener("change", (event) =>
    takeFile(event.target.files[0]));
  document.addEventListener("paste", (event) =>
    takeFile([...event.clipboardData.files].find((f) => f.type.startsWith("image/"))));
}

function makeSlider(slider) {
  const label = document.createElement("label");
  label.className = "slider";
  const words = document.createElement("span");
  words.textContent = slider.label;
  const input = document.createElement("input");
  Object.assign(input, { type: "range", min: slider.from, max: slider.to, step: slider.step });
  input.dataset.key = slider.key;
  const output = document.createElement("output");
  label.append(words, input, output);
  input.addEventListener("input", () => setShown({ [slider.key]: Number(input.value) }));
  return label;
}

function setShown(change) {
  Object.assign(stimulus, change);
  for (const slider of kSliders) {
    const input = document.querySelector(`[data-key="${slider.key}"]`);
    input.value = stimulus[slider.key];
    input.nextElementSibling.textContent = slider.show(stimulus[slider.key]);
    input.parentElement.hidden = !slider.shapes.includes(stimulus.shape);
  }
  document.getElementById("stamp").disabled = stimulus.shape === "none";
  document.getElementById("covers").hidden = stimulus.shape !== "grating";
  updateAll();
}

function setShape(shape) {
  document.querySelector(`[name="shape"][value="${shape}"]`).checked = true;
  stimulus.shape = shape;
  for (const column of columns) fillAgainst(column);
  setShown({});
}

function stamp() {
  place(columns[0].model, columns[0].images, stimulus);
  setBase(baseOfPixels(columns[0].model), "With what you stamped into it.");
}

function moveTo(event, picture) {
  const box = picture.getBoundingClientRect();
  const part = (v) => Math.min(1, Math.max(0, v));
  setShown({ x: part((event.clientX - box.left) / box.width),
             y: part((event.clientY - box.top) / box.height) });
  if (document.getElementById("paint").checked && stimulus.shape !== "none") stamp();
}

function wirePicture() {
  const picture = document.getElementById("picture");
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    moveTo(event, picture);
  });
  picture.addEventListener("pointermove", (event) => {
    if (event.buttons > 0) moveTo(event, picture);
  });
  picture.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const by = (event.shiftKey ? 5 : 1) / (kShapeSize - 1);
    const part = (v) => Math.min(1, Math.max(0, v));
    setShown({ x: part(stimulus.x + by * step[0]), y: part(stimulus.y + by * step[1]) });
  });
}

function wireControls() {
  document.getElementById("sliders").append(...kSliders.map(makeSlider));
  for (const choice of document.querySelectorAll('[name="shape"]')) {
    choice.addEventListener("change", () => setShape(choice.value));
  }
  document.getElementById("stamp").addEventListener("click", stamp);
  wireImages();
  wirePicture();
  // The link to the engine without SIMD.
  window.addEventListener("hashchange", () => {
    if (location.hash === "#reference") location.reload();
  });
}

function fillContents() {
  const contents = document.getElementById("contents");
  const add = (href, text) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = href;
    link.append(...breakable(text));
    item.append(link);
    contents.append(item);
  };
  columns.forEach((column, i) => add(`#model-${i}`, column.data.name));
  add("#reading", "How to read this page");
}

async function start() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const kind = engineKind();
  const engine = await startEngine(kind);
  const sets = await Promise.all(data.image_sets.map((set) =>
    Promise.all(set.pictures.map(decoded))));
  for (const model of data.models) {
    columns.push(new Column(engine, model, data.image_sets[model.images], sets[model.images]));
  }
  const results = [];
  for (const column of columns) results.push(await checkColumn(column));
  showCheck(kind, results);
  columns.forEach((column, i) => column.open(i));
  fillContents();
  wireControls();
  setShape("dot");
  document.documentElement.dataset.ready = "yes";
}

// What the engine refuses ends it.
window.addEventListener("error", (event) => showFailure(event.message));
window.addEventListener("unhandledrejection", (event) => showFailure(event.reason));
start().catch(showFailure);
