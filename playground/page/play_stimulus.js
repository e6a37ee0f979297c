// What the models are shown: a ground (grey, a stored image or a picture of the reader's), and a
// dot or a bar on it, or a grating in its place. Places are parts of the image, lengths are pixels
// of an image of 112.

const kShapeSize = 112;

const stimulus = {
  base: { kind: "ground" }, shape: "dot",
  x: 0.5, y: 0.5, radius: 6, length: 40, width: 6, orientation: 0, contrast: -1,
  frequency: 8, phase: 0, depth: 1, sigma: 16,
};

const kSliders = [
  { key: "x", label: "across", from: 0, to: 1, step: 1 / 111,
    shapes: ["dot", "bar", "grating"], show: (v) => `${Math.round(v * (kShapeSize - 1))} px` },
  { key: "y", label: "down", from: 0, to: 1, step: 1 / 111, shapes: ["dot", "bar", "grating"],
    show: (v) => `${Math.round(v * (kShapeSize - 1))} px` },
  { key: "radius", label: "radius", from: 1, to: 30, step: 0.5, shapes: ["dot"],
    show: (v) => `${v} px` },
  { key: "orientation", label: "orientation", from: 0, to: 180, step: 5,
    shapes: ["bar", "grating"], show: (v) => `${Math.round(v)}°` },
  { key: "length", label: "length", from: 2, to: 100, step: 2, shapes: ["bar"],
    show: (v) => `${v} px` },
  { key: "width", label: "width", from: 1, to: 30, step: 1, shapes: ["bar"],
    show: (v) => `${v} px` },
  { key: "contrast", label: "dark to light", from: -1, to: 1, step: 0.1, shapes: ["dot", "bar"],
    show: (v) => v.toFixed(1) },
  { key: "frequency", label: "cycles per image", from: 1, to: 32, step: 0.5, shapes: ["grating"],
    show: (v) => String(Math.round(10 * v) / 10) },
  { key: "phase", label: "phase", from: 0, to: 360, step: 15, shapes: ["grating"],
    show: (v) => `${Math.round(v)}°` },
  { key: "depth", label: "contrast", from: 0, to: 1, step: 0.05, shapes: ["grating"],
    show: (v) => v.toFixed(2) },
  // 0 is the whole image.
  { key: "sigma", label: "patch (sigma)", from: 0, to: 40, step: 1, shapes: ["grating"],
    show: (v) => (v > 0 ? `${Math.round(10 * v) / 10} px` : "all") },
];

// Numbers [3, h, w] of an ImageData.
function planesOf(image) {
  const plane = image.width * image.height;
  const numbers = new Float32Array(3 * plane);
  for (let i = 0; i < plane; ++i) {
    for (let c = 0; c < 3; ++c) numbers[c * plane + i] = image.data[4 * i + c];
  }
  return numbers;
}

function imageOf(numbers, height, width) {
  const image = new ImageData(width, height);
  const plane = width * height;
  for (let i = 0; i < plane; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = numbers[c * plane + i];
    image.data[4 * i + 3] = 255;
  }
  return image;
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function contextOf(canvas) { return canvas.getContext("2d", { willReadFrequently: true }); }

// The middle of a picture, as large as it goes, at the size of a model.
function cutTo(source, width, height) {
  const canvas = canvasOf(width, height);
  const scale = Math.max(width / source.width, height / source.height);
  const [w, h] = [source.width * scale, source.height * scale];
  contextOf(canvas).drawImage(source, (width - w) / 2, (height - h) / 2, w, h);
  return planesOf(contextOf(canvas).getImageData(0, 0, width, height));
}

async function decoded(base64) {
  const picture = new Image();
  picture.src = `data:image/png;base64,${base64}`;
  await picture.decode();
  const canvas = canvasOf(picture.naturalWidth, picture.naturalHeight);
  contextOf(canvas).drawImage(picture, 0, 0);
  return planesOf(contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height));
}

// Puts what is shown into a model's image.
function place(model, images, shown) {
  const { height, width } = model.input;
  if (shown.base.kind === "ground") {
    model.engine.draw_ground(model.id);
  } else if (shown.base.kind === "stored") {
    model.pixels().set(images[Math.min(shown.base.index, images.length - 1)]);
  } else {
    const cuts = shown.base.cuts;
    const key = `${width} ${height}`;
    if (!cuts.has(key)) cuts.set(key, cutTo(shown.base.canvas, width, height));
    model.pixels().set(cuts.get(key));
  }
  const scale = height / kShapeSize;
  const [x, y] = [shown.x * (width - 1), shown.y * (height - 1)];
  if (shown.shape === "dot") {
    model.engine.draw_dot(model.id, x, y, Math.max(1, shown.radius * scale), shown.contrast);
  } else if (shown.shape === "bar") {
    model.engine.draw_bar(model.id, x, y, Math.max(1, shown.length * scale),
                          Math.max(1, shown.width * scale), shown.orientation, shown.contrast);
  } else if (shown.shape === "grating") {
    model.engine.draw_grating(model.id, x, y, shown.orientation, shown.frequency, shown.phase,
                              shown.depth, shown.sigma * scale);
  }
}

function pictureBase(source) {
  return { kind: "picture", canvas: source, cuts: new Map() };
}

// The picture of a model's image, as a ground for all.
function baseOfPixels(model) {
  const { height, width } = model.input;
  const canvas = canvasOf(width, height);
  contextOf(canvas).putImageData(imageOf(model.pixels(), height, width), 0, 0);
  return pictureBase(canvas);
}

function showPixels(model, canvas) {
  const { height, width } = model.input;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  contextOf(canvas).putImageData(imageOf(model.pixels(), height, width), 0, 0);
}
