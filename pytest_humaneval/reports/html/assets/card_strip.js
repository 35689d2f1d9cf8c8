// All samples of a problem as small squares, one of which is shown.

function makeStrip(card, shown, show) {
  const { samples, selected } = card;
  const go = (to) => () => show((to + samples.length) % samples.length);
  const passed = samples.filter(({ outcome }) => outcome === "passed").length;
  const squares = samples.map((sample, number) => element("button", {
    type: "button", class: `square o-${sample.outcome}${number === selected ? " chosen" : ""}`, tabindex: -1, onclick: go(number),
    "aria-label": [`sample ${number}: ${words(sample.outcome)}`, ofExamples(sample), number === selected ? "chosen" : null].filter(Boolean).join(", "),
    "aria-current": number === shown ? "true" : null,
  }));
  return [
    element("p", {},
      element("button", { type: "button", class: "quiet", onclick: go(shown - 1), "aria-label": "Previous sample" }, "‹"),
      ` sample ${shown} `,
      element("button", { type: "button", class: "quiet", onclick: go(shown + 1), "aria-label": "Next sample" }, "›"),
      element("span", { class: "muted" }, ` ${passed} of ${samples.length} passed${selected === null ? "" : `; sample ${selected} was chosen (◆)`}`)),
    element("div", { class: "strip" }, ...squares),
  ];
}
