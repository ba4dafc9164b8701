// Documents that are known beforehand: the manifest is graphql-codegen's own, of the client in TypeScript; the
// program takes it, accepts nothing else, and is asked by hash over HTTP and over a socket by graphql-ws.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start } from './server.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const typescript = join(root, 'examples', 'clients', 'typescript');

let carnet;
let directory;
let manifest;

before(async () => {
  const codegen = join(typescript, 'node_modules', '.bin', 'graphql-codegen');
  await promisify(execFile)(codegen, ['--config', 'codegen.trusted.ts'], { cwd: typescript });
  directory = mkdtempSync(join(tmpdir(), 'carnet-trusted-'));
  const made = join(typescript, 'build', 'trusted', 'persisted-documents.json');
  cpSync(made, join(directory, 'manifeste.json'));
  manifest = JSON.parse(readFileSync(made, 'utf8'));
  carnet = await start({ CARNET_TRUSTED_DOCUMENTS: directory, CARNET_TRUSTED_ONLY: 'all' });
});

after(async () => {
  if (carnet) {
    const { code } = await carnet.stop();
    assert.equal(code, 0);
  }
  rmSync(directory, { recursive: true, force: true });
});

/** The hash of the operation of that name, by the manifest. */
function hashOf(name) {
  const found = Object.entries(manifest).filter(([, text]) => new RegExp(`\\b${name}\\b`).test(text));
  assert.equal(found.length, 1, JSON.stringify(manifest));
  return found[0][0];
}

async function ask(body) {
  const response = await fetch(carnet.url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${carnet.token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

/** The answers to an operation over a socket, so many of them. */
async function follow(payload, many) {
  const client = createClient({
    url: carnet.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${carnet.token}` },
  });
  const answers = [];
  try {
    for await (const answer of client.iterate(payload)) {
      answers.push(answer);
      if (answers.length === many) break;
    }
    return answers;
  } finally {
    await client.dispose();
  }
}

test('the manifest holds every operation of the client', () => {
  assert.equal(Object.keys(manifest).length, 2, JSON.stringify(manifest));
});

test('a query is asked for by its hash', async () => {
  const bare = hashOf('Running').replace(/^sha256:/, '');
  for (const documentId of [bare, `sha256:${bare}`]) {
    const { status, answer } = await ask({ documentId, variables: { on: '2021-05-06' } });
    assert.equal(status, 200, JSON.stringify(answer));
    assert.equal(answer.data.experiments.totalCount, 3);
  }
});

test('by Apollo’s way as well', async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf('Running') } };
  const { answer } = await ask({ extensions, variables: { on: '2021-05-06' } });
  assert.equal(answer.data.experiments.totalCount, 3);
});

test('a subscription is asked for by its hash over a socket', async () => {
  const documentId = hashOf('Recorded');
  // graphql-ws sends nothing without a text: an empty one, as its own recipes have it.
  const answers = await follow({ documentId, query: '', variables: { after: '0' } }, 3);
  assert.deepEqual(answers.map(({ data }) => data.events.position), ['1', '2', '3']);
});

test('nothing else is accepted, over either', async () => {
  const { status, answer } = await ask({ query: '{ position }' });
  assert.equal(status, 400);
  assert.equal(answer.errors[0].extensions.code, 'TRUSTED_ONLY');
  await assert.rejects(follow({ query: '{ position }' }, 1), refused => {
    assert.equal(refused[0].extensions.code, 'TRUSTED_ONLY');
    return true;
  });
});
