// What the failure card shows of one sample.

const ofExamples = (attempt) => (attempt.examples ? `${attempt.examples_passed ?? 0} of ${attempt.examples} examples passed` : null);

// Samples in one group gave the same on every call that was tried.
function alikeFact(card, number) {
  const { group } = card.samples[number];
  const others = card.samples.flatMap((sample, place) => (place !== number && sample.group === group ? [place] : []));
  return group === null || !others.length ? null : `behaves like ${others.length === 1 ? "sample" : "samples"} ${others.join(", ")}`;
}

function roundSections(card, sample) {
  return sample.rounds.map((attempt, number) => {
    const kept = sample.kept === number + 1 ? "kept" : "not kept";
    const title = [`Repair round ${number + 1}: ${words(attempt.outcome)}`, ofExamples(attempt), kept].filter(Boolean).join(", ");
    return unfolding(title, () => element("div", {},
      attempt.message ? lines(attempt.message, ofMessage) : null,
      attempt.failed_example ? section("The first example that it fails", plain(attempt.failed_example)) : null,
      programSection(card, attempt),
      completionSection(attempt)));
  });
}

const programSection = (card, { solution, failing_line: failingLine }) => (
  solution === null ? null : copiedSection("Program", solution, program(solution, failingLine, card.colours)));

const completionSection = ({ raw }) => (raw === null ? null : copiedSection("Raw completion", raw, plain(raw || "(empty)")));

function sampleFacts(card, number) {
  const sample = card.samples[number];
  const facts = [`${sample.seconds.toFixed(sample.seconds < 0.1 ? 4 : 2)} s of CPU time`];
  if (sample.completion_tokens) facts.push(`${sample.completion_tokens} tokens`);
  if (sample.reasoning_tokens) facts.push(`${sample.reasoning_tokens} of them reasoning`);
  if (sample.first_token_s !== undefined) facts.push(`first token after ${sample.first_token_s.toFixed(3)} s`);
  if (sample.generation_s !== undefined) facts.push(`generated in ${sample.generation_s.toFixed(2)} s`);
  if (sample.finish_reason) facts.push(`finish reason ${sample.finish_reason}`);
  if (sample.base_outcome) facts.push(`base tests: ${words(sample.base_outcome)}`);
  if (sample.repaired) facts.push("passes only because of a repair");
  if (number === card.selected) facts.push("the chosen sample");
  return [...facts, ofExamples(sample), alikeFact(card, number)].filter(Boolean).join(", ");
}

function sampleSections(card, number) {
  const sample = card.samples[number];
  const left = [
    sample.message ? section("What happened", lines(sample.message, ofMessage)) : null,
    sample.failed_example ? section("The first example of the prompt that it fails", plain(sample.failed_example)) : null,
    programSection(card, sample),
    ...roundSections(card, sample),
    sample.output ? section("Printed, at the end", plain(sample.output)) : null,
  ];
  const right = [
    promptSection(card),
    sample.reasoning ? unfolding("What the model thought", () => plain(sample.reasoning)) : null,
    completionSection(sample),
    sample.steps.length ? section("Post-processing", ...sample.steps.map(stepChange)) : null,
    ...problemSections(card),
  ];
  return [
    element("p", { class: "muted facts-line" }, sampleFacts(card, number)),
    element("div", { class: "columns" }, element("div", {}, ...left), element("div", {}, ...right)),
    commands(card, sample),
  ].filter((part) => part !== null);
}

const stepChange = (step) => element(
  "div", { class: "step" }, element("h4", {}, step.name, " ", element("span", { class: "muted" }, step.kind)), lines(step.diff, ofDiff));

const promptSection = (card) => (card.prompt ? folded("Prompt", card.prompt, card.colours) : null);

// What is the same for all samples of a problem.
function problemSections(card) {
  return [
    card.request.length ? unfolding("The request, as it was sent", () => requestMessages(card.request)) : null,
    card.test ? unfolding("The dataset's test", () => plain(card.test.trim())) : null,
  ];
}

function commands(card, sample) {
  return card.rerun ? section("Run again", command("rerun", card.rerun), sample.solution === null ? null : command("debug", card.debug)) : null;
}

function requestMessages(request) {
  return element("div", {}, ...request.map(([role, content]) => element("div", {}, element("h4", {}, role), plain(content))));
}
