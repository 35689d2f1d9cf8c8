// The colours of programs; reports/html/highlighting.py says how they are stored.

// Returns a function that takes a program to the colours of its lines: texts such as "k3-1f5"; null: not coloured.
function readColours(card) {
  const stored = card.colours;
  const byState = [];
  let used = 0;
  const read = (state, line) => {
    const lines = (byState[state] ??= new Map());
    if (!lines.has(line)) lines.set(line, readLine(stored[used++] ?? null, state));
    return lines.get(line);
  };
  const colours = (program) => {
    let state = 0;
    return program.split("\n").map((line) => {
      const { runs, next } = read(state, line);
      state = next;
      return runs;
    });
  };
  // Once, in the order in which they were stored.
  colours(card.prompt ?? "");
  for (const sample of card.samples) for (const attempt of [sample, ...sample.rounds]) colours(attempt.solution ?? "");
  return colours;
}

function readLine(text, state) {
  if (text === null) return { runs: null, next: state };
  const [runs, next] = text.split(">");
  return { runs, next: next === undefined ? state : Number(next) };
}

// The parts of a line of code: each has one colour, and is in `marked`, a list of [start, end], or is not.
function codeParts(line, runs, marked = []) {
  const letters = new Map();
  let end = 0;
  for (const [, letter, length] of (runs ?? "").matchAll(/([-a-z])(\d+)/g)) letters.set((end += Number(length)), letter);
  const ends = [...new Set([...letters.keys(), ...marked.flat(), line.length])].filter((each) => each > 0).sort((a, b) => a - b);
  let start = 0;
  return ends.map((to) => {
    const from = start;
    start = to;
    const letter = [...letters].find(([last]) => to <= last)?.[1] ?? "-";
    const isMarked = marked.some(([first, last]) => first <= from && to <= last);
    const text = line.slice(from, to);
    if (letter === "-" && !isMarked) return text;
    return element(isMarked ? "mark" : "span", { class: letter === "-" ? null : `t-${letter}` }, text);
  });
}
