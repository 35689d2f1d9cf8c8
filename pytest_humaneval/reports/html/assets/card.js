// The failure card: one problem of one experiment, one sample at a time.

const LINES_OF_PROMPT = 10;

function section(title, ...content) {
  return element("section", {}, element("h3", {}, title), ...content);
}

function lines(text, classOf) {
  const block = element("pre");
  text.replace(/\n$/, "").split("\n").forEach((line, number) => {
    block.append(element("span", { class: `line ${classOf(line, number)}` }, `${line}\n`));
  });
  return block;
}

const plain = (text) => element("pre", { tabindex: "0", class: "long" }, text);
const ofDiff = (line) => ({ "+": "added", "-": "removed", "@": "place" })[line[0]] ?? "";
// A failed assertion has "  actual: ..." below it, a failed input "returned ...".
const ofMessage = (line) => {
  const [, word] = /^\s*(actual:|returned |expected[: ])/.exec(line) ?? [];
  return word ? (word.startsWith("expected") ? "expected" : "actual") : "";
};

function program(text, failingLine) {
  const block = lines(text, (_, number) => `numbered ${number + 1 === failingLine ? "failing" : ""}`);
  block.querySelector(".failing")?.setAttribute("aria-label", `failing line ${failingLine}: `);
  return block;
}

function folded(title, text) {
  const all = text.replace(/^\n+|\n+$/g, "").split("\n");
  if (all.length <= LINES_OF_PROMPT + 2) return section(title, plain(all.join("\n")));
  const rest = `all ${all.length} lines`;
  return section(title, plain(all.slice(0, LINES_OF_PROMPT).join("\n")), unfolding(rest, () => plain(all.join("\n"))));
}

// The content is created when it is opened, since most are never opened and a page may have thousands.
function unfolding(title, make) {
  const details = element("details", {
    ontoggle: () => details.open && details.childElementCount === 1 && details.append(make()),
  }, element("summary", {}, title));
  return details;
}

function command(title, text) {
  const code = element("code", {}, text);
  const button = element("button", {
    type: "button", class: "quiet", "aria-label": `Copy the command: ${title}`, onclick: () => copy(code, button),
  }, "Copy");
  return element("div", { class: "command" }, element("span", { class: "muted" }, title), code, button);
}

// A browser may refuse the clipboard to a page of a file; then the command is selected, ready for the copy key.
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
}

function sampleFacts(sample) {
  const facts = [`${sample.seconds.toFixed(sample.seconds < 0.1 ? 4 : 2)} s of CPU time`];
  if (sample.completion_tokens) facts.push(`${sample.completion_tokens} tokens`);
  if (sample.reasoning_tokens) facts.push(`${sample.reasoning_tokens} of them reasoning`);
  if (sample.finish_reason) facts.push(`finish reason ${sample.finish_reason}`);
  if (sample.base_outcome) facts.push(`base tests: ${words(sample.base_outcome)}`);
  if (sample.repaired) facts.push("passes only because of a repair");
  return facts.join(", ");
}

function sampleSections(card, sample) {
  const steps = sample.steps.map((step) => element(
    "div", { class: "step" }, element("h4", {}, step.name, " ", element("span", { class: "muted" }, step.kind)), lines(step.diff, ofDiff)));
  const isCode = sample.solution !== null;
  const left = [
    sample.message ? section("What happened", lines(sample.message, ofMessage)) : null,
    isCode ? section("Program", program(sample.solution, sample.failing_line)) : null,
    sample.output ? section("Printed, at the end", plain(sample.output)) : null,
  ];
  const right = [
    card.prompt ? folded("Prompt", card.prompt) : null,
    sample.reasoning ? folded("Reasoning", sample.reasoning) : null,
    sample.raw !== null ? section("Raw completion", plain(sample.raw || "(empty)")) : null,
    steps.length ? section("Post-processing", ...steps) : null,
    card.request.length ? unfolding("The request, as it was sent", () => requestMessages(card.request)) : null,
    card.test ? unfolding("The dataset's test", () => plain(card.test.trim())) : null,
  ];
  return [
    element("p", { class: "muted facts-line" }, sampleFacts(sample)),
    element("div", { class: "columns" }, element("div", {}, ...left), element("div", {}, ...right)),
    card.rerun ? section("Run again", command("rerun", card.rerun), isCode ? command("debug", card.debug) : null) : null,
  ].filter((part) => part !== null);
}

function requestMessages(request) {
  return element("div", {}, ...request.map(([role, content]) => element("div", {}, element("h4", {}, role), plain(content))));
}

function makeCard(report) {
  const dialog = byId("card");
  let at = null;

  async function open(experiment, number, sample = null) {
    const cell = report.cells[experiment][number];
    at = { experiment, number };
    if (!dialog.open) dialog.showModal();
    // Unpacking takes time: another card may have been opened meanwhile, which this one must not replace.
    const card = await unpack(`card-${experiment}-${number}`);
    if (at.experiment === experiment && at.number === number) show(card, cell, sample ?? cell.outcomes.indexOf(cell.outcome));
    byId("card-title").focus();
  }

  function show(card, cell, chosen) {
    const [task, entryPoint] = report.problems[at.number];
    const sample = card.samples[chosen];
    byId("card-title").replaceChildren(entryPoint, " ", element("span", { class: `tag o-${sample?.outcome ?? cell.outcome}` }, words(sample?.outcome ?? cell.outcome)));
    byId("card-where").textContent = `${task}${card.dataset ? ` of ${card.dataset}` : ""} in ${report.experiments[at.experiment]}`;
    byId("card-samples").replaceChildren(...(card.samples.length > 1 ? strip(card, cell, chosen) : []));
    byId("card-body").replaceChildren(...(sample ? sampleSections(card, sample) : []));
    byId("card-body").scrollTop = 0;
  }

  function strip(card, cell, chosen) {
    const go = (to) => () => show(card, cell, (to + card.samples.length) % card.samples.length);
    const squares = card.samples.map((sample, number) => element("button", {
      type: "button", class: `square o-${sample.outcome}`, tabindex: -1, onclick: go(number),
      "aria-label": `sample ${number}: ${words(sample.outcome)}`, "aria-current": number === chosen ? "true" : null,
    }));
    return [
      element("p", {},
        element("button", { type: "button", class: "quiet", onclick: go(chosen - 1), "aria-label": "Previous sample" }, "‹"),
        ` sample ${chosen} `,
        element("button", { type: "button", class: "quiet", onclick: go(chosen + 1), "aria-label": "Next sample" }, "›"),
        element("span", { class: "muted" }, ` ${cell.passed} of ${card.samples.length} passed`)),
      element("div", { class: "strip" }, ...squares),
    ];
  }

  // Only among the rows that the filters show.
  function openNeighbour(step) {
    const rows = report.rows.filter((row) => !row.line.hidden && row.cells[at.experiment]);
    const place = rows.findIndex((row) => row.number === at.number);
    const next = rows[(place + step + rows.length) % rows.length];
    if (next) open(at.experiment, next.number);
  }

  byId("card-close").addEventListener("click", () => dialog.close());
  byId("card-before").addEventListener("click", () => openNeighbour(-1));
  byId("card-after").addEventListener("click", () => openNeighbour(1));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return open;
}
