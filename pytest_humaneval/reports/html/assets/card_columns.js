// Programs beside each other: a column for each experiment, sample or baseline, their lines aligned, and what differs.

const ROWS_AT_FIRST = 1500;

// Returns the table of these columns, and a function that goes to the next difference (1) or to the previous one (-1).
function makeColumns(columns) {
  const programs = columns.map(({ sample }) => (sample.solution ?? "").replace(/\n$/, "").split("\n"));
  const { rows, isCut } = alignedRows(programs);
  const colours = columns.map(({ card, sample }) => card.colours(sample.solution ?? ""));
  const made = rows.map((row) => makeProgramRow(row, columns, programs, colours, !isCut));
  const body = element("tbody", { class: "programs" }, ...made.slice(0, ROWS_AT_FIRST).map(({ line }) => line));
  const differences = groupsOf(made);
  const status = element("span", { class: "muted", role: "status" }, differences.length ? counted(differences.length, differences.length === 1 ? "difference" : "differences") : "The programs are equal.");
  const showAll = () => body.append(...made.slice(body.rows.length).map(({ line }) => line));
  const go = makeSteps(differences, status, showAll);
  const rest = rows.length > ROWS_AT_FIRST ? restButton(`Show all ${counted(rows.length, "lines")}`, showAll) : null;
  const table = element("table", { class: "beside" },
    element("thead", {}, element("tr", {}, ...columns.map(columnHead))),
    element("tbody", {}, sectionRow(columns, "What happened"), tableRow(columns, whatHappened)),
    element("tbody", {}, sectionRow(columns, "Program", ...stepButtons(differences, go), status, isCut ? element("span", { class: "muted note" }, TOO_DIFFERENT) : null)),
    body,
    element("tbody", {}, rest && sectionRow(columns, "", rest), sectionRow(columns, "Completion"), tableRow(columns, ({ sample }) => (sample.raw === null ? null : plain(sample.raw || "(empty)")))));
  table.style.setProperty("--columns", columns.length);
  return { table: element("div", { class: "beside-scroller", tabindex: "0", role: "region", "aria-label": "Side by side" }, table), go };
}

const TOO_DIFFERENT = `More than ${MOST_LINES} lines differ: line is compared with line.`;

function columnHead({ name, label, sample, number, count, leftOut, step, remove }) {
  const samples = count > 1 ? [
    stepButton("‹", `Previous sample of ${label}`, () => step(number - 1)),
    ` sample ${number} of ${count}${leftOut ? `, ${leftOut} more in its report` : ""} `,
    stepButton("›", `Next sample of ${label}`, () => step(number + 1))] : [];
  return element("th", { scope: "col" },
    element("div", { class: "section-head" },
      element("span", { class: "column-name" }, name, " ", element("span", { class: `tag o-${sample.outcome}` }, words(sample.outcome))),
      remove && element("button", { type: "button", class: "quiet", "aria-label": `Remove ${label}`, onclick: remove }, "×")),
    samples.length ? element("div", { class: "column-samples" }, ...samples) : null,
    element("div", { class: "column-samples" }, ...[["program", sample.solution], ["completion", sample.raw]].filter(([, text]) => text).map(([what, text]) => copyNamed(what, label, text))));
}

function copyNamed(what, label, text) {
  const button = copyButton(`${what} of ${label}`, text, () => null);
  button.textContent = `Copy ${what}`;
  return button;
}

const stepButton = (text, label, onclick) => element("button", { type: "button", class: "quiet", "aria-label": label, onclick }, text);

const stepButtons = (differences, go) => (differences.length ? [
  stepButton("‹", "Previous difference (p)", () => go(-1)), stepButton("›", "Next difference (n)", () => go(1))] : []);

const tableRow = (columns, make) => element("tr", {}, ...columns.map((column) => element("td", {}, make(column))));

function sectionRow(columns, title, ...more) {
  return element("tr", { class: "section-row" }, element("th", { colspan: columns.length, scope: "rowgroup" }, element("span", { class: "section-title" }, title), ...more));
}

function whatHappened({ card, sample, number }) {
  return element("div", {}, element("p", { class: "muted facts-line" }, sampleFacts(card, number)), sample.message ? lines(sample.message, ofMessage) : null);
}

function makeProgramRow(row, columns, programs, colours, hasWords) {
  const texts = row.map((number, column) => (number === null ? null : programs[column][number]));
  const differs = texts.some((text) => text !== texts[0]);
  const isShown = texts.map((text, column) => text !== null && (column === 0 ? differs : text !== texts[0]));
  const marked = differs && hasWords ? markedWords(texts) : [];
  const cells = texts.map((text, column) => {
    if (text === null) return element("td", { class: "missing" });
    const isFailing = row[column] + 1 === columns[column].sample.failing_line;
    // The mark of a line that differs: one that another column has too is changed, one that stands alone is new.
    const kind = !isShown[column] ? "" : texts.some((other, place) => place !== column && other !== null) ? "changed" : "alone";
    const state = [isFailing ? `failing line ${row[column] + 1}` : "", kind && "differs"].filter(Boolean).join(", ");
    return element("td", { class: `code ${kind}${isFailing ? " failing" : ""}`, "data-line": row[column] + 1, "aria-label": state ? `${state}: ${text}` : null }, ...cutLine(text, colours[column][row[column]], marked[column]));
  });
  return { differs, line: element("tr", {}, ...cells) };
}

// The words of each column that the first one lacks; in the first, those that the first different column lacks.
function markedWords([first, ...others]) {
  if (first === null) return [];
  const found = others.map((text) => (text === null || text === first ? null : differentWords(first, text)));
  return [found.find(Boolean)?.[0], ...found.map((each) => each?.[1])];
}

// Rows that follow each other and differ are one difference.
function groupsOf(made) {
  const groups = [];
  made.forEach(({ differs, line }, place) => {
    if (differs && made[place - 1]?.differs) groups.at(-1).push(line);
    else if (differs) groups.push([line]);
  });
  return groups;
}

function makeSteps(differences, status, showAll) {
  let at = null;
  return (step) => {
    if (!differences.length) return;
    differences[at]?.forEach((line) => line.classList.remove("here"));
    at = at === null ? (step > 0 ? 0 : differences.length - 1) : (at + step + differences.length) % differences.length;
    if (!differences[at][0].isConnected) showAll();
    differences[at].forEach((line) => line.classList.add("here"));
    differences[at][0].scrollIntoView({ block: "center" });
    status.textContent = `difference ${at + 1} of ${differences.length}`;
  };
}
