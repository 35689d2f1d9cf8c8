// The comparison of two experiments, or of one with its baseline: the figures, and the problems that flipped.

const FLIPS_SHOWN = 20;

function makeComparison(report, open) {
  const select = byId("pair");
  if (!select) return;
  const cells = [...document.querySelectorAll(".pair")];
  const show = () => {
    const [, kind, name] = /^(.*?):(.*)$/s.exec(select.value);
    const found = kind === "baseline" ? { new: name, old: "the baseline", ...report.baseline[name] } : report.pairs[Number(name)];
    byId("verdict").replaceChildren(...verdict(found));
    byId("flips").replaceChildren(...flips(report, found, open));
    for (const cell of cells) cell.setAttribute("aria-current", String(select.value === `pair:${cell.dataset.pair}`));
  };
  const choose = (cell) => {
    select.value = `pair:${cell.dataset.pair}`;
    show();
    byId("verdict").scrollIntoView({ block: "nearest" });
  };
  select.addEventListener("change", show);
  for (const cell of cells) cell.addEventListener("click", () => choose(cell));
  show();
}

function verdict(found) {
  const unmatched = found.unmatched ? ` ${found.unmatched} problems have a verdict on one side only and are left out.` : "";
  const adjusted = found.of_pairs > 1 ? ` Adjusted for ${found.of_pairs} pairs, p = ${pValue(found.adjusted_p)}.` : "";
  const [low, high] = found.ci95;
  return [
    element("strong", {}, `${points(found.delta)} points${found.score === "pass@1" ? "" : ` of ${found.score}`}`),
    ` against ${found.old}: ${found.gained.length} gained, ${found.lost.length} lost, p = ${pValue(found.p_value)}.${adjusted}`,
    ` 95 % interval ${points(low)} to ${points(high)} points.${unmatched}`,
  ];
}

function flips(report, found, open) {
  const experiment = report.experiments.indexOf(found.new);
  const numberOf = (task) => report.problems.findIndex(([id], number) => id === task && report.cells[experiment][number]);
  const flip = (task, kind) => element("li", {}, element("button", {
    type: "button", class: `flip ${kind}`, onclick: () => open(experiment, numberOf(task)),
  }, task));
  const chips = (tasks, kind) => element("ul", { class: "flips" }, ...tasks.map((task) => flip(task, kind)));
  const rest = (tasks, kind) => element("details", { class: "more" }, element("summary", {}, `show all ${tasks.length}`), chips(tasks.slice(FLIPS_SHOWN), kind));
  const list = (title, tasks, kind) => element("div", {},
    element("h3", {}, `${title}: ${tasks.length}`), chips(tasks.slice(0, FLIPS_SHOWN), kind), tasks.length > FLIPS_SHOWN ? rest(tasks, kind) : null);
  return [list("Gained", found.gained, "gained"), list("Lost", found.lost, "lost")];
}

const points = (share) => `${share < 0 ? "−" : "+"}${(100 * Math.abs(share)).toFixed(1)}`;

function pValue(value) {
  return value >= 0.001 ? value.toPrecision(2) : value.toExponential(1);
}
