// What two texts share: line by line, and word by word in lines that differ.

// At most so many lines or words may differ, since the time grows with the square of their number.
const MOST_LINES = 1000;
const MOST_WORDS = 200;
// Lines between equal ones are paired by their words only if there are at most so many pairs.
const MOST_PAIRS = 2500;
// Lines that share less of their words are different lines, not one that was changed.
const LEAST_SHARED = 0.3;

// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): the places [in a, in b] of the longest list of
// elements that both have, in order; null if more than `most` elements would have to be left out.
function commonPlaces(a, b, most) {
  const middle = most + 1;
  // By diagonal: how far into `a` one gets with so many elements left out.
  const reached = new Int32Array(2 * most + 3);
  const before = [];
  for (let edits = 0; edits <= most; edits++) {
    before.push(reached.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(before[edits], edits, diagonal).x;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reached[middle + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return placesBack(before, a.length, b.length);
    }
  }
  return null;
}

function startOf(reached, edits, diagonal) {
  const at = (other) => reached[other + edits + 1];
  const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
  return { isDown, x: isDown ? at(diagonal + 1) : at(diagonal - 1) + 1 };
}

function placesBack(before, x, y) {
  const places = [];
  for (let edits = before.length - 1; edits >= 0; edits--) {
    const start = startOf(before[edits], edits, x - y);
    while (x > start.x) places.push([--x, --y]);
    if (start.isDown) y--;
    else x--;
  }
  return places.reverse();
}

// Of each line of `first` its partner in `second`, and the lines of `second` that stand before it without one.
function partners(first, second) {
  const common = commonPlaces(first, second, MOST_LINES);
  const found = { partner: new Array(first.length).fill(null), inserted: new Map(), isCut: common === null };
  const pairs = common === null ? first.slice(0, second.length).map((_, place) => [place, place]) : withSimilar(first, second, common);
  let next = 0;
  for (const [x, y] of [...pairs, [first.length, second.length]]) {
    if (next < y) found.inserted.set(x, Array.from({ length: y - next }, (_, more) => next + more));
    if (x < first.length) found.partner[x] = y;
    next = y + 1;
  }
  return found;
}

// Between the places of equal lines, those of lines that are similar.
function withSimilar(first, second, common) {
  let [fromX, fromY] = [0, 0];
  return [...common, [first.length, second.length]].flatMap(([x, y]) => {
    const between = similarPlaces(first.slice(fromX, x), second.slice(fromY, y)).map(([a, b]) => [fromX + a, fromY + b]);
    [fromX, fromY] = [x + 1, y + 1];
    return x < first.length || y < second.length ? [...between, [x, y]] : between;
  });
}

// The places of pairs of lines, in order, that are most alike in all; of many lines, simply one after the other.
function similarPlaces(a, b) {
  if (a.length * b.length > MOST_PAIRS) return a.slice(0, b.length).map((_, place) => [place, place]);
  const words = [a, b].map((lines) => lines.map((line) => new Set(wordsOf(line).filter((word) => word.trim()))));
  const alike = words[0].map((one) => words[1].map((other) => similarity(one, other)));
  const best = Array.from({ length: a.length + 1 }, () => new Float64Array(b.length + 1));
  for (let x = a.length - 1; x >= 0; x--) {
    for (let y = b.length - 1; y >= 0; y--) best[x][y] = Math.max(best[x + 1][y], best[x][y + 1], best[x + 1][y + 1] + alike[x][y]);
  }
  const places = [];
  for (let x = 0, y = 0; x < a.length && y < b.length;) {
    if (best[x][y] === best[x + 1][y]) x++;
    else if (best[x][y] === best[x][y + 1]) y++;
    else places.push([x++, y++]);
  }
  return places;
}

// The share of words that two lines have in common; 0 if it is small.
function similarity(one, other) {
  const shared = [...one].filter((word) => other.has(word)).length / Math.max(1, one.size, other.size);
  return shared < LEAST_SHARED ? 0 : shared;
}

// Programs, each a list of lines, beside each other: rows of line numbers from 0, null where a program has none.
function alignedRows([first, ...others]) {
  const found = others.map((lines) => partners(first, lines));
  const rows = [];
  for (let number = 0; number <= first.length; number++) {
    const inserted = found.map((each) => each.inserted.get(number) ?? []);
    const most = Math.max(0, ...inserted.map((each) => each.length));
    for (let place = 0; place < most; place++) rows.push([null, ...inserted.map((each) => each[place] ?? null)]);
    if (number < first.length) rows.push([number, ...found.map((each) => each.partner[number])]);
  }
  return { rows, isCut: found.some((each) => each.isCut) };
}

const wordsOf = (line) => line.match(/[\p{L}\p{N}_]+|\s+|./gsu) ?? [];

// Where two lines differ: a list of [start, end] for each; both empty if they share too little.
function differentWords(one, other) {
  const both = [wordsOf(one), wordsOf(other)];
  const common = commonPlaces(...both, MOST_WORDS) ?? [];
  const shared = common.reduce((sum, [place]) => sum + both[0][place].trim().length, 0);
  if (shared < LEAST_SHARED * Math.max(one.trim().length, other.trim().length)) return [[], []];
  return both.map((words, side) => rangesWithout(words, new Set(common.map((places) => places[side]))));
}

function rangesWithout(words, kept) {
  const ranges = [];
  let start = 0;
  words.forEach((word, place) => {
    const end = start + word.length;
    if (!kept.has(place)) {
      if (ranges.at(-1)?.[1] === start) ranges.at(-1)[1] = end;
      else ranges.push([start, end]);
    }
    start = end;
  });
  return ranges;
}
