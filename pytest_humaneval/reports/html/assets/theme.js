// The button that changes between light, dark, and what the system prefers.

byId("theme").addEventListener("click", (event) => {
  const themes = ["auto", "light", "dark"];
  const now = themes.indexOf(event.target.textContent.split(" ")[1]);
  const next = themes[(now + 1) % themes.length];
  event.target.textContent = `Theme: ${next}`;
  document.documentElement.style.colorScheme = next === "auto" ? "" : next;
});
