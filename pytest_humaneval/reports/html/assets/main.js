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

byId("theme").addEventListener("click", (event) => {
  const themes = ["auto", "light", "dark"];
  const now = themes.indexOf(event.target.textContent.split(" ")[1]);
  const next = themes[(now + 1) % themes.length];
  event.target.textContent = `Theme: ${next}`;
  document.documentElement.style.colorScheme = next === "auto" ? "" : next;
});
