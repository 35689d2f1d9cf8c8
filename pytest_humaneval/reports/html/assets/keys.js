// Keys for those who have no hand free for a mouse; the help sheet lists them, those of the card too.

function makeKeys(report) {
  const help = byId("help");
  const isOpen = (row) => row.solved < row.judged;
  const keys = {
    "/": () => byId("search").focus(),
    j: () => report.moveInGrid(1),
    k: () => report.moveInGrid(-1),
    n: () => report.moveInGrid(1, isOpen),
    p: () => report.moveInGrid(-1, isOpen),
  };

  function onKey(event) {
    const isTyping = event.target.matches("input, select, textarea, [contenteditable]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping) return;
    if (event.key === "?") toggle();
    else if (event.key in keys && !document.querySelector("dialog[open]")) keys[event.key]();
    else return;
    event.preventDefault();
  }

  const toggle = () => (help.open ? help.close() : help.showModal());

  document.addEventListener("keydown", onKey);
  byId("help-open").addEventListener("click", toggle);
  byId("help-close").addEventListener("click", toggle);
  help.addEventListener("click", (event) => event.target === help && help.close());
  // From the search to the first problem that was found.
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    report.moveInGrid(1);
  });
}
