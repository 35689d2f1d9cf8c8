// Elements are created, never parsed from HTML: a model's text becomes a text node, so its markup is never interpreted.
// Characters that are invisible or change the reading direction become escapes.

// The same characters as in reports/visible.py.
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\ud800-\udfff]/gu;

// As Python writes them: \r, \x1b, \u202e, \U000e0041.
function escaped(letter) {
  if (letter === "\r") return "\\r";
  const code = letter.codePointAt(0);
  const [sign, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${sign}${code.toString(16).padStart(digits, "0")}`;
}

const visible = (text) => text.replace(UNSAFE, escaped);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, visible(String(value)));
  }
  for (const child of children) if (child !== null) made.append(typeof child === "string" ? visible(child) : child);
  return made;
}

const byId = (id) => document.getElementById(id);

const percent = (share) => `${(100 * share).toFixed(1)} %`;
