// The failure card: one problem of one experiment, one sample at a time.

function makeCard(report) {
  const dialog = byId("card");
  let at = null;

  address.follow((state) => {
    const { experiment, number } = report.placeOf(state);
    if (experiment === null) dialog.close();
    else open(experiment, number, state.sample);
  });

  async function open(experiment, number, sample = null) {
    const cell = report.cells[experiment][number];
    at = { experiment, number };
    if (!dialog.open) dialog.showModal();
    // Unpacking takes time: another card may have been opened meanwhile, which this one must not replace.
    const card = await unpack(`card-${experiment}-${number}`);
    const first = cell.outcomes.indexOf(cell.outcome);
    if (dialog.open && at.experiment === experiment && at.number === number) show(card, cell, sample in card.samples ? sample : first);
    byId("card-title").focus();
  }

  function show(card, cell, shown) {
    const [task, entryPoint] = report.problems[at.number];
    const sample = card.samples[shown];
    byId("card-title").replaceChildren(entryPoint, " ", element("span", { class: `tag o-${sample?.outcome ?? cell.outcome}` }, words(sample?.outcome ?? cell.outcome)));
    byId("card-where").textContent = `${task}${card.dataset ? ` of ${card.dataset}` : ""} in ${report.experiments[at.experiment]}`;
    byId("card-samples").replaceChildren(...(card.samples.length > 1 ? strip(card, cell, shown) : []));
    byId("card-body").replaceChildren(...(sample ? sampleSections(card, shown) : []));
    byId("card-body").scrollTop = 0;
  }

  function strip(card, cell, shown) {
    const go = (to) => () => show(card, cell, (to + card.samples.length) % card.samples.length);
    const squares = card.samples.map((sample, number) => element("button", {
      type: "button", class: `square o-${sample.outcome}${number === card.selected ? " chosen" : ""}`, tabindex: -1, onclick: go(number),
      "aria-label": [`sample ${number}: ${words(sample.outcome)}`, ofExamples(sample), number === card.selected ? "chosen" : null].filter(Boolean).join(", "),
      "aria-current": number === shown ? "true" : null,
    }));
    return [
      element("p", {},
        element("button", { type: "button", class: "quiet", onclick: go(shown - 1), "aria-label": "Previous sample" }, "‹"),
        ` sample ${shown} `,
        element("button", { type: "button", class: "quiet", onclick: go(shown + 1), "aria-label": "Next sample" }, "›"),
        element("span", { class: "muted" }, ` ${cell.passed} of ${card.samples.length} passed${card.selected === null ? "" : `; sample ${card.selected} was chosen (◆)`}`)),
      element("div", { class: "strip" }, ...squares),
    ];
  }

  // Only among the rows that the filters show.
  function openNeighbour(step) {
    const numbers = report.shown().filter((number) => report.cells[at.experiment][number]);
    const place = numbers.indexOf(at.number);
    if (numbers.length) address.change(report.stateOf(at.experiment, numbers[(place + step + numbers.length) % numbers.length]));
  }

  dialog.addEventListener("close", () => dialog.open || address.change({ problem: null }));
  byId("card-close").addEventListener("click", () => dialog.close());
  byId("card-before").addEventListener("click", () => openNeighbour(-1));
  byId("card-after").addEventListener("click", () => openNeighbour(1));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
