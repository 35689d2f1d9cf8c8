// A page that is written while its run goes on: it reloads itself where the reader is, until the run has ended.
// What the address does not say (scroll positions, folded sections, the focus) is kept in the history's entry.

const live = (() => {
  const TICK_MS = 1000;
  const QUIET_MS = 3000;
  // So many times the interval without a new page: the run may have been stopped. The interval is an estimate, since
  // the next page is written later where this one took long.
  const SILENT_INTERVALS = 10;
  const SCROLLED = ".scroller, .beside-scroller, .strip, #card-body";

  // Elements with names that they also have on the next page, on which there may be more of them, and other numbers.
  function named(selector) {
    const counts = {};
    return [...document.querySelectorAll(selector)].map((found) => {
      const text = found.querySelector(":scope > summary")?.textContent.replace(/[\d,.]+/g, "");
      const name = [found.closest("[id]")?.id, found.className, text].join(" ");
      counts[name] = (counts[name] ?? 0) + 1;
      return [`${name} ${counts[name]}`, found];
    });
  }

  function remember() {
    const focused = document.activeElement;
    const kept = {
      top: scrollY,
      places: Object.fromEntries(named(SCROLLED).map(([name, box]) => [name, [box.scrollLeft, box.scrollTop]])),
      folds: Object.fromEntries(named("details").map(([name, section]) => [name, section.open])),
      focus: focused.id || null,
      label: focused.getAttribute("aria-label"),
      theme: theme(),
    };
    history.replaceState({ ...history.state, kept }, "");
  }

  function restore({ top, places, folds, focus, label, theme: chosen }) {
    setTheme(chosen);
    for (const [name, section] of named("details")) section.open = folds[name] ?? section.open;
    const target = byId(focus) ?? (label ? document.querySelector(`[aria-label="${CSS.escape(label)}"]`) : null);
    target?.focus({ preventScroll: true });
    for (const [name, box] of named(SCROLLED)) box.scrollTo(...(places[name] ?? [0, 0]));
    scrollTo({ top, behavior: "instant" });
  }

  // A card is unpacked after the page is ready.
  function restoreWhenShown(kept) {
    const restoreNow = () => restore(kept);
    restoreNow();
    if (!byId("card").open) return;
    new MutationObserver((_, observer) => {
      observer.disconnect();
      // After the card has taken the focus.
      setTimeout(restoreNow);
    }).observe(byId("card-body"), { childList: true });
  }

  // Typing, clicking and scrolling are not interrupted, nor is a selection lost.
  let activeMs = -Infinity;
  const noteActivity = () => (activeMs = performance.now());
  const isBusy = () => document.hidden || performance.now() - activeMs < QUIET_MS || !getSelection().isCollapsed
    || document.querySelector("dialog[open]:not(#card)") !== null;

  function tell(writtenMs, everyMs) {
    const silentMs = Date.now() - writtenMs;
    if (silentMs < SILENT_INTERVALS * everyMs) return;
    byId("live").classList.add("silent");
    byId("live-note").textContent = `Nothing was written for ${Math.round(silentMs / 60000)} minutes: the run may have been stopped.`;
  }

  function follow({ nextS, written }) {
    const everyMs = 1000 * Number(nextS);
    const dueMs = performance.now() + everyMs;
    tell(Date.parse(written), everyMs);
    for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) addEventListener(kind, noteActivity, { capture: true, passive: true });
    const timer = setInterval(() => {
      if (performance.now() < dueMs || isBusy()) return;
      clearInterval(timer);
      remember();
      location.reload();
    }, Math.min(TICK_MS, everyMs));
  }

  // Called when the page is built.
  return () => {
    const { kept, ...others } = history.state ?? {};
    if (kept) {
      history.replaceState(others, "");
      restoreWhenShown(kept);
    }
    if (byId("live")?.dataset.nextS) follow(byId("live").dataset);
  };
})();
