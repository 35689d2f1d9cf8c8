// The columns of the grid: the key of each in the address, what it is sorted by, and its cell in a row.

// Of one sample; a problem may have none.
const mean = (cell, figure) => cell[figure] / Math.max(1, cell.n);

// What a cell can show of its samples: a text, and the number that the column is sorted by.
const MEASURES = {
  outcome: {
    title: "outcome",
    text: (cell) => (cell.n > 1 ? `${cell.passed}/${cell.n}` : words(cell.outcome)),
    // Failures of one kind stand together.
    value: (cell) => (cell.share ?? -1) + (cell.letters.charCodeAt(0) || 0) / 1e6,
  },
  time: { title: "CPU time", text: (cell) => `${mean(cell, "seconds").toPrecision(3)} s`, value: (cell) => mean(cell, "seconds") },
  tokens: { title: "tokens", text: (cell) => String(Math.round(mean(cell, "tokens"))), value: (cell) => mean(cell, "tokens") },
};

function columnsOf(report, openCell) {
  const single = report.experiments.length === 1;
  const ofExperiment = (name, experiment) => ({
    key: `in:${name}`, title: name, experiment, width: single ? "col-single" : null,
    value: (row, measure) => row.cells[experiment] && MEASURES[measure].value(row.cells[experiment]),
    make: (row, measure) => experimentCell(report, row, experiment, measure, openCell),
  });
  return [
    { key: "problem", title: "Problem", width: "col-task", value: (row) => row.task, make: (row) => element("th", { scope: "row", title: row.task }, row.task) },
    { key: "function", title: "Function", width: "col-name", value: (row) => row.entryPoint, make: (row) => element("td", { class: "name", title: row.entryPoint }, row.entryPoint) },
    ...report.experiments.map(ofExperiment),
    ...(single ? [MESSAGE] : [SOLVED, AGREEMENT]),
  ];
}

const MESSAGE = {
  key: "message", title: "What happened", width: null,
  value: (row) => row.cells[0]?.message || null,
  make: (row) => element("td", { class: "message", title: row.cells[0]?.message ?? "" }, row.cells[0]?.message ?? ""),
};

const SOLVED = {
  key: "solved", title: "Solved", width: "col-figure",
  value: (row) => (row.judged ? row.solved + row.passed / (row.samples + 1) : null),
  make: (row) => element("td", { class: "figure", title: `${row.passed} of ${row.samples} samples passed` }, `${row.solved} of ${row.judged}`),
};

const AGREEMENT = {
  key: "agreement", title: "Agree", width: "col-figure",
  value: (row) => row.agreement,
  make: (row) => element("td", { class: "figure", title: "how likely samples of two experiments both pass or both fail" }, row.agreement === null ? "–" : `${Math.round(100 * row.agreement)} %`),
};

function experimentCell(report, row, experiment, measure, openCell) {
  const cell = row.cells[experiment];
  const name = `${row.task} in ${report.experiments[experiment]}`;
  if (cell === null) {
    const isWaiting = report.waiting[experiment].includes(row.number);
    return element("td", { class: "empty", tabindex: -1, "aria-label": `${name}: ${isWaiting ? "not judged yet" : "–, not run"}` }, isWaiting ? "not judged yet" : "–");
  }
  const many = cell.n > 1;
  const outcome = many ? `${cell.passed}/${cell.n} samples passed` : words(cell.outcome);
  const text = MEASURES[measure].text(cell);
  const button = element("button", {
    type: "button", tabindex: -1, class: `cell o-${cell.outcome}`, title: many ? cell.inWords : cell.message || outcome,
    // WCAG 2.2, 2.5.3: the accessible name must contain the visible text.
    "aria-label": `${name}: ${outcome.startsWith(text) ? "" : `${text}, `}${outcome}`,
    onclick: () => openCell(row, experiment),
  }, text);
  if (many) button.style.setProperty("--share", `${(100 * cell.passed) / cell.n}%`);
  return element("td", { class: many ? "many" : null }, button);
}

const NATURAL = new Intl.Collator("en", { numeric: true });

// The rows in the order of a column; those without a value last; null: as the datasets have them.
function sorted(rows, columns, sort, measure) {
  const column = columns.find(({ key }) => key === sort?.replace(/^-/, ""));
  if (!column) return rows;
  const sign = sort.startsWith("-") ? -1 : 1;
  const valued = rows.map((row) => ({ row, value: column.value(row, measure) }));
  const order = (a, b) => (typeof a === "string" ? NATURAL.compare(a, b) : a - b);
  const has = valued.filter(({ value }) => value !== null).sort((a, b) => sign * order(a.value, b.value));
  return [...has, ...valued.filter(({ value }) => value === null)].map(({ row }) => row);
}
