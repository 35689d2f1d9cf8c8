// Search and filters: the rows that have all words, and any or all of what was chosen, in one experiment or in any.

// What can be asked of a row beside an outcome of its samples. "changed" is asked of an experiment with a baseline.
const RULES = {
  unsolved: { title: "not solved", ofCells: (cells) => cells.some((cell) => cell?.judged && !cell.passed) },
  disagree: { title: "experiments disagree", ofRow: (row) => row.isDisputed },
  changed: { title: "changed since the baseline", ofFlips: true },
};

const filterTitle = ({ outcome, experiment }) => `${experiment === null ? "" : `${experiment}: `}${RULES[outcome]?.title ?? words(outcome)}`;

const isOutcome = (report, outcome) => Object.values(report.letters).includes(outcome);

// Whether this report has what a filter asks for; one of another file may name another experiment.
function isKnown(report, { outcome, experiment }) {
  return (experiment === null || report.experiments.includes(experiment)) && (Object.hasOwn(RULES, outcome) || isOutcome(report, outcome));
}

// Returns a function: whether a row fulfils one filter.
function ruleOf(report, { outcome, experiment }) {
  const rule = Object.hasOwn(RULES, outcome) ? RULES[outcome] : { ofCells: (cells) => cells.some((cell) => cell?.counts[outcome]) };
  const number = report.experiments.indexOf(experiment);
  if (rule.ofRow) return rule.ofRow;
  if (rule.ofCells) return (row) => rule.ofCells(experiment === null ? row.cells : [row.cells[number]]);
  const compared = Object.entries(report.baseline).filter(([name]) => experiment === null || name === experiment);
  const flipped = new Set(compared.flatMap(([, { gained, lost }]) => [...gained, ...lost]));
  return (row) => flipped.has(row.task);
}

// Returns a function: whether a row is shown with this search and these filters.
function filterOf(report, { search, filters, join }) {
  const parts = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rules = filters.filter((filter) => isKnown(report, filter)).map((filter) => ruleOf(report, filter));
  const isKept = (row) => !rules.length || (join === "and" ? rules.every((rule) => rule(row)) : rules.some((rule) => rule(row)));
  return (row) => parts.every((part) => row.text.includes(part)) && isKept(row);
}

// The sample that a filter asks for in this cell: a row that is shown for a timeout opens on the timeout.
function askedSample(report, cell, experiment) {
  const asked = address.state.filters.filter((filter) => filter.experiment === null || filter.experiment === report.experiments[experiment]);
  const wanted = asked.map((filter) => (filter.outcome === "unsolved" ? cell.outcome : filter.outcome)).find((outcome) => cell.counts[outcome]);
  return wanted === undefined || wanted === cell.outcome ? null : cell.first(wanted);
}
