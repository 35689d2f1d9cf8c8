// Problems and experiments have names in the address, so that a link survives another file, and numbers in the data.

function makePlaces(report) {
  const idsOf = new Map();
  report.problems.forEach(([task], number) => idsOf.set(task, [...(idsOf.get(task) ?? []), number]));

  // The part of the state that shows a problem; with its function where several problems have one id.
  report.stateOf = (experiment, number, sample = null) => {
    const [task, entryPoint] = report.problems[number];
    return { problem: task, entryPoint: idsOf.get(task).length > 1 ? entryPoint : null, experiment: report.experiments[experiment], sample, beside: [] };
  };

  // {number, experiment, missing}: what of the state is in this report, as numbers or null; `missing` says what is not.
  report.placeOf = (state) => {
    if (state.problem === null) return { number: null, experiment: null, missing: null };
    const number = (idsOf.get(state.problem) ?? []).find((each) => state.entryPoint === null || report.problems[each][1] === state.entryPoint);
    if (number === undefined) return { number: null, experiment: null, missing: `problem ${state.problem}` };
    const has = (experiment) => experiment >= 0 && report.cells[experiment][number] !== null;
    const experiment = state.experiment === null ? report.cells.findIndex((_, each) => has(each)) : report.experiments.indexOf(state.experiment);
    if (!has(experiment)) return { number, experiment: null, missing: `problem ${state.problem} in experiment ${state.experiment}` };
    return { number, experiment, missing: null };
  };

  // What the state names and this report has not: a link may be of another file. The card says it of what is beside it.
  function missing(state) {
    const named = state.filters.map(({ experiment }) => experiment).filter((name) => name !== null);
    const sorting = state.sort?.replace(/^-/, "") ?? "";
    const experiments = [...named, ...(sorting.startsWith("in:") ? [sorting.slice(3)] : [])].filter((name) => !report.experiments.includes(name));
    const unknown = state.filters.filter((filter) => !Object.hasOwn(RULES, filter.outcome) && !isOutcome(report, filter.outcome));
    return [
      report.placeOf(state).missing,
      ...experiments.map((name) => `experiment ${name}`),
      ...unknown.map(({ outcome }) => `outcome ${outcome}`),
    ].filter(Boolean);
  }

  address.follow((state) => {
    const names = [...new Set(missing(state))];
    byId("notice").hidden = !names.length;
    byId("notice").textContent = names.length ? visible(`The address names what this report does not have: ${names.join(", ")}.`) : "";
  });

  report.open = (experiment, number, sample = null) => address.change(report.stateOf(experiment, number, sample));
}
