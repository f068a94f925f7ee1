// Medians of the lines of a run of peers.sh, and how ours compare: above 1 ours is better.
import { readFileSync } from 'node:fs';

const FIGURES = [
  ['enqueue p50', 'w1', 'enq.p50', 'ms'],
  ['round trip p50', 'w1', 'rt.p50', 'ms'],
  ['round trip p99', 'w1', 'rt.p99', 'ms'],
  ['batch enqueue', 'w2', 'enqPerS', 'jobs/s'],
  ['batch enqueue, WAL', 'w2', 'enq.walB', 'B/job'],
  ['batch enqueue, commits', 'w2', 'enq.wcommits', '/job'],
  ['drain of a filled queue', 'w2', 'drainPerS', 'jobs/s'],
  ['drain, WAL', 'w2', 'proc_.walB', 'B/job'],
  ['drain, commits', 'w2', 'proc_.wcommits', '/job'],
  ['one call per job, 32 callers', 'w2', 'e2e1PerS', 'jobs/s'],
  ['batches, end to end', 'w2', 'e2eBPerS', 'jobs/s'],
  ['workflows of three steps', 'w4', 'flowsPerS', 'flows/s'],
  ['workflows, WAL', 'w4', 'walB', 'B/flow'],
  ['workflows, commits', 'w4', 'wcommits', '/flow'],
  ['workflow p50', 'w4l', 'rt.p50', 'ms'],
  ['workflow p99', 'w4l', 'rt.p99', 'ms'],
];
const OURS = ['reseolio/', 'reseolio-node/'];

const lines = readFileSync(process.argv[2], 'utf8')
  .trim()
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const peers = [...new Set(lines.map((line) => line.peer))];
const isOurs = (peer) => OURS.some((name) => peer.startsWith(name));
const value = (object, path) => path.split('.').reduce((at, key) => at?.[key], object);

function measured(peer, mode, path) {
  return lines
    .filter((line) => line.peer === peer && line.mode === mode)
    .map((line) => value(line, path))
    .filter((number) => typeof number === 'number')
    .sort((a, b) => a - b);
}

function median(sorted) {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const show = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));

const rows = [['figure', 'peer', 'median', 'range', 'unit', ...peers.filter(isOurs).map((peer) => `vs ${peer}`)]];
for (const [title, mode, path, unit] of FIGURES) {
  for (const peer of peers) {
    const all = measured(peer, mode, path);
    if (all.length === 0) continue;
    const ratios = peers.filter(isOurs).map((ours) => {
      const own = measured(ours, mode, path);
      if (own.length === 0 || isOurs(peer) || median(own) === 0 || median(all) === 0) return '';
      const ratio = unit.endsWith('s/s') ? median(own) / median(all) : median(all) / median(own);
      return `${show(ratio)} x`;
    });
    rows.push([title, peer, show(median(all)), `${show(all[0])} .. ${show(all.at(-1))}`, unit, ...ratios]);
  }
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
