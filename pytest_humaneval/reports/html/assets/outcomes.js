// Outcomes: their display names, and what the samples of one problem in one experiment came to.

const words = (outcome) => outcome.replaceAll("_", " ");

// As in core/results.py: passed if any sample passed, else infra_error if there is one, else the first sample's.
function overallOutcome(outcomes) {
  for (const decisive of ["passed", "infra_error"]) if (outcomes.includes(decisive)) return decisive;
  return outcomes[0] ?? "infra_error";
}

// A cell has a letter for each sample: a thousand are counted at once, and become a list only where one is needed.
class Cell {
  #names;

  constructor([letters, message, tokens, seconds], names) {
    this.#names = names;
    this.letters = letters;
    this.message = message;
    this.tokens = tokens;
    this.seconds = seconds;
    this.counts = {};
    for (const letter of letters) this.counts[names[letter]] = (this.counts[names[letter]] ?? 0) + 1;
    this.n = letters.length;
    this.passed = this.counts.passed ?? 0;
    // Samples with a verdict: trouble of the harness says nothing of the answer.
    this.judged = this.n - (this.counts.infra_error ?? 0);
    this.share = this.judged ? this.passed / this.judged : null;
    this.outcome = overallOutcome([names[letters[0]], ...Object.keys(this.counts)]);
  }

  get outcomes() {
    return Array.from(this.letters, (letter) => this.#names[letter]);
  }

  // The number of the first sample with this outcome, -1 if none has it.
  first(outcome) {
    return Array.prototype.findIndex.call(this.letters, (letter) => this.#names[letter] === outcome);
  }

  get inWords() {
    return Object.entries(this.counts).map(([outcome, count]) => `${count} ${words(outcome)}`).join(", ");
  }
}

const readCell = (cell, names) => (cell === null ? null : new Cell(cell, names));
