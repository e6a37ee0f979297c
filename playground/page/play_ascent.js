// Gradient ascent, live: a step a frame, the image and its response as they go.

function setClimbing(column, on) {
  column.part(".climb-noise").disabled = on;
  column.part(".climb-image").disabled = on;
  column.part(".climb-stop").disabled = !on;
  column.part(".climb-use").disabled = on || !column.climbed;
}

function drawAscent(column, responses) {
  const canvas = column.part(".ascent canvas");
  showPixels(column.climber, canvas);
  const last = responses.at(-1);
  column.part(".climbed").textContent =
    `Step ${responses.length - 1}: response ${last.toFixed(3)} (at the start ` +
    `${responses[0].toFixed(3)}).`;
  drawChart(column.part(".ascent figure"), {
    lines: [{ points: responses.map((r, i) => [i, r]) }],
    mark: [responses.length - 1, last],
    x: { label: "step", show: (v) => String(Math.round(v)) },
    y: { label: "response" },
    said: `Response after ${responses.length - 1} steps: ${shortNumber(last)}`,
  });
}

async function climb(column, start) {
  column.stopAscent();
  const token = {};
  column.ascent = token;
  column.climber.switchFilters(column.model.on);
  start(column.climber);
  const responses = [column.climber.respond()];
  column.engine.begin_ascent(column.climber.id, column.part(".descend").checked ? 1 : 0);
  column.climbed = true;
  setClimbing(column, true);
  while (column.ascent === token && responses.length <= 1000) {
    responses.push(column.engine.step_ascent(column.climber.id));
    drawAscent(column, responses);
    await pause();
  }
  if (column.ascent === token) column.stopAscent();
}

function wireAscent(column) {
  let seed = 0;
  column.part(".climb-noise").addEventListener("click", () =>
    climb(column, (model) => column.engine.noise(model.id, ++seed)));
  column.part(".climb-image").addEventListener("click", () =>
    climb(column, (model) => place(model, column.images, stimulus)));
  column.part(".climb-stop").addEventListener("click", () => column.stopAscent());
  column.part(".climb-use").addEventListener("click", () => {
    setShape("none");
    setBase(baseOfPixels(column.climber), "The image of the ascent.");
  });
}
