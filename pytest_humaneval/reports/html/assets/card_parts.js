// The parts that a failure card is made of: sections, programs, texts that unfold, commands.

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
