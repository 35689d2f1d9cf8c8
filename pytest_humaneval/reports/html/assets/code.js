// Blocks of code and of text. A long one begins with its first part: a browser needs seconds to show 100,000 lines.

const MOST_SHOWN_LINES = 1000;
const MOST_SHOWN_CHARS = 40_000;
const MOST_CHARS_OF_LINE = 4000;

const counted = (count, what) => `${count.toLocaleString("en")} ${what}`;

// What is left of a text is shown by a button in its place.
function restButton(text, show) {
  const button = element("button", { type: "button", class: "quiet rest", onclick: () => { show(); button.remove(); } }, text);
  return button;
}

function longText(text) {
  const block = element("pre", { tabindex: "0", class: "long" }, text.slice(0, MOST_SHOWN_CHARS));
  const rest = text.length - MOST_SHOWN_CHARS;
  if (rest > 0) block.append(restButton(`Show all ${counted(text.length, "characters")}`, () => block.append(visible(text.slice(MOST_SHOWN_CHARS)))));
  return block;
}

// `makeLine` returns the element of a line and its number, from 0; `most` lines are shown at first.
function longBlock(lines, makeLine, most = MOST_SHOWN_LINES) {
  const block = element("pre", { tabindex: "0" });
  const show = (from, to) => lines.slice(from, to).forEach((line, place) => block.append(makeLine(line, from + place)));
  show(0, most);
  if (lines.length > most) block.append(restButton(`Show all ${counted(lines.length, "lines")}`, () => show(most, lines.length)));
  return block;
}

function lines(text, classOf) {
  const makeLine = (line, number) => element("span", { class: `line ${classOf(line, number)}` }, ...cutLine(line, null), "\n");
  return longBlock(text.replace(/\n$/, "").split("\n"), makeLine);
}

// A line's parts; a long line's end is shown on demand, without colours, which it has not.
function cutLine(line, runs, marked) {
  if (line.length <= MOST_CHARS_OF_LINE) return codeParts(line, runs, marked);
  const rest = element("span", {}, restButton(`Show all ${counted(line.length, "characters")}`, () => rest.append(visible(line.slice(MOST_CHARS_OF_LINE)))));
  return [line.slice(0, MOST_CHARS_OF_LINE), rest];
}

// Lines of code with their numbers, which are not copied with the text, and their colours.
function codeBlock(texts, runs, failingLine = null) {
  const makeLine = (line, number) => {
    const isFailing = number + 1 === failingLine;
    const label = isFailing ? `failing line ${failingLine}: ` : null;
    // A name is allowed for what has a role only.
    return element("span", { class: `line numbered${isFailing ? " failing" : ""}`, role: isFailing ? "group" : null, "aria-label": label }, ...cutLine(line, runs[number]), "\n");
  };
  return longBlock(texts, makeLine, Math.max(MOST_SHOWN_LINES, failingLine ?? 0));
}

function program(text, failingLine, colours) {
  const runs = colours(text);
  const block = codeBlock(text.replace(/\n$/, "").split("\n"), runs, failingLine);
  return runs.includes(null) ? element("div", {}, block, element("p", { class: "muted note" }, NOT_COLOURED)) : block;
}

const NOT_COLOURED = "Some lines have no colours: they are very long, or this report has more code than is coloured.";
