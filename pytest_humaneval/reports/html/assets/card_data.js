// The data of cards, as reports/html/card_data.py wrote it, made whole: what says nothing was left out.

const NOTHING = {
  raw: null, solution: null, message: null, finish_reason: null, failing_line: null, base_outcome: null, group: null,
  output: "", steps: [], completion_tokens: 0, repaired: false,
};

function wholeAttempt(attempt) {
  const { raw, solution } = attempt;
  // A program that is a part of the completion is stored as its place there.
  const program = Array.isArray(solution) ? raw.slice(solution[0], solution[0] + solution[1]) : solution ?? null;
  return { ...NOTHING, ...attempt, solution: program, rounds: (attempt.rounds ?? []).map(wholeAttempt) };
}

async function readCard(id) {
  const card = await unpack(id);
  card.samples = card.samples.map(wholeAttempt);
  card.colours = readColours(card);
  return card;
}

// The cards that the same problem was shown with, since the samples of one may be thousands.
function makeCardStore() {
  let kept = new Map();
  let problem = null;
  return (number, id) => {
    if (number !== problem) kept = new Map();
    problem = number;
    if (!kept.has(id)) kept.set(id, readCard(id));
    return kept.get(id);
  };
}
