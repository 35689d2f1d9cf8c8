// The card of a problem: one sample of one experiment, or several beside each other. It shows what the address says.

const MOST_COLUMNS = 8;

function makeCard(report) {
  const dialog = byId("card");
  const readOne = makeCardStore();
  let at = null;
  let goToDifference = null;

  async function open(experiment, number, state) {
    const previous = at?.experiment === experiment && at.number === number ? at : null;
    const own = (at = { experiment, number });
    if (!dialog.open) dialog.showModal();
    await pageIsRead;
    const sources = columnSources(report, number);
    const name = report.experiments[experiment];
    const wanted = [{ experiment: name, sample: state.sample }, ...state.beside.slice(0, MOST_COLUMNS - 1)];
    const found = wanted.filter((each) => sources.has(each.experiment));
    const columns = await Promise.all(found.map((each) => readColumn(each, sources.get(each.experiment))));
    // Unpacking takes time: another card may have been opened meanwhile, which this one must not replace.
    if (own !== at || !dialog.open) return;
    keepFocus(() => show(columns));
    showChoice(sources, columns, wanted.filter((each) => !sources.has(each.experiment)));
    if (!previous) byId("card-title").focus();
    // A column was chosen: from here the keys lead through the differences.
    else if (columns.length > previous.columns?.length) dialog.querySelector(".beside-scroller").focus();
  }

  async function readColumn({ experiment, sample }, source) {
    const card = await readOne(at.number, source.id);
    const first = Math.max(0, card.samples.findIndex(({ outcome }) => outcome === overallOutcome(card.samples.map((each) => each.outcome))));
    const number = sample in card.samples ? sample : first;
    return { name: experiment, card, number, sample: card.samples[number], count: card.samples.length, leftOut: card.left_out ?? 0 };
  }

  function show(columns) {
    const [{ card, number, sample, name }] = columns;
    const [task, entryPoint] = report.problems[at.number];
    const outcome = sample?.outcome ?? "infra_error";
    at.columns = columns;
    byId("card-title").replaceChildren(visible(entryPoint), " ", element("span", { class: `tag o-${outcome}` }, words(outcome)));
    byId("card-where").textContent = visible(`${task}${card.dataset ? ` of ${card.dataset}` : ""} in ${name}`);
    byId("card-samples").replaceChildren(...(card.samples.length > 1 ? makeStrip(card, number, (sample) => address.change({ sample }, { replace: true })) : []));
    goToDifference = null;
    byId("card-body").replaceChildren(...(columns.length > 1 ? showColumns(columns) : sample ? sampleSections(card, number) : []));
    byId("card-body").scrollTop = 0;
  }

  function showColumns(columns) {
    const made = makeColumns(columns.map((column, place) => ({
      ...column,
      label: `${column.name}, column ${place + 1}`,
      step: (sample) => changeColumn(place, (sample + column.count) % column.count),
      remove: place === 0 ? null : () => changeColumn(place, null),
    })));
    goToDifference = made.go;
    const [{ card, sample }] = columns;
    return [made.table, promptSection(card), ...problemSections(card), commands(card, sample)].filter((part) => part !== null);
  }

  // Shows another sample in a column; null takes the column away.
  function changeColumn(place, sample) {
    if (place === 0) return address.change({ sample }, { replace: true });
    const beside = address.state.beside.flatMap((each, number) => (number !== place - 1 ? [each] : sample === null ? [] : [{ ...each, sample }]));
    address.change({ beside }, { replace: sample !== null });
  }

  function showChoice(sources, columns, missing) {
    const [{ name, number, count }] = columns;
    const names = [...sources.keys()].filter((each) => each !== name || count > 1);
    const titleOf = (each) => (each === name ? `another sample of ${each}` : each);
    const select = byId("card-beside");
    select.replaceChildren(element("option", { value: "" }, "…"), ...names.map((each) => element("option", { value: each }, titleOf(each))));
    // The value is the name itself: an attribute has escapes in it.
    names.forEach((each, place) => (select.options[place + 1].value = each));
    select.onchange = () => select.value && address.change({ beside: [...address.state.beside, { experiment: select.value, sample: select.value === name ? (number + 1) % count : null }] });
    byId("card-columns").hidden = !names.length || columns.length >= MOST_COLUMNS;
    byId("card-missing").textContent = missing.length ? visible(`Not in this report, or without this problem: ${missing.map((each) => each.experiment).join(", ")}.`) : "";
  }

  // Only among the rows that the filters show; with the same experiments beside it.
  function openNeighbour(step) {
    const numbers = report.shown().filter((number) => report.cells[at.experiment][number]);
    const next = numbers[(numbers.indexOf(at.number) + step + numbers.length) % numbers.length];
    const beside = address.state.beside.map((each) => ({ ...each, sample: null }));
    if (numbers.length) address.change({ ...report.stateOf(at.experiment, next), beside });
  }

  // The next difference, or where there is one column the next sample that failed.
  function step(by) {
    if (goToDifference || !at.columns) return goToDifference?.(by);
    const [{ card: { samples }, number, count }] = at.columns;
    const others = samples.map((_, place) => (number + by * (place + 1) + count * (place + 1)) % count);
    const next = others.find((place) => samples[place].outcome !== "passed");
    if (next !== undefined) address.change({ sample: next }, { replace: true });
  }

  address.follow((state) => {
    const { experiment, number } = report.placeOf(state);
    if (experiment !== null) return open(experiment, number, state);
    at = null;
    dialog.close();
  });
  dialog.addEventListener("close", () => dialog.open || address.change({ problem: null }));
  byId("card-close").addEventListener("click", () => dialog.close());
  byId("card-before").addEventListener("click", () => openNeighbour(-1));
  byId("card-after").addEventListener("click", () => openNeighbour(1));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const by = { n: 1, p: -1 }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    step(by);
  });
  makeWrapSwitch(byId("card-wrap"), byId("card-body"));
}

// What can be a column of a problem, by name: each experiment that has it, and each baseline.
function columnSources(report, number) {
  const has = report.experiments.map((name, experiment) => [name, { id: `card-${experiment}-${number}` }]);
  const before = report.experiments.map((name, experiment) => [`baseline of ${name}`, { id: `baseline-${experiment}-${number}` }]);
  // An experiment's own name wins.
  return new Map([...before, ...has].filter(([, { id }]) => byId(id)));
}

// Elements that are made anew lose the focus; what has the same name then gets it.
function keepFocus(change) {
  const label = document.activeElement?.getAttribute("aria-label");
  change();
  if (label && document.activeElement?.getAttribute("aria-label") !== label) byId("card").querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

function makeWrapSwitch(button, place) {
  const apply = (isWrapped) => {
    button.setAttribute("aria-pressed", String(isWrapped));
    place.classList.toggle("unwrapped", !isWrapped);
  };
  button.addEventListener("click", () => {
    const isWrapped = button.getAttribute("aria-pressed") !== "true";
    apply(isWrapped);
    remember("wrap", isWrapped ? "" : "no");
  });
  apply(remembered("wrap") !== "no");
}
