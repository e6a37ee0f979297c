// Pruning by the published criterion, a filter at a time, the deepest layer first (method.md,
// "Pruning"; pruning/variance/criteria.h). What was measured when the page was made holds all
// along: the covariance of a layer's signals does not change while deeper layers lose filters.

function doublesOf(base64) { return new Float64Array(bytesOf(base64).buffer); }

function readPruning(data) {
  if (!data.pruning) return null;
  const { covariance, contributions, constant, images, source } = data.pruning;
  const weights = new Float32Array(bytesOf(data.weights).buffer);
  return { covariance: covariance.map(doublesOf), contributions: doublesOf(contributions),
           constant, images, source, weights, places: data.places };
}

function squaredCorrelation(a, b) {
  const mean = (v) => v.reduce((s, x) => s + x, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    ab += (x - ma) * (b[i] - mb);
    aa += (x - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  });
  return aa > 0 && bb > 0 ? (ab * ab) / (aa * bb) : 0;
}

function onOf(column, layer) {
  return [...column.model.on[layer].keys()].filter((f) => column.model.on[layer][f] === 1);
}

// What the last layer's filters of `set` add up to, of each image.
function contributed(column, set) {
  const { contributions, images } = column.pruning;
  const filters = column.model.blocks.at(-1).filters;
  return Array.from({ length: images }, (_, i) =>
    set.reduce((sum, f) => sum + contributions[i * filters + f], 0));
}

// Of filters a and b of a layer: products of the weights by which filters that are on read them.
function weightProduct(column, layer, a, b) {
  const next = column.model.blocks[layer + 1];
  const filters = column.model.blocks[layer].filters;
  const at = column.pruning.places[`${next.name}.pointwise.weight`];
  return onOf(column, layer + 1).reduce((sum, o) => {
    const row = at + o * filters;
    return sum + column.pruning.weights[row + a] * column.pruning.weights[row + b];
  }, 0);
}

function scoreOf(column, layer, filter) {
  if (layer === column.model.blocks.length - 1) {
    const added = contributed(column, [filter]);
    const mean = added.reduce((s, x) => s + x, 0) / added.length;
    return Math.sqrt(added.reduce((s, x) => s + (x - mean) ** 2, 0) / added.length);
  }
  const filters = column.model.blocks[layer].filters;
  return column.pruning.covariance[layer][filter * filters + filter] *
         weightProduct(column, layer, filter, filter);
}

function centredSum(column, layer, set) {
  const filters = column.model.blocks[layer].filters;
  const covariance = column.pruning.covariance[layer];
  let sum = 0;
  for (const a of set) {
    for (const b of set) {
      sum += covariance[a * filters + b] * weightProduct(column, layer, a, b);
    }
  }
  return sum;
}

// What the filters of `set` keep of the whole layer: of the last, squared correlation with the
// responses of all; of others, variance of what the next layer's filters sum.
function shareOf(column, layer, set) {
  const all = [...column.model.on[layer].keys()];
  if (layer === column.model.blocks.length - 1) {
    return squaredCorrelation(contributed(column, set), contributed(column, all));
  }
  return centredSum(column, layer, set) / centredSum(column, layer, all);
}

// The filter that goes next, or null when every layer is at the threshold or at one filter.
function nextRemoval(column, threshold) {
  for (let layer = column.model.blocks.length - 1; layer >= 0; --layer) {
    const kept = onOf(column, layer);
    if (kept.length < 2) continue;
    const scores = kept.map((f) => scoreOf(column, layer, f));
    const filter = kept[scores.indexOf(Math.min(...scores))];
    const share = shareOf(column, layer, kept.filter((f) => f !== filter));
    if (share >= threshold) return { layer, filter, share };
  }
  return null;
}

// Of a chain whose layers keep so many filters.
function parametersOf(column) {
  const { input, readout } = column.data.architecture;
  let [channels, height, width, sum] = [input.channels, input.height, input.width, 0];
  column.model.blocks.forEach((block, layer) => {
    const kept = onOf(column, layer).length;
    const taps = block.kind === "pointwise" ? 1 : block.kernel ** 2;
    sum += block.kind === "separable" ? taps * channels + channels * kept : taps * channels * kept;
    sum += kept * (block.norm === "batch" ? 5 : 1);
    channels = kept;
    if (block.kind !== "pointwise") {
      [height, width] = [height, width].map((n) => Math.ceil(n / block.stride));
    }
  });
  return sum + (readout.kind === "dense" ? channels * height * width + 1
                                         : channels + 1 + height * width + 1);
}

// Squared correlation over the stored images with recorded responses, or with the whole model's.
function accuracyOf(column, responses) {
  return squaredCorrelation(responses, column.data.recorded?.responses ?? column.data.predicted);
}

async function measuredAccuracy(column) {
  const responses = [];
  for (const pixels of column.images) {
    column.model.pixels().set(pixels);
    responses.push(column.model.respond());
    if (responses.length % 4 === 0) await pause();
  }
  return accuracyOf(column, responses);
}
