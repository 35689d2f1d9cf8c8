// All problems of all experiments at a glance: one small cell each, the lighter the more of its samples passed.
// Without a name for a screen reader, which has the sentence below it and the grid.

// The first of these sizes that keeps the map this low; a small one for a thousand problems or a narrow window.
const MAP_CELL_SIZES_PX = [[7.5, 15], [7, 12], [6, 9], [5, 7], [4, 5], [3, 4], [2, 3]];
const MAP_HEIGHT_PX = 260;
const BAND_GAP_PX = 6;
const MAP_MAX_WIDTH_PX = 16;
const MAP_DELAY_MS = 120;

function makeMap(report) {
  const canvas = byId("map");
  byId("map-words").textContent = disputeInWords(report, report.rows);
  byId("map-legend").replaceChildren(...mapLegend(report));
  let layout = null;

  function draw() {
    layout = mapLayout(canvas.parentElement.clientWidth, report);
    const context = sized(canvas, layout);
    const colours = mapColours(canvas, report);
    report.view.forEach(({ row, isShown }, place) => {
      context.globalAlpha = isShown ? 1 : 0.15;
      row.cells.forEach((cell, experiment) => drawCell(context, layout.box(place, experiment), cell, colours));
    });
  }

  function found(event) {
    const at = layout.at(event.offsetX, event.offsetY);
    const row = at && report.view[at.place]?.row;
    return row ? { ...at, row, cell: row.cells[at.experiment] } : null;
  }

  function point(event) {
    const at = found(event);
    canvas.style.cursor = at?.cell ? "pointer" : "";
    showTip(at && layout.box(at.place, at.experiment), at && mapText(report, at));
  }

  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerleave", () => showTip(null));
  canvas.addEventListener("click", (event) => {
    const at = found(event);
    if (at?.cell) report.open(at.experiment, at.row.number, askedSample(report, at.cell, at.experiment));
  });
  // A little later, once: the grid comes first while somebody types.
  let waiting = null;
  address.follow((state, previous) => {
    clearTimeout(waiting);
    if (state !== previous) waiting = setTimeout(draw, MAP_DELAY_MS);
  });
  new ResizeObserver(draw).observe(canvas.parentElement);
  // The colours change with the theme: by its button, or by the system.
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["style"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

function mapLegend(report) {
  const occurs = (outcome) => report.rows.some((row) => row.cells.some((cell) => cell?.counts[outcome]));
  const key = (outcome) => element("span", { class: `${outcome === "passed" ? "map-passed" : "map-failed"} o-${outcome}` });
  return Object.values(report.letters).filter(occurs).map((outcome) => element("li", {}, key(outcome), words(outcome)));
}

// Where the cells are, in pixels: problems from left to right, an experiment a line; as many bands as the width asks for.
function mapLayout(width, report) {
  const sizes = MAP_CELL_SIZES_PX.map(([cell, line]) => bands(width, report, cell, line));
  return sizes.find(({ height }) => height <= MAP_HEIGHT_PX) ?? sizes.at(-1);
}

function bands(width, report, least, line) {
  const count = report.experiments.length;
  const across = Math.max(1, Math.min(report.problems.length, Math.floor(width / least)));
  const cell = Math.min(MAP_MAX_WIDTH_PX, width / across);
  const band = count * line + BAND_GAP_PX;
  return {
    width,
    height: Math.ceil(report.problems.length / across) * band - BAND_GAP_PX,
    box: (place, experiment) => ({ x: (place % across) * cell, y: Math.floor(place / across) * band + experiment * line, width: cell, height: line }),
    at(x, y) {
      const experiment = Math.floor((y % band) / line);
      const column = Math.floor(x / cell);
      const isCell = column >= 0 && column < across && experiment >= 0 && experiment < count;
      return isCell ? { place: Math.floor(y / band) * across + column, experiment } : null;
    },
  };
}

function sized(canvas, { width, height }) {
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.scale(devicePixelRatio, devicePixelRatio);
  return context;
}

// The style sheet has the colours; a canvas has to ask for them.
function mapColours(canvas, report) {
  const probe = canvas.parentElement.appendChild(element("span", { class: "map-probe" }));
  const colours = Object.fromEntries(Object.values(report.letters).map((outcome) => {
    probe.className = `map-probe o-${outcome}`;
    return [outcome, getComputedStyle(probe).color];
  }));
  probe.remove();
  return colours;
}

// Passed samples fill the cell from below, lightly; what failed stands above them in full colour: shade tells them apart
// where hue does not. A dot is a problem that was not run.
function drawCell(context, { x, y, width, height }, cell, colours) {
  // A gap as wide as the cell allows.
  const [w, h] = [width - Math.min(1, width / 6), height - Math.min(1, height / 6)];
  const share = cell?.n ? cell.passed / cell.n : 0;
  const dim = context.globalAlpha;
  context.fillStyle = cell ? colours[worst(cell)] : colours.infra_error;
  if (cell === null) return context.fillRect(x + w / 2 - 1, y + h / 2 - 1, 2, 2);
  context.fillRect(x, y, w, h * (1 - share));
  context.fillStyle = colours.passed;
  context.globalAlpha = dim * 0.4;
  context.fillRect(x, y + h * (1 - share), w, h * share);
  context.globalAlpha = dim;
}

// The most frequent outcome of the samples that did not pass.
function worst(cell) {
  const failed = Object.entries(cell.counts).filter(([outcome]) => outcome !== "passed");
  return failed.reduce((most, each) => (each[1] > most[1] ? each : most), ["infra_error", 0])[0];
}

function mapText(report, { row, cell, experiment }) {
  const what = cell === null ? "not run" : cell.n > 1 ? `${cell.passed} of ${cell.n} samples passed` : words(cell.outcome);
  return `${row.task} ${row.entryPoint} in ${report.experiments[experiment]}: ${what}`;
}

// The text stays inside the map's width.
function showTip(box, text = "") {
  const [tip, frame] = [byId("map-tip"), byId("map-frame")];
  tip.hidden = frame.hidden = !box;
  if (!box) return;
  tip.textContent = visible(text);
  const most = tip.parentElement.clientWidth - tip.offsetWidth;
  Object.assign(tip.style, { left: `${Math.max(0, Math.min(box.x, most))}px`, top: `${box.y + box.height + 4}px` });
  Object.assign(frame.style, { left: `${box.x - 1}px`, top: `${box.y - 1}px`, width: `${box.width + 1}px`, height: `${box.height + 1}px` });
}
