// Search and filters: a chip shows the rows for which its rule is true; several chips show those of any of them.

function makeFilters(report, table) {
  const rules = { ...outcomeRules(report), ...comparingRules(report) };
  const pressed = new Set();
  const apply = () => applyFilters(report, table, byId("search").value, [...pressed].map((name) => rules[name]));
  for (const [name, rule] of Object.entries(rules)) {
    const count = report.rows.filter(rule).length;
    if (count) byId("chips").append(makeChip(name, count, pressed, apply));
  }
  byId("search").addEventListener("input", apply);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  apply();
}

function outcomeRules(report) {
  const has = (outcome) => (row) => row.cells.some((cell) => cell?.outcome === outcome);
  return Object.fromEntries(Object.values(report.letters).map((outcome) => [words(outcome), has(outcome)]));
}

function comparingRules(report) {
  const flipped = new Set(Object.values(report.baseline).flatMap(({ gained, lost }) => [...gained, ...lost]));
  const isDifferent = (row) => new Set(row.cells.map((cell) => cell?.outcome === "passed")).size > 1;
  return {
    "solved by some only": isDifferent,
    "changed since the baseline": (row) => flipped.has(report.problems[row.number][0]),
  };
}

function makeChip(name, count, pressed, apply) {
  const chip = element("button", {
    type: "button", "aria-pressed": "false", class: `chip o-${name.replace(" ", "_")}`,
    onclick: () => {
      if (!pressed.delete(name)) pressed.add(name);
      chip.setAttribute("aria-pressed", String(pressed.has(name)));
      apply();
    },
  }, element("span", { class: "dot", "aria-hidden": "true" }), name, element("span", { class: "count" }, String(count)));
  return chip;
}

function applyFilters(report, table, wanted, rules) {
  const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of report.rows) {
    const isShown = parts.every((part) => row.text.includes(part)) && (!rules.length || rules.some((rule) => rule(row)));
    row.line.hidden = !isShown;
    shown += isShown;
  }
  byId("shown").textContent = `${shown} of ${report.rows.length} problems`;
  restoreTabStop(table);
}
