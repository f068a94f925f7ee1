// Everything CI runs, part by part: goes on after a failing part, counts what each part really ran, and ends with one table.
// A part that crashed, or that ran nothing though it should have, has failed. What the parts said is in target/test.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname ?? '.', '..');
const logs = join(root, 'target/test');
const data = mkdtempSync(join(tmpdir(), 'reseolio-make-'));
const sdk = join(root, 'sdk/typescript');
const debian15 = '/usr/lib/postgresql/15/bin';
// For all parts together, so that nothing hangs for ever. On a machine of half the speed 30 are not enough.
const limitMinutes = 60;
const rows = [];
const failures = []; // Said once more at the end: a long log is often cut to its last lines.
let running;

rmSync(logs, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });
process.on('exit', () => rmSync(data, { recursive: true, force: true, maxRetries: 10 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(endRunning(signal) ?? 130));

await check('format of Java sources', './scripts/maven', ['spotless:check']);
await check('paths in life-of-a-job.md', './scripts/doc-paths', []);
await check('lint of TypeScript', 'npm', ['run', 'lint'], sdk);
await check('lint of the contract', 'npm', ['run', 'proto:lint'], sdk);
await check('format of the contract', 'npm', ['run', 'proto:format'], sdk);
await check('generated TypeScript', 'npm', ['run', 'verify'], sdk);
await check('types of the TypeScript example', join(sdk, 'node_modules/.bin/tsc'), ['-p', 'examples/payments/typescript']);
await maven('Java and PostgreSQL 18', ['package'], () => true);
if (existsSync(debian15)) {
  const store = ['-Dtest=dev/reseolio/engine/store/postgres/*Test', `-Dreseolio.test.postgres=${debian15}`];
  await maven('Store on PostgreSQL 15', ['test', '-pl', 'engine', '-am', ...store], (module) => module === 'engine', ' on PostgreSQL 15');
}
await maven('Java SDK with a sidecar', ['test', '-pl', 'sdk/java', '-am', '-Dit', '-Dtest=*IT'], (module) => module === 'sdk/java');
await nodeTests('sdk/typescript', 'test');
await nodeTests('sdk/typescript with a sidecar', 'test:integration');
nothingLeft();
report();

/** Runs a command, its output going to a log; resolves with what it said, and whether it ended well. */
async function run(title, command, args, { cwd = root, env = {}, show = () => false } = {}) {
  console.log(`\n${title}`);
  const log = join(logs, `${title.replaceAll(/[^\w]+/g, '-').toLowerCase()}.log`);
  const file = createWriteStream(log);
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running = child;
  const timer = setTimeout(() => endRunning('SIGKILL'), limitMinutes * 60_000 - performance.now());
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      file.write(`${line}\n`);
      if (show(line)) console.log(`  ${line.replace('[INFO] ', '')}`);
    });
  }
  const begun = performance.now();
  const ended = await new Promise((done) => {
    child.on('error', (error) => done(said.push(String(error)) < 0));
    child.on('close', (code) => done(code === 0));
  });
  clearTimeout(timer);
  file.end();
  return { ended, said, seconds: (performance.now() - begun) / 1000, log };
}

/** The part that runs is a process group of its own: it gets no Ctrl-C by itself. */
function endRunning(signal) {
  if (running?.exitCode === null && running.pid) process.kill(-running.pid, signal);
}

function row(part, counts, seconds, log) {
  const ran = counts.passed + counts.failed + counts.skipped > 0;
  const failed = ran ? counts.failed : 1;
  rows.push({ part, ...counts, failed, seconds });
  console.log(failed ? `  ${part}: ${failed} FAILED${ran ? '' : ', no test ran'}; see ${log}` : `  ${part}: ${counts.passed} passed`);
}

/** A part that is right or wrong as a whole. */
async function check(part, command, args, cwd) {
  const { ended, said, seconds, log } = await run(part, command, args, { cwd });
  if (!ended) {
    console.log(said.slice(-60).join('\n'));
    failures.push(part);
  }
  row(part, { passed: ended ? 1 : 0, failed: ended ? 0 : 1, skipped: 0 }, seconds, log);
}

/** The modules' tests, a row per module; tests with real processes (…IT) have one of their own. */
async function maven(title, args, wanted, suffix = '') {
  const modules = [...readFileSync(join(root, 'pom.xml'), 'utf8').matchAll(/<module>(.*)<\/module>/g)].map((match) => match[1]);
  const reports = (module) => join(root, module, 'target/surefire-reports');
  modules.forEach((module) => rmSync(reports(module), { recursive: true, force: true }));
  const always = ['-B', '-ntp', '-Dmaven.test.failure.ignore=true', '-Dsurefire.failIfNoSpecifiedTests=false'];
  const show = (line) => /^\[(INFO|ERROR|WARNING)\].*Tests run:.* -- in /.test(line) || /^\[ERROR\]/.test(line);
  const env = args.includes('-Dit') ? { RESEOLIO_DATA_DIR: data } : {};
  const { ended, said, seconds, log } = await run(title, 'mvn', [...always, ...args], { env, show });
  for (const module of modules.filter((module) => wanted(module) && existsSync(join(root, module, 'src/test/java')))) {
    const suites = existsSync(reports(module)) ? readdirSync(reports(module)).filter((name) => /^TEST-.*\.xml$/.test(name)) : [];
    const real = suites.filter((name) => name.endsWith('IT.xml'));
    const rest = suites.filter((name) => !real.includes(name));
    if (rest.length > 0 || real.length === 0) surefire(module + suffix, rest.map((name) => join(reports(module), name)), log);
    if (real.length > 0) surefire(`${module} with real processes`, real.map((name) => join(reports(module), name)), log);
  }
  const crashed = said.some((line) => /forked VM terminated|error in the fork|ExecutionException: |SurefireBooterForkException/.test(line));
  if (!ended || crashed) row(`${title}: Maven itself`, { passed: 0, failed: 1, skipped: 0 }, seconds, log);
}

function surefire(part, files, log) {
  const sum = { tests: 0, errors: 0, failures: 0, skipped: 0, time: 0 };
  const reasons = new Set();
  for (const file of files) {
    const report = readFileSync(file, 'utf8');
    const suite = /<testsuite [^>]*>/s.exec(report)?.[0] ?? '';
    failures.push(...failedCases(report));
    for (const skipped of report.matchAll(/<skipped message="([^"]*)"/g)) reasons.add(skipped[1]);
    for (const key of Object.keys(sum)) sum[key] += Number(new RegExp(`\\b${key}="([\\d.]+)"`).exec(suite)?.[1] ?? 0);
  }
  const failed = sum.errors + sum.failures;
  for (const why of reasons) console.log(`  skipped: ${why}`);
  row(part, { passed: sum.tests - failed - sum.skipped, failed, skipped: sum.skipped }, sum.time, log);
}

/** `class.test: what it said` of each test that failed, as surefire reports it. */
function failedCases(report) {
  const attribute = (text, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '';
  return report.split('<testcase ').slice(1).flatMap((test) => {
    const failure = /<(?:failure|error)\b[^>]*>/.exec(test)?.[0];
    const why = failure && (attribute(failure, 'message') || attribute(failure, 'type'));
    return failure ? [`${attribute(test, 'classname')}.${attribute(test, 'name')}: ${why.slice(0, 200)}`] : [];
  });
}

async function nodeTests(part, script) {
  const { ended, said, seconds, log } = await run(part, 'npm', ['run', script], { cwd: sdk, env: { NO_COLOR: '1', TMPDIR: data } });
  const count = (key) => Number(said.map((line) => new RegExp(`^(?:#|ℹ) ${key} (\\d+)`).exec(line)?.[1]).findLast((found) => found) ?? 0);
  const failed = count('fail') + count('cancelled');
  if (!ended) console.log(said.filter((line) => /^\s*not ok|✖|error/i.test(line)).slice(0, 60).join('\n'));
  failures.push(...new Set(said.map((line) => /^\s*not ok \d+ - (.*)/.exec(line)?.[1]).filter((name) => name)));
  row(part, { passed: count('pass'), failed: ended ? failed : Math.max(1, failed), skipped: count('skipped') + count('todo') }, seconds, log);
}

/** No folder of an embedded PostgreSQL in the tree, no sidecar, PostgreSQL or PgBouncer of ours still running. */
function nothingLeft() {
  console.log('\nnothing left behind');
  const ours = [join(root, 'cli/target/reseolio'), join(root, 'target/tools'), join(tmpdir(), 'reseolio-pgbouncer'), data];
  const processes = readdirSync('/proc').filter((name) => {
    try {
      const words = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, 'utf8') : '';
      return ours.some((path) => words.includes(path));
    } catch {
      return false; // it has ended meanwhile
    }
  });
  const folders = readdirSync(root, { recursive: true }).filter((path) => /(^|\/)\.reseolio$/.test(path) && !path.includes('node_modules'));
  const left = [...processes.map((pid) => `process ${pid}`), ...folders];
  left.forEach((what) => console.log(`  left: ${what}`));
  row('nothing left behind', { passed: left.length === 0 ? 1 : 0, failed: left.length === 0 ? 0 : 1, skipped: 0 }, 0, logs);
}

function report() {
  const width = Math.max(...rows.map((each) => each.part.length));
  const line = (part, ...cells) => console.log(part.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join(''));
  console.log('');
  line('part', 'passed', 'failed', 'skipped', 'seconds');
  for (const each of rows) line(each.part, each.passed, each.failed, each.skipped, each.seconds.toFixed(1));
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((each) => `  ${each}`).join('\n')}`);
  const total = (key) => rows.reduce((sum, each) => sum + each[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  process.exitCode = total('failed') > 0 ? 1 : 0;
}
