// Builds the page when its index is unpacked.

(async () => {
  "use strict";
  const report = await unpack("index");
  report.cells = report.cells.map((column) => column.map((cell) => readCell(cell, report.letters)));
  const open = makeCard(report);
  makeGrid(byId("grid"), report, open);
  makeFilters(report, byId("grid"));
  makeComparison(report, open);
  document.documentElement.dataset.ready = "true";
  performance.mark("ready");
})();
