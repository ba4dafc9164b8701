// The tools that builders use accept the schema, and what they generate runs against the program: Relay's
// compiler, graphql-codegen (the example in TypeScript), and the example in Python.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const typescript = join(root, 'examples', 'clients', 'typescript');

/** Longer than any of them takes. */
const PATIENCE_MS = 120_000;

/** What a program prints, once it has ended well. */
async function run(program, args, { cwd = here, env = {} } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8');
    child[name].on('data', text => (printed[name] += text));
  }
  const code = await new Promise(resolve => child.once('close', resolve));
  return { code, ...printed };
}

function ended(well, { code, stdout, stderr }) {
  assert.equal(code === 0, well, `it ended with ${code}:\n${stdout}${stderr}`);
}

const RUNNING = /^3 expérimentations en cours le 2021-05-06 :$/m;
const VIGNY = /^- Vigny( \(Vigny, 95658\) : WEEKLY_PERMANENCES)?, du 2021-04-27 au 2021-07-27$/m;
const FIRST = /^1\. Expérimentation « Mortagne-du-Nord » lancée le 8 avril 2021/m;

test('graphql-codegen generates a client in TypeScript, which runs', async () => {
  const bin = join(typescript, 'node_modules', '.bin');
  ended(true, await run(join(bin, 'graphql-codegen'), ['--config', 'codegen.ts'], { cwd: typescript }));
  ended(true, await run(join(bin, 'tsc'), [], { cwd: typescript }));
  const client = await run(process.execPath, ['build/main.js'], { cwd: typescript });
  ended(true, client);
  for (const expected of [RUNNING, VIGNY, FIRST]) assert.match(client.stdout, expected);
  assert.equal(client.stdout.trim().split('\n').length, 1 + 3 + 1 + 3, client.stdout);
});

test('the client in Python runs', async () => {
  const client = await run('python3', ['client.py'], {
    cwd: join(root, 'examples', 'clients', 'python'),
    env: { PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  ended(true, client);
  for (const expected of [RUNNING, VIGNY, FIRST]) assert.match(client.stdout, expected);
  // More entries than a page of it holds, in order, each once.
  const positions = [...client.stdout.matchAll(/^(\d+)\. /gm)].map(found => Number(found[1]));
  assert.ok(positions.length > 5, client.stdout);
  assert.deepEqual(positions, [...new Set(positions)].sort((a, b) => a - b));
});

test('the clients say in French why they are refused', async () => {
  const env = { CARNET_TOKEN: 'carnet_inconnu', PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const clients = [
    [process.execPath, ['build/main.js'], { cwd: typescript, env }],
    ['python3', ['client.py'], { cwd: join(root, 'examples', 'clients', 'python'), env }],
  ];
  for (const [program, args, options] of clients) {
    const client = await run(program, args, options);
    ended(false, client);
    assert.match(client.stderr, /^Carnet refuse : .+ \(UNAUTHENTICATED\)$/m);
  }
});

test("Relay's compiler accepts the schema, and the program what it makes of documents", async () => {
  const project = mkdtempSync(join(tmpdir(), 'carnet-relay-'));
  try {
    cpSync(join(here, 'relay'), join(project, 'src'), { recursive: true });
    cpSync(join(root, 'schema.graphql'), join(project, 'schema.graphql'));
    const config = {
      src: './src',
      schema: './schema.graphql',
      language: 'javascript',
      eagerEsModules: true,
      persistConfig: { file: './operations.json' },
    };
    writeFileSync(join(project, 'operations.json'), '{}');
    writeFileSync(join(project, 'relay.config.json'), JSON.stringify(config));
    const compiler = join(here, 'node_modules', '.bin', 'relay-compiler');
    const compiled = await run(compiler, ['relay.config.json'], { cwd: project });
    ended(true, compiled);
    const made = readdirSync(join(project, 'src', '__generated__')).sort();
    assert.deepEqual(made, [
      'ExperimentsPageQuery.graphql.js',
      'ExperimentsQuery.graphql.js',
      'ExperimentsRowQuery.graphql.js',
      'ExperimentsSubscription.graphql.js',
      'ExperimentsSuspendMutation.graphql.js',
      'Experiments_list.graphql.js',
      'Experiments_row.graphql.js',
    ]);
    const documents = Object.values(JSON.parse(readFileSync(join(project, 'operations.json'), 'utf8')));
    const asked = async (name, variables) => {
      const query = documents.find(text => text.startsWith(`query ${name}(`));
      const { status, text } = await ask(query, { variables });
      assert.equal(status, 200, text);
      return JSON.parse(text).data;
    };
    const { experiments } = await asked('ExperimentsQuery', { on: '2021-05-06' });
    assert.equal(experiments.totalCount, 3);
    assert.equal(experiments.edges.length, 2);
    const rest = await asked('ExperimentsPageQuery', {
      on: '2021-05-06',
      after: experiments.pageInfo.endCursor,
    });
    assert.deepEqual(rest.experiments.edges.map(edge => edge.node.title), ['Vigny']);
    const { node } = await asked('ExperimentsRowQuery', { id: rest.experiments.edges[0].node.id });
    assert.equal(node.title, 'Vigny');
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
