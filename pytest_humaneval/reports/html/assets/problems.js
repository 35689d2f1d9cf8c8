// What the grid and the map know of a problem: its cells, and how far the experiments agree on it.

function makeRows(report) {
  return report.problems.map(([task, entryPoint], number) => {
    const cells = report.cells.map((column) => column[number]);
    const messages = cells.map((cell) => cell?.message ?? "").join(" ");
    return { number, task, entryPoint, cells, text: `${task} ${entryPoint} ${messages}`.toLowerCase(), ...figures(cells) };
  });
}

function figures(cells) {
  const judged = cells.filter((cell) => cell?.judged);
  const solved = judged.filter((cell) => cell.passed).length;
  const samples = judged.reduce((sum, cell) => sum + cell.judged, 0);
  const passed = judged.reduce((sum, cell) => sum + cell.passed, 0);
  return {
    judged: judged.length, solved, samples, passed,
    agreement: agreement(judged.map((cell) => cell.share)),
    isDisputed: solved > 0 && solved < judged.length,
  };
}

// How likely a sample of one experiment passes or fails as a sample of another one does, over all pairs of experiments.
// With one sample each it is the share of pairs that agree, P_i of Fleiss (1971); null where there is no pair.
function agreement(shares) {
  const pairs = shares.flatMap((one, place) => shares.slice(place + 1).map((other) => one * other + (1 - one) * (1 - other)));
  return pairs.length ? pairs.reduce((sum, each) => sum + each, 0) / pairs.length : null;
}

// Sentences for those who cannot see the map.
function disputeInWords(report, rows) {
  const count = (is) => rows.filter(is).length;
  const judged = count((row) => row.judged);
  if (report.experiments.length === 1) return `${count((row) => row.solved)} of ${judged} problems are solved.`;
  const [all, none] = [count((row) => row.judged && row.solved === row.judged), count((row) => row.judged && !row.solved)];
  return `${count((row) => row.isDisputed)} of ${judged} problems are solved by some experiments only, ${all} by all, ${none} by none.`;
}
