// The parts that a card is made of: sections, texts that unfold, buttons that copy, commands.

const LINES_OF_PROMPT = 10;

function section(title, ...content) {
  return element("section", {}, element("h3", {}, title), ...content);
}

// A section whose text can be copied as it is, without escapes and line numbers.
function copiedSection(title, text, ...content) {
  return element("section", {}, element("div", { class: "section-head" }, element("h3", {}, title), copyButton(title, text)), ...content);
}

const plain = (text) => longText(text);
const ofDiff = (line) => ({ "+": "added", "-": "removed", "@": "place" })[line[0]] ?? "";
// A failed assertion has "  actual: ..." below it, a failed input "returned ...".
const ofMessage = (line) => {
  const [, word] = /^\s*(actual:|returned |expected[: ])/.exec(line) ?? [];
  return word ? (word.startsWith("expected") ? "expected" : "actual") : "";
};

function folded(title, text, colours) {
  const all = text.replace(/^\n+|\n+$/g, "");
  const start = text.indexOf(all);
  const runs = colours(text).slice(text.slice(0, start).split("\n").length - 1);
  const lines = all.split("\n");
  const code = (count) => codeBlock(lines.slice(0, count), runs);
  if (lines.length <= LINES_OF_PROMPT + 2) return copiedSection(title, text, code());
  return copiedSection(title, text, code(LINES_OF_PROMPT), unfolding(`all ${lines.length} lines`, () => code()));
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
  return element("div", { class: "command" }, element("span", { class: "muted" }, title), code, copyButton(`the command: ${title}`, text, () => code));
}

function copyButton(what, text, place = (button) => button.closest("section, td").querySelector("pre")) {
  const button = element("button", {
    type: "button", class: "quiet", "aria-label": `Copy ${what}`, onclick: () => copy(text, button, place),
  }, "Copy");
  return button;
}

// A browser may refuse the clipboard to a page of a file; then the text is selected, ready for the copy key.
async function copy(text, button, place) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const shown = place(button);
    if (shown) getSelection().selectAllChildren(shown);
    button.textContent = shown ? "Selected" : "Not copied";
  }
}
