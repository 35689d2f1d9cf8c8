// The comparison of two experiments, or of one with its baseline: the figures, and the problems that flipped.

function makeComparison(report, open) {
  const select = byId("pair");
  if (!select) return;
  const show = () => {
    const [, kind, name] = /^(.*?):(.*)$/s.exec(select.value);
    const found = kind === "baseline" ? { new: name, old: "the baseline", ...report.baseline[name] } : report.pairs[Number(name)];
    byId("verdict").replaceChildren(...verdict(found));
    byId("flips").replaceChildren(...flips(report, found, open));
  };
  select.addEventListener("change", show);
  show();
}

function verdict(found) {
  const sign = found.delta < 0 ? "−" : "+";
  const unmatched = found.unmatched ? ` ${found.unmatched} problems have a verdict on one side only and are left out.` : "";
  return [
    element("strong", {}, `${sign}${(100 * Math.abs(found.delta)).toFixed(1)} points${found.score === "pass@1" ? "" : ` of ${found.score}`}`),
    ` against ${found.old}: ${found.gained.length} gained, ${found.lost.length} lost, p = ${pValue(found.p_value)}.${unmatched}`,
  ];
}

function flips(report, found, open) {
  const experiment = report.experiments.indexOf(found.new);
  const numberOf = (task) => report.problems.findIndex(([id], number) => id === task && report.cells[experiment][number]);
  const flip = (task, kind) => element("li", {}, element("button", {
    type: "button", class: `flip ${kind}`, onclick: () => open(experiment, numberOf(task)),
  }, task));
  const list = (title, tasks, kind) => element("div", {},
    element("h3", {}, `${title}: ${tasks.length}`),
    element("ul", { class: "flips" }, ...tasks.map((task) => flip(task, kind))));
  return [list("Gained", found.gained, "gained"), list("Lost", found.lost, "lost")];
}

function pValue(value) {
  return value >= 0.001 ? value.toPrecision(2) : value.toExponential(1);
}
