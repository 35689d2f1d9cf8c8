// What an outcome is called, and how a problem's samples sum up to one.

const words = (outcome) => outcome.replaceAll("_", " ");

// As in the JSON report: passed if any sample passed, else without a verdict if one is, else as the first.
function summedUp(outcomes) {
  for (const decisive of ["passed", "infra_error"]) if (outcomes.includes(decisive)) return decisive;
  return outcomes[0] ?? "infra_error";
}

function readCell(cell, letters) {
  if (cell === null) return null;
  const [drawn, message, tokens, seconds] = cell;
  const outcomes = Array.from(drawn, (letter) => letters[letter]);
  const passed = outcomes.filter((outcome) => outcome === "passed").length;
  return { outcomes, outcome: summedUp(outcomes), passed, message, tokens, seconds };
}
