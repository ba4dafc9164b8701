// Validation by the program and by graphql-js, over the same documents: what one refuses the other refuses.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ask, authorized, url } from './ask.mjs';
import { documents } from './documents.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));

// What the program lets pass and graphql-js refuses, by its rule, with the reason: nothing, and it should stay so.
// Nothing is refused that graphql-js lets pass.
const GAPS = {};
const DIFFER = new Set(Object.values(GAPS).flat());

/** Why graphql-js refuses a document, if it does. */
function refusedByReference(query) {
  return validate(schema, parse(query)).map(error => error.message);
}

/** Why the program refuses a document, if it does: nothing of it is then executed. */
async function refusedByCarnet(query, variables, operationName) {
  if (query.startsWith('subscription')) return refusedOnSocket(query, variables, operationName);
  const { status, text } = await ask(query, { variables, operationName });
  const { data, errors = [] } = JSON.parse(text);
  assert.ok(status === 200 || status === 400, `${status} ${text}`);
  // What is refused has no data at all, and the status says so.
  assert.equal(data === undefined, status === 400, text);
  if (status === 200) return [];
  assert.ok(errors.length > 0, text);
  return errors.map(error => error.message);
}

async function refusedOnSocket(query, variables, operationName) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: authorized,
    retryAttempts: 0,
  });
  try {
    for await (const answer of client.iterate({ query, variables, operationName })) {
      assert.ok(answer.data, JSON.stringify(answer));
      break;
    }
    return [];
  } catch (errors) {
    if (!Array.isArray(errors)) throw errors;
    return errors.map(error => error.message);
  } finally {
    await client.dispose();
  }
}

test('there are documents enough, valid and not', () => {
  const valid = documents.filter(([, query]) => refusedByReference(query).length === 0);
  assert.ok(documents.length >= 70 && valid.length >= 30, `${documents.length}, ${valid.length} valid`);
  const known = documents.map(([, query]) => query);
  assert.deepEqual([...DIFFER].filter(query => !known.includes(query)), []);
});

for (const [rule, query, variables, operationName] of documents) {
  test(`${rule}: ${query}`, async () => {
    const reference = refusedByReference(query);
    const carnet = await refusedByCarnet(query, variables, operationName);
    const same = reference.length > 0 === carnet.length > 0;
    const told = JSON.stringify({ reference, carnet }, null, 1);
    assert.equal(same, !DIFFER.has(query), told);
    // Never the other way round.
    if (!same) assert.deepEqual(carnet, [], told);
  });
}
