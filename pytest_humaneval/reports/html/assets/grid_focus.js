// The keyboard in the grid: one cell at a time is in the tab order, arrows lead to its neighbours and to the header.

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };
const HEADER = -1;

// Returns {restore, enter, move}; a place is the row's place among those shown (HEADER: the header) and its column.
function makeGridFocus(report, table, columns, rowWindow) {
  let rows = [];
  let number = null;
  let column = columns.findIndex((each) => each.experiment !== undefined);
  const [firstColumn, lastColumn] = [column, column + report.experiments.length - 1];

  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  const targetIn = (line, place) => line?.children[place].querySelector("button") ?? line?.children[place];

  function setTabStop(target) {
    table.querySelectorAll('[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
    if (target) target.tabIndex = 0;
  }

  function placeOf(target) {
    const line = target.closest("tr");
    const row = rows.findIndex((each) => String(each.number) === line.dataset.number);
    return { row, column: [...line.children].indexOf(target.closest("th, td")) };
  }

  function moveTo(row, newColumn) {
    if (row === HEADER) return focusOn(table.tHead.rows[0].children[within(newColumn, 0, columns.length - 1)].firstChild);
    if (!rows[row]) return null;
    rowWindow.reach(rows[row].number);
    return focusOn(targetIn(rowWindow.lineOf(rows[row].number), within(newColumn, firstColumn, lastColumn)));
  }

  function focusOn(target) {
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function onKey(event) {
    const [down, right] = STEPS[event.key] ?? [0, 0];
    const at = placeOf(event.target);
    const ends = { Home: 0, End: rows.length - 1 };
    if (!(event.key in STEPS || event.key in ends) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    moveTo(event.key in ends ? ends[event.key] : within(at.row + down, HEADER, rows.length - 1), at.column + right);
  }

  // A row that has the focus stays in the document wherever the grid is scrolled to.
  function onFocus(event) {
    if (!event.target.matches("button, .empty")) return;
    const line = event.target.closest("tr");
    if (line.dataset.number) {
      number = Number(line.dataset.number);
      column = placeOf(event.target).column;
      rowWindow.keep(number);
    }
    setTabStop(event.target);
  }

  table.addEventListener("keydown", onKey);
  table.addEventListener("focusin", onFocus);
  return {
    // Without a cell in the tab order the keyboard could no longer reach the grid.
    restore(newRows) {
      rows = newRows;
      if (!rows.some((row) => row.number === number)) number = rows[0]?.number ?? null;
      rowWindow.keep(number);
      setTabStop(targetIn(rowWindow.lineOf(number), column));
    },
    enter: () => moveTo(0, column),
    // To the next (1) or previous (-1) row for which the rule is true, from where the keyboard is.
    move(step, rule = () => true) {
      const from = rows.findIndex((row) => row.number === number);
      const isIn = table.contains(document.activeElement) && document.activeElement.closest("tbody");
      const ahead = rows.map((row, place) => ({ row, place })).filter(({ place }) => (place - from) * step >= (isIn ? 1 : 0));
      const next = (step > 0 ? ahead : ahead.reverse()).find(({ row }) => rule(row));
      if (next) moveTo(next.place, column);
    },
  };
}
