// The form above the grid: search, a chip for each thing to filter by, the filters that are on, and what cells show.

function makeFilterForm(report) {
  const search = byId("search");
  const inExperiment = byId("filter-in");
  inExperiment.append(...report.experiments.map((name) => element("option", { value: name }, name)));
  inExperiment.closest("p").hidden = report.experiments.length === 1;
  byId("show").append(...measuresOf(report).map((key) => element("option", { value: key }, MEASURES[key].title)));

  const chosen = () => (inExperiment.selectedIndex > 0 ? inExperiment.value : null);
  const show = ({ search: words, show: measure, join }) => {
    if (search.value !== words) search.value = words;
    byId("show").value = measure;
    byId("join").value = join;
  };
  const showFilters = ({ filters }) => {
    byId("join").closest("p").hidden = filters.length < 2;
    refill(byId("chips"), chips(report, chosen(), filters));
    refill(byId("active-filters"), filters.map(activeFilter));
    byId("filters-on").hidden = !filters.length;
  };
  search.addEventListener("input", () => address.change({ search: search.value }, { replace: true }));
  inExperiment.addEventListener("change", () => showFilters(address.state));
  byId("show").addEventListener("change", (event) => address.change({ show: event.target.value }));
  byId("join").addEventListener("change", (event) => address.change({ join: event.target.value }));
  byId("clear-filters").addEventListener("click", () => address.change({ filters: [], join: "or" }));
  address.follow((state, previous) => {
    show(state);
    // Not at each letter of a search: the numbers of the chips do not depend on it.
    if (state === previous || state.filters !== previous.filters) showFilters(state);
  });
}

// A report of samples from a file has no tokens.
const measuresOf = (report) => Object.keys(MEASURES).filter((key) => key !== "tokens" || report.rows.some((row) => row.cells.some((cell) => cell?.tokens)));

// The chips that find something in the chosen experiment (null: in any), and those that are pressed.
function chips(report, experiment, filters) {
  const keys = [...Object.values(report.letters), ...Object.keys(RULES)];
  const pressed = (filter) => filters.some((each) => isSame(each, filter));
  return keys
    .map((outcome) => ({ outcome, experiment: RULES[outcome]?.ofRow ? null : experiment }))
    .map((filter) => ({ filter, count: report.rows.filter(ruleOf(report, filter)).length }))
    .filter(({ filter, count }) => count || pressed(filter))
    .map(({ filter, count }) => chip(filter, count, pressed(filter)));
}

const isSame = (one, other) => one.outcome === other.outcome && one.experiment === other.experiment;

function chip(filter, count, isPressed) {
  return element("button", {
    type: "button", "aria-pressed": String(isPressed), class: `chip o-${filter.outcome}`, onclick: () => toggleFilter(filter),
  }, element("span", { class: "dot", "aria-hidden": "true" }), filterTitle({ ...filter, experiment: null }), element("span", { class: "count" }, String(count)));
}

function toggleFilter(filter) {
  const { filters } = address.state;
  const rest = filters.filter((each) => !isSame(each, filter));
  address.change({ filters: rest.length < filters.length ? rest : [...filters, filter] });
}

function activeFilter(filter) {
  const title = filterTitle(filter);
  return element("li", {}, element("button", { type: "button", class: "quiet", "aria-label": `Remove the filter ${title}`, onclick: () => toggleFilter(filter) }, title, element("span", { "aria-hidden": "true" }, " ×")));
}

// The button that was pressed is made anew, and has the focus again.
function refill(list, nodes) {
  const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...nodes);
  if (at >= 0) (list.querySelectorAll("button")[at] ?? byId("search")).focus();
}
