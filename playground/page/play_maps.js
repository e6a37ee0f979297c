// The maps of every layer, a tile for each filter, which a click switches off and on.

// Orange above 0, blue below, the same for people with any colour vision; 0 is the page's ground.
const kLightMap = { zero: [247, 247, 247], above: [179, 88, 6], below: [33, 102, 172] };
const kDarkMap = { zero: [29, 32, 37], above: [253, 174, 97], below: [116, 173, 255] };
const darkPage = matchMedia("(prefers-color-scheme: dark)");

// By the square root: most values are far below the largest of the stored images.
function colourInto(data, at, part, colours) {
  const strength = Math.sqrt(Math.min(1, Math.abs(part)));
  const end = part >= 0 ? colours.above : colours.below;
  for (let c = 0; c < 3; ++c) {
    data[at + c] = colours.zero[c] + strength * (end[c] - colours.zero[c]);
  }
  data[at + 3] = 255;
}

function drawMap(canvas, signal, filter, scale) {
  const plane = signal.height * signal.width;
  const colours = darkPage.matches ? kDarkMap : kLightMap;
  const image = new ImageData(signal.width, signal.height);
  for (let i = 0; i < plane; ++i) {
    colourInto(image.data, 4 * i, signal.values[filter * plane + i] / scale, colours);
  }
  contextOf(canvas).putImageData(image, 0, 0);
}

function drawMaps(column) {
  column.tiles.forEach((tiles, layer) => {
    const signal = column.model.signal(layer);
    const scale = column.scales[layer] || 1;
    tiles.forEach((tile, filter) => drawMap(tile.firstChild, signal, filter, scale));
  });
}

function makeTile(column, layer, filter, signal) {
  const tile = document.createElement("button");
  tile.type = "button";
  tile.className = "map";
  tile.tabIndex = filter === 0 ? 0 : -1;
  tile.disabled = !column.data.can_switch[layer];
  const number = document.createElement("span");
  number.className = "number";
  number.textContent = filter;
  tile.append(canvasOf(signal.width, signal.height), number);
  tile.addEventListener("click", () => {
    column.stopAscent();
    column.switchOne(layer, filter);
  });
  return tile;
}

// The arrow keys go from tile to tile of a layer, so that Tab has one stop in each.
function walkTiles(event, tiles) {
  const from = tiles.indexOf(document.activeElement);
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const to = event.key === "Home" ? 0 : event.key === "End" ? tiles.length - 1
    : steps[event.key] === undefined ? -1 : from + steps[event.key];
  if (from < 0 || to < 0 || to >= tiles.length) return;
  event.preventDefault();
  tiles[from].tabIndex = -1;
  tiles[to].tabIndex = 0;
  tiles[to].focus();
}

function makeLayer(column, layer) {
  const signal = column.model.signal(layer);
  const block = column.model.blocks[layer];
  const box = document.createElement("div");
  box.className = signal.filters <= 12 ? "layer few" : "layer";
  const title = document.createElement("p");
  const words = document.createElement("span");
  words.textContent =
    `${block.name}: ${signal.filters} filters, ${signal.height} x ${signal.width}, one scale, ` +
    `±${shortNumber(column.scales[layer])}`;
  const all = document.createElement("button");
  all.type = "button";
  all.textContent = "All on";
  all.setAttribute("aria-label", `All filters of ${block.name} on`);
  all.addEventListener("click", () => { column.stopAscent(); column.switchAllOn(layer); });
  if (column.data.can_switch[layer]) {
    title.append(words, all);
  } else {
    words.textContent += "; residual: its filters stay on";
    title.append(words);
  }
  const group = document.createElement("div");
  group.className = "tiles-of-layer";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `Filters of ${block.name}`);
  const tiles = Array.from({ length: signal.filters }, (_, filter) =>
    makeTile(column, layer, filter, signal));
  group.append(...tiles);
  group.addEventListener("keydown", (event) => walkTiles(event, tiles));
  box.append(title, group);
  column.part(".layers").append(box);
  return tiles;
}

function sayTiles(column) {
  let off = 0;
  column.tiles.forEach((tiles, layer) => tiles.forEach((tile, filter) => {
    const on = column.model.on[layer][filter] === 1;
    if (!on) ++off;
    tile.setAttribute("aria-pressed", String(on));
    const name = `${column.model.blocks[layer].name}, filter ${filter}`;
    tile.setAttribute("aria-label", `${name}: ${on ? "on" : "off"}`);
    tile.title = name;
  }));
  const text = off === 0 ? "All filters are on. A click switches one off."
    : off === 1 ? "1 filter is off." : `${off} filters are off.`;
  const status = column.part(".off");
  if (status.textContent !== text) status.textContent = text;
}
