// The grid: a row for each problem, a cell for each experiment; one cell at a time is in the tab order.

function makeGrid(table, report, open) {
  const single = report.experiments.length === 1;
  const head = ["Problem", "Function", ...report.experiments, ...(single ? ["What happened"] : [])];
  const shared = { table, report, open, single };
  report.shown = () => report.rows.filter((row) => !row.line.hidden).map((row) => row.number);
  report.rows = report.problems.map((problem, number) => makeRow(shared, problem, number));
  table.append(
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...report.rows.map((row) => row.line)),
  );
  table.addEventListener("keydown", (event) => moveFocus(event, table));
  table.addEventListener("focusin", (event) => setTabStop(table, event.target));
}

function makeRow(shared, [task, entryPoint], number) {
  const cells = shared.report.cells.map((column) => column[number]);
  const messages = cells.map((cell) => cell?.message ?? "").join(" ");
  const line = element(
    "tr", {},
    element("th", { scope: "row" }, task),
    element("td", { class: "name" }, entryPoint),
    ...cells.map((cell, experiment) => makeCell(shared, cell, experiment, number)),
    ...(shared.single ? [element("td", { class: "message" }, cells[0]?.message ?? "")] : []),
  );
  return { line, number, cells, text: `${task} ${entryPoint} ${messages}`.toLowerCase() };
}

function makeCell({ report, open }, cell, experiment, number) {
  if (cell === null) return element("td", { class: "empty" }, report.waiting[experiment].includes(number) ? "not judged yet" : "–");
  const many = cell.outcomes.length > 1;
  const text = many ? `${cell.passed}/${cell.outcomes.length}` : words(cell.outcome);
  // WCAG 2.2, 2.5.3: the accessible name must contain the visible text.
  const label = many ? `${text} samples passed` : text;
  const button = element("button", {
    type: "button", tabindex: -1, class: `cell o-${cell.outcome}`, title: cell.message || label,
    "aria-label": `${report.problems[number][0]} in ${report.experiments[experiment]}: ${label}`,
    onclick: () => open(experiment, number),
  }, text);
  if (many) button.style.setProperty("--share", `${(100 * cell.passed) / cell.outcomes.length}%`);
  return element("td", { class: many ? "many" : null }, button);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function moveFocus(event, table) {
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  const at = rows.indexOf(event.target.closest("tr"));
  const across = [...event.target.closest("tr").querySelectorAll("button")].indexOf(event.target);
  const ends = { Home: 0, End: rows.length - 1 };
  const [down, right] = STEPS[event.key] ?? [0, 0];
  const row = rows[event.key in ends ? ends[event.key] : at + down];
  const target = row?.querySelectorAll("button")[across + right];
  if (!target || !(event.key in STEPS || event.key in ends)) return;
  event.preventDefault();
  target.focus();
}

function setTabStop(table, button) {
  table.querySelectorAll('button[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
  if (button.matches("button")) button.tabIndex = 0;
}

// A filter may hide the one cell that is in the tab order; then the keyboard could no longer reach the grid.
function restoreTabStop(table) {
  const first = table.querySelector("tbody tr:not([hidden]) button");
  if (first && !table.querySelector('tbody tr:not([hidden]) button[tabindex="0"]')) setTabStop(table, first);
}
