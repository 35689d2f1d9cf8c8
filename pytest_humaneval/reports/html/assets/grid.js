// The grid: a row for each problem, a column for each experiment, in the order and with the filters of the address.

function makeGrid(report) {
  const table = byId("grid");
  const columns = columnsOf(report, (row, experiment) => report.open(experiment, row.number, askedSample(report, row.cells[experiment], experiment)));
  const header = element("tr", { "aria-rowindex": "1" }, ...columns.map(heading));
  const body = element("tbody");
  table.append(columnWidths(byId("grid-frame"), report, columns), element("thead", {}, header), body);
  const rowWindow = makeRowWindow(table.parentElement, body, (row) => element("tr", { "data-number": row.number }, ...columns.map((column) => column.make(row, address.state.show))));
  const focus = makeGridFocus(report, table, columns, rowWindow);
  let shown = null;

  report.shown = () => report.view.filter(({ isShown }) => isShown).map(({ row }) => row.number);
  address.follow((state, previous) => {
    if (state.show !== previous.show) rowWindow.forget();
    const matches = filterOf(report, state);
    report.view = sorted(report.rows, columns, state.sort, state.show).map((row) => ({ row, isShown: matches(row) }));
    const numbers = report.shown();
    table.setAttribute("aria-rowcount", String(numbers.length + 1));
    byId("shown").textContent = `${numbers.length} of ${report.rows.length} problems`;
    // Most changes, as the opening of a card, leave the rows as they are.
    if (numbers.join() !== shown || state.show !== previous.show) rowWindow.show(numbers.map((number) => report.rows[number]));
    shown = numbers.join();
    columns.forEach((column, place) => announceSort(header.children[place], column, state.sort));
    focus.restore(numbers.map((number) => report.rows[number]));
  });
  report.enterGrid = focus.enter;
  report.moveInGrid = focus.move;
  showEdges(table.parentElement);
}

function heading(column) {
  const button = element("button", { type: "button", class: "sort", tabindex: -1, onclick: () => address.change({ sort: nextSort(column.key) }) }, column.title);
  return element("th", { scope: "col" }, button);
}

// From low to high, from high to low, as the datasets have them.
function nextSort(key) {
  const { sort } = address.state;
  if (sort === key) return `-${key}`;
  return sort === `-${key}` ? null : key;
}

function announceSort(cell, { key }, sort) {
  const direction = { [key]: "ascending", [`-${key}`]: "descending" }[sort];
  if (direction) cell.setAttribute("aria-sort", direction);
  else cell.removeAttribute("aria-sort");
}

// The widths must not depend on which rows are in the document.
function columnWidths(frame, report, columns) {
  const longest = (texts) => Math.max(...texts.map((text) => text.length), 8);
  frame.style.setProperty("--task-chars", longest(report.rows.map((row) => row.task)));
  frame.style.setProperty("--name-chars", longest(report.rows.map((row) => row.entryPoint)));
  frame.style.setProperty("--experiments", report.experiments.length);
  return element("colgroup", {}, ...columns.map(({ width }) => element("col", { class: width })));
}

// Marks the sides on which the grid goes on, so that nobody misses the experiments that are not in sight.
function showEdges(scroller) {
  const frame = scroller.parentElement;
  let left = null;
  const mark = () => {
    // Not at each step downwards: to ask for widths lays the whole table out.
    if (scroller.scrollLeft === left) return;
    left = scroller.scrollLeft;
    frame.classList.toggle("more-right", left + scroller.clientWidth < scroller.scrollWidth - 1);
    frame.classList.toggle("more-left", left > 0);
  };
  const measure = () => {
    left = null;
    frame.style.setProperty("--bar", `${scroller.offsetWidth - scroller.clientWidth}px`);
    byId("more").hidden = scroller.scrollWidth <= scroller.clientWidth + 1;
    mark();
  };
  scroller.addEventListener("scroll", mark);
  new ResizeObserver(measure).observe(scroller);
  measure();
}
