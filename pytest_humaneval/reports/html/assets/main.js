// Builds the page when its index is unpacked.

(async () => {
  "use strict";
  const report = await unpack("index");
  report.cells = report.cells.map((column) => column.map((cell) => readCell(cell, report.letters)));
  report.rows = makeRows(report);
  makePlaces(report);
  makeGrid(report);
  makeFilterForm(report);
  makeMap(report);
  makeKeys(report);
  makeComparison(report, report.open);
  makeCard(report);
  live();
  document.documentElement.dataset.ready = "true";
  performance.mark("ready");
})();
