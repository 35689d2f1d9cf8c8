// The button that changes between light, dark, and what the system prefers.

const theme = () => byId("theme").textContent.split(" ")[1];

function setTheme(name) {
  byId("theme").textContent = `Theme: ${name}`;
  document.documentElement.style.colorScheme = name === "auto" ? "" : name;
}

byId("theme").addEventListener("click", () => setTheme({ auto: "light", light: "dark", dark: "auto" }[theme()]));
