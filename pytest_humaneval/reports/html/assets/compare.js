// The comparison of two experiments, or of one with its baseline: the figures, and what flipped.

function makeComparison(report, open) {
  const select = byId("pair");
  if (!select) return;
  const numbers = new Map(report.problems.map(([task], number) => [task, number]));
  const show = () => {
    const [kind, name] = [select.value.slice(0, select.value.indexOf(":")), select.value.slice(select.value.indexOf(":") + 1)];
    const found = kind === "baseline" ? { new: name, old: "the baseline", ...report.baseline[name] } : report.pairs[Number(name)];
    byId("flips").replaceChildren(...comparison(report, found, numbers, open));
  };
  select.addEventListener("change", show);
  show();
}

function comparison(report, found, numbers, open) {
  const experiment = report.experiments.indexOf(found.new);
  const list = (title, tasks, kind) => element("div", {},
    element("h3", {}, `${title}: ${tasks.length}`),
    element("ul", { class: "flips" }, ...tasks.map((task) => element("li", {}, element("button", {
      type: "button", class: `flip ${kind}`, onclick: () => open(experiment, numbers.get(task)),
    }, task)))));
  const sign = found.delta < 0 ? "−" : "+";
  const unmatched = found.unmatched ? ` ${found.unmatched} problems have a verdict on one side only and are left out.` : "";
  return [
    element("p", { class: "verdict" },
      element("strong", {}, `${sign}${(100 * Math.abs(found.delta)).toFixed(1)} points`),
      ` against ${found.old}: ${found.gained.length} gained, ${found.lost.length} lost, p = ${pValue(found.p_value)}.${unmatched}`),
    element("div", { class: "columns" }, list("Gained", found.gained, "gained"), list("Lost", found.lost, "lost")),
  ];
}

function pValue(value) {
  return value >= 0.001 ? value.toPrecision(2) : value.toExponential(1);
}
