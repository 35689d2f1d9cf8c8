// Builds the page when its index is unpacked.

(async () => {
  "use strict";
  const report = await unpack("index");
  report.cells = report.cells.map((column) => column.map((cell) => readCell(cell, report.letters)));
  makePlaces(report);
  makeGrid(byId("grid"), report, report.open);
  makeFilters(report, byId("grid"));
  makeComparison(report, report.open);
  makeCard(report);
  live();
  document.documentElement.dataset.ready = "true";
  performance.mark("ready");
})();
