// Validation by the program and by graphql-js, over the same documents: what one refuses the other refuses,
// but for a list that can only grow shorter.

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

// What the library's validation lets pass and graphql-js refuses: each is to be mended, none is right. Nothing is
// refused that graphql-js lets pass. When one of these is refused too, its line here has to go.
const GAPS = {
  // SingleFieldSubscriptions: the library has no such rule: it executes both fields, and sends the events of both.
  SingleFieldSubscriptions: [
    'subscription { a: events(after: "0") { position } b: events(after: "1") { position } }',
    'subscription { ...F } fragment F on Subscription { a: events(after: "0") { position } b: events(after: "0") { position } }',
  ],
  // OverlappingFieldsCanBeMerged: the library compares the fields of one selection set alone, by name and arguments: not sub-selections that are merged, not types under other types, not a fragment with the set around it.
  OverlappingFieldsCanBeMerged: [
    '{ experiment(id: "experiment-00000000-0000-7000-8000-000000000101") { hub { a: name } hub { a: commune { name } } } }',
    '{ experiment(id: "experiment-00000000-0000-7000-8000-000000000101") { hub { commune { a: name } } hub { commune { a: code } } } }',
    '{ experiment(id: "experiment-00000000-0000-7000-8000-000000000101") { ...F a: title } } fragment F on Experiment { a: startsOn }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: title } ... on Operator { a: id } } }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: title } a: id } }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: version } ... on Event { a: sentence } } }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: endsOn } ... on Event { a: position } } }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: hub { b: name } } ... on Permanence { a: experiment { b: version } } } }',
    '{ node(id: "experiment-00000000-0000-7000-8000-000000000101") { ... on Experiment { a: permanences { id } } ... on Permanence { a: experiment { id } } } }',
  ],
  // ValuesOfCorrectType: the library reads literals as it reads variables: integers as long as they can be, texts for enum values.
  ValuesOfCorrectType: [
    '{ experiments(first: 99999999999) { totalCount } }',
    '{ experiments(filter: { model: ["ROVING_DESK"] }) { totalCount } }',
    '{ experiments(filter: "all") { totalCount } }',
  ],
  // UniqueInputFieldNames: the library's parser keeps one field of each name, and says nothing.
  UniqueInputFieldNames: [
    '{ experiments(filter: { departement: "59", departement: "59" }) { totalCount } }',
  ],
  // OneOfInputObjects: the library looks at what is given, not at the declared type of a variable.
  OneOfInputObjects: [
    'query($a: Position) { asOf(knownAt: { position: $a }) { position } }',
  ],
  // KnownDirectives: the library's rule does not visit the definitions of variables.
  KnownDirectives: [
    'query($a: Int @skip(if: true)) { experiments(first: $a) { totalCount } }',
  ],
  // VariablesInAllowedPosition: the library has the rule, and refused none of these; why was not found out.
  VariablesInAllowedPosition: [
    'query($a: ID) { experiment(id: $a) { id } }',
    'query($a: String!) { experiment(id: $a) { id } }',
    'query($a: Int) { operators(on: $a) { id } }',
    'query($a: [ID]!) { nodes(ids: $a) { id } }',
    'query($a: ID!) { nodes(ids: $a) { id } }',
    'query($a: ID) { nodes(ids: [$a]) { id } }',
    'query($a: Boolean) { position @skip(if: $a) }',
    'query($a: ExperimentOrderField) { experiments(orderBy: { field: $a }) { totalCount } }',
    'query($a: DeliveryModel) { experiments(filter: { model: [$a] }) { totalCount } }',
    'query($a: ID) { ...F } fragment F on Query { experiment(id: $a) { id } }',
  ],
};
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
