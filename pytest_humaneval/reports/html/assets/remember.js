// What a reader prefers, kept in the browser; a browser may refuse that to a page of a file.

function remembered(name) {
  try {
    return localStorage.getItem(`pytest-humaneval-${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`pytest-humaneval-${name}`, value);
  } catch {
    // It holds until the page is closed.
  }
}
