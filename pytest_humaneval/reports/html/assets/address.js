// The state of the page is what its address says after "#": Back and Forward work, and a copied link shows the same.

const address = (() => {
  // "3:name" is sample 3 of experiment "name", ":name" the first sample that has the problem's outcome.
  const splitOff = (text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
  const readNumber = (text) => (/^\d{1,7}$/.test(text ?? "") ? Number(text) : null);
  const readBeside = (text) => ({ experiment: splitOff(text)[1], sample: readNumber(splitOff(text)[0]) });
  const readFilter = (text) => (text.includes(":") ? { outcome: splitOff(text)[0], experiment: splitOff(text)[1] } : { outcome: text, experiment: null });

  // Each part of the state: its key in the address, how it is read from the texts of this key, and how it is written.
  const text = (key) => ({ key, read: ([first]) => first || null, write: (value) => (value === null ? [] : [value]) });
  const PARTS = {
    problem: text("problem"),
    entryPoint: text("function"),
    experiment: text("experiment"),
    sample: { key: "sample", read: ([first]) => readNumber(first), write: (value) => (value === null ? [] : [String(value)]) },
    beside: { key: "beside", read: (all) => all.map(readBeside), write: (all) => all.map(({ experiment, sample }) => `${sample ?? ""}:${experiment}`) },
    search: { key: "search", read: ([first]) => first ?? "", write: (value) => (value ? [value] : []) },
    filters: { key: "filter", read: (all) => all.map(readFilter), write: (all) => all.map(({ outcome, experiment }) => (experiment === null ? outcome : `${outcome}:${experiment}`)) },
    join: { key: "join", read: ([first]) => (first === "and" ? "and" : "or"), write: (value) => (value === "and" ? ["and"] : []) },
    show: { key: "show", read: ([first]) => (["time", "tokens"].includes(first) ? first : "outcome"), write: (value) => (value === "outcome" ? [] : [value]) },
    // The key of a column of the grid, with "-" before it from high to low; null: the order of the datasets.
    sort: text("sort"),
  };

  // What says nothing without a problem.
  const NO_CARD = { entryPoint: null, experiment: null, sample: null, beside: [] };

  const listeners = [];
  let written = null;
  let state = null;

  function read() {
    const found = new URLSearchParams(location.hash.slice(1));
    return Object.fromEntries(Object.entries(PARTS).map(([part, { key, read: readPart }]) => [part, readPart(found.getAll(key))]));
  }

  function textOf(next) {
    const query = new URLSearchParams();
    for (const [part, { key, write }] of Object.entries(PARTS)) for (const value of write(next[part])) query.append(key, value);
    // Both may stand in a fragment as they are (RFC 3986, 3.5), and are easier to read so.
    return query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  }

  // A listener may change the state again: each is always given the newest.
  function become(next) {
    const previous = state;
    written = textOf(next);
    state = Object.freeze(next);
    for (const listener of listeners) listener(state, previous);
  }

  function change(part, { replace = false } = {}) {
    const next = { ...state, ...part };
    if (next.problem === null) Object.assign(next, NO_CARD);
    const text = textOf(next);
    if (text === written) return;
    try {
      history[replace ? "replaceState" : "pushState"](null, "", text ? `#${text}` : location.href.split("#")[0]);
    } catch {
      // A browser may refuse after many changes in a short time: the page still shows the state.
    }
    become(next);
  }

  // Back, Forward, or another fragment typed into the address.
  function reread() {
    const next = read();
    if (textOf(next) !== written) become(next);
  }

  // A link to a place on this page leads there and leaves the state in the address.
  function leadTo(event) {
    const place = event.target.closest?.('a[href^="#"]:not([href*="="])')?.getAttribute("href").slice(1);
    if (!place || !byId(place)) return;
    event.preventDefault();
    byId(place).scrollIntoView();
    byId(place).focus();
  }

  become(read());
  addEventListener("popstate", reread);
  addEventListener("hashchange", reread);
  addEventListener("click", leadTo);
  return {
    get state() { return state; },
    change,
    follow(listener) {
      listeners.push(listener);
      listener(state, state);
    },
  };
})();
