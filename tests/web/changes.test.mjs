// The schema changes by what was announced alone, and every change is told.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { announced, changelog, changes, current, released, told, unannounced } from './changes.mjs';

const { version, schema } = released();

test('no client of the last release is broken without having been told', async () => {
  const found = await changes(schema, current());
  assert.deepEqual(unannounced(found, announced()), []);
});

test('docs/schema/CHANGELOG.md tells every change (make schema-changes)', async () => {
  const found = await changes(schema, current());
  assert.equal(readFileSync(changelog, 'utf8'), told(version, found, announced()));
});

const BREAKING = [
  ['a field is gone', '\n\tposition: Position!\n\t', '\n\t', 'FIELD_REMOVED'],
  ['an argument is asked for', 'adviser(\n', 'adviser(\n\t\twhy: Int!\n', 'FIELD_ARGUMENT_ADDED'],
  ['a field is of another type', '\n\tposition: Position!', '\n\tposition: Int!', 'FIELD_TYPE_CHANGED'],
  ['an answer may be null', '\n\tposition: Position!', '\n\tposition: Position', 'FIELD_TYPE_CHANGED'],
  ['a value is gone', '\n\tPOSTAL_SERVICE_EXPERT\n', '\n', 'ENUM_VALUE_REMOVED'],
  ['an input asks for more', 'input AccountInput {', 'input AccountInput {\n\tnew: Int!', 'INPUT_FIELD_ADDED'],
];

for (const [what, from, to, type] of BREAKING) {
  test(`it is refused that ${what}`, async () => {
    // Without descriptions, each a line of its own before what it describes.
    const plain = current().replace(/"""[^]*?"""\n/g, '').replace(/^\t*".*"\n/gm, '');
    assert.ok(plain.includes(from), from);
    const found = await changes(plain, plain.replace(from, to));
    const refused = unannounced(found, announced());
    assert.deepEqual(refused.map(change => change.type), [type]);
    const [{ path }] = refused;
    const said = { path, change: type, announced: '2026-11-23', from: '0.2.0', reason: 'so' };
    assert.deepEqual(unannounced(found, [said]), []);
  });
}
