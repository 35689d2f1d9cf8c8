// Only the rows near the visible part of the grid are in the document, and the one that the keyboard is at.

// Rows beyond the visible ones on each side: a few wheel steps need no new ones.
const MARGIN_ROWS = 8;
const GUESSED_ROW_PX = 31;

// makeLine(row) returns the row's element. Returns {show, reach, refresh, lineOf}.
function makeRowWindow(scroller, body, makeLine) {
  let rows = [];
  let at = new Map();
  let lines = new Map();
  let rowPx = GUESSED_ROW_PX;
  let kept = null;
  let mounted = "";
  let isWhole = false;

  const headPx = () => scroller.querySelector("thead").offsetHeight;

  function visible() {
    if (isWhole) return [0, rows.length];
    // In steps, so that most scroll events change nothing.
    const step = MARGIN_ROWS / 2;
    const first = Math.floor(scroller.scrollTop / rowPx / step) * step - MARGIN_ROWS;
    const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / rowPx / step) * step + MARGIN_ROWS;
    return [Math.max(0, first), Math.min(rows.length, last)];
  }

  function places() {
    const [first, last] = visible();
    const found = Array.from({ length: Math.max(0, last - first) }, (_, place) => first + place);
    const place = at.get(kept);
    if (place < first) found.unshift(place);
    if (place >= last) found.push(place);
    return found;
  }

  function lineAt(place) {
    const row = rows[place];
    if (!lines.has(row.number)) lines.set(row.number, makeLine(row));
    const line = lines.get(row.number);
    // The header is row 1 for a screen reader.
    line.setAttribute("aria-rowindex", String(place + 2));
    return line;
  }

  function gap(count) {
    const filler = element("tr", { class: "gap", "aria-hidden": "true" }, element("td", { colspan: scroller.querySelector("thead tr").cells.length }));
    filler.style.height = `${count * rowPx}px`;
    return filler;
  }

  function render(isNew = false) {
    const wanted = places();
    if (wanted.join() === mounted && !isNew) return;
    mounted = wanted.join();
    const nodes = [];
    let next = 0;
    for (const place of wanted) {
      if (place > next) nodes.push(gap(place - next));
      nodes.push(lineAt(place));
      next = place + 1;
    }
    if (next < rows.length) nodes.push(gap(rows.length - next));
    replaceRows(body, nodes);
    const shown = new Set(wanted.map((place) => rows[place].number));
    lines = new Map([...lines].filter(([number]) => shown.has(number)));
    if (isNew) measure(wanted.length > 0);
  }

  // The height depends on the reader's fonts.
  function measure(hasRows) {
    const found = hasRows ? body.querySelector("tr:not(.gap)").getBoundingClientRect().height : 0;
    if (!found || Math.abs(found - rowPx) < 0.01) return;
    rowPx = found;
    render(true);
  }

  function whole(is) {
    isWhole = is;
    render();
  }

  scroller.addEventListener("scroll", () => render());
  new ResizeObserver(() => render(true)).observe(scroller);
  addEventListener("beforeprint", () => whole(true));
  addEventListener("afterprint", () => whole(false));
  return {
    show(newRows) {
      rows = newRows;
      at = new Map(rows.map((row, place) => [row.number, place]));
      render(true);
    },
    // Makes the rows anew, where their cells show something else.
    forget() {
      lines.clear();
    },
    keep(number) {
      kept = number;
      render();
    },
    lineOf: (number) => lines.get(number),
    // Scrolls as little as shows the row.
    reach(number) {
      const top = at.get(number) * rowPx;
      const heightPx = scroller.clientHeight - headPx() - rowPx;
      scroller.scrollTop = Math.max(top - heightPx, Math.min(top, scroller.scrollTop));
      render();
    },
  };
}

// A row that stays is not moved: one that is taken out, even for an instant, loses the focus.
function replaceRows(body, nodes) {
  const stay = new Set(nodes);
  for (const old of [...body.children]) if (!stay.has(old)) old.remove();
  let next = body.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else body.insertBefore(node, next);
  }
}
