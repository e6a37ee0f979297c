// At every start: are the responses in this page those of the program?

// Of the range of the responses, or of a tenth of the largest: rounding is as large as that when
// all of them are nearly the same.
const kMostDifference = 1e-5;

function scaleOf(responses) {
  const [low, high] = [Math.min(...responses), Math.max(...responses)];
  return Math.max(high - low, Math.abs(high) / 10, Math.abs(low) / 10) || 1;
}

// Runs the stored images: keeps their responses, and finds the scale of each layer's maps.
async function checkColumn(column) {
  const { whole, images, data } = column;
  if (images.length === 0 || images.length !== data.predicted.length) {
    throw new Error(`${images.length} images are stored and ${data.predicted.length} responses`);
  }
  const scale = scaleOf(data.predicted);
  const low = Math.min(...data.predicted);
  column.span = [low, low + (Math.max(...data.predicted) - low || scale)];
  column.scales = whole.blocks.map(() => 0);
  column.intact = [];
  let [difference, milliseconds] = [0, 0];
  for (const [i, pixels] of images.entries()) {
    whole.pixels().set(pixels);
    const begin = performance.now();
    const response = whole.respond();
    milliseconds += performance.now() - begin;
    column.intact.push(response);
    // Written so that a response that is no number counts.
    const off = Math.abs(response - data.predicted[i]) / scale;
    difference = off <= difference ? difference : off;
    column.scales = column.scales.map((scale, layer) =>
      whole.signal(layer).values.reduce((most, v) => Math.max(most, Math.abs(v)), scale));
    if (i % 4 === 3) await pause();
  }
  return { images: images.length, difference, milliseconds };
}

function showCheck(kind, results) {
  const images = results.reduce((sum, r) => sum + r.images, 0);
  const difference = results.reduce((most, r) =>
    (r.difference <= most ? most : r.difference), 0);
  const speed = images / results.reduce((sum, r) => sum + r.milliseconds, 0) * 1000;
  const good = difference <= kMostDifference;
  const banner = document.getElementById("check");
  banner.className = good ? "good" : "failed";
  banner.dataset.difference = difference;
  banner.dataset.speed = speed;
  banner.dataset.engine = kind;
  const engine = kind === "simd" ? "with SIMD" : "without SIMD (reference)";
  banner.textContent =
    `${good ? "✓ Checked" : "✗ CHECK FAILED"}: ${images} stored images, largest difference from ` +
    `what the program predicted ${difference.toExponential(1)} of the range of responses ` +
    `(${good ? "" : "not "}within ${kMostDifference}). Engine ${engine}, ` +
    `${Number.isFinite(speed) ? `${Math.round(speed)} images a second` : ""}. ` +
    (good ? "Names, recorded responses and what pruning goes by were not compared."
          : "Do not believe the numbers in this page.");
}

function showFailure(error) {
  const banner = document.getElementById("check");
  banner.className = "failed";
  banner.textContent = `✗ The models did not run in this browser: ${error.message ?? error}.`;
}
