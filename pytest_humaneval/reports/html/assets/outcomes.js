// The display name of an outcome, and the outcome of a problem with several samples.

const words = (outcome) => outcome.replaceAll("_", " ");

// As in core/records.py: passed if any sample passed, else infra_error if there is one, else the first sample's.
function overallOutcome(outcomes) {
  for (const decisive of ["passed", "infra_error"]) if (outcomes.includes(decisive)) return decisive;
  return outcomes[0] ?? "infra_error";
}

function readCell(cell, letters) {
  if (cell === null) return null;
  const [drawn, message, tokens, seconds] = cell;
  const outcomes = Array.from(drawn, (letter) => letters[letter]);
  const passed = outcomes.filter((outcome) => outcome === "passed").length;
  return { outcomes, outcome: overallOutcome(outcomes), passed, message, tokens, seconds };
}
