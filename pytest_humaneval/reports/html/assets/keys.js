// Keys for those who have no hand free for a mouse; the help sheet lists them, those of the card too.

function makeKeys(report) {
  const help = byId("help");
  const isOpen = (row) => row.solved < row.judged;
  const inCard = { j: () => byId("card-after").click(), k: () => byId("card-before").click() };
  const inGrid = {
    "/": () => byId("search").focus(),
    j: () => report.moveInGrid(1),
    k: () => report.moveInGrid(-1),
    n: () => report.moveInGrid(1, isOpen),
    p: () => report.moveInGrid(-1, isOpen),
  };

  function onKey(event) {
    const isTyping = event.target.matches("input, select, textarea, [contenteditable]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping) return;
    const act = event.key === "?" ? toggle : keysHere()[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // The dialog on top decides.
  const keysHere = () => (help.open ? {} : byId("card").open ? inCard : inGrid);
  const toggle = () => (help.open ? help.close() : help.showModal());

  document.addEventListener("keydown", onKey);
  byId("help-open").addEventListener("click", toggle);
  byId("help-close").addEventListener("click", toggle);
  help.addEventListener("click", (event) => event.target === help && help.close());
  // From the search to the first problem that was found.
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    report.enterGrid();
  });
}
