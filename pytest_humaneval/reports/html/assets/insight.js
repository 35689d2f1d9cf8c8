// Links into the report: each changes the part of the state that it names, and keeps what the rest of the address says.

addEventListener("click", (event) => {
  const link = event.target.closest?.("a.into");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const query = new URLSearchParams(link.hash.slice(1));
  if (query.has("problem")) {
    address.change({ problem: query.get("problem"), entryPoint: query.get("function"), experiment: query.get("experiment"), sample: null, beside: [] });
    return;
  }
  const [, outcome, experiment] = /^(.*?):(.*)$/s.exec(query.get("filter"));
  address.change({ filters: [{ outcome, experiment }] });
  byId("problems").scrollIntoView();
  byId("problems").focus({ preventScroll: true });
});
