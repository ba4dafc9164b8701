// The examples of GraphiQL: each is answered, by the demonstration, without a fault.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildSchema, parse, validate } from 'graphql';
import { ask } from './ask.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(top, 'scripts', 'graphiql', 'exemples');
const schema = buildSchema(readFileSync(join(top, 'schema.graphql'), 'utf8'));
const page = gunzipSync(readFileSync(join(top, 'assets', 'graphiql.html.gz'))).toString();
const names = readdirSync(folder).sort();

test('there are eight examples', () => assert.equal(names.length, 8));

for (const name of names) {
  const text = readFileSync(join(folder, name), 'utf8');
  test(`${name} is in the page, valid, and answered`, async () => {
    // As it stands in the page's script.
    assert.ok(page.includes(JSON.stringify(text).slice(1, -1)) || page.includes(text), 'make the page again');
    const document = parse(text);
    assert.deepEqual(validate(schema, document), []);
    if (document.definitions[0].operation === 'subscription') return;
    const { status, text: told } = await ask(text);
    const answer = JSON.parse(told);
    assert.equal(status, 200, told);
    assert.equal(answer.errors, undefined, told);
    assert.ok(Object.values(answer.data).every(value => value !== null), told);
  });
}
