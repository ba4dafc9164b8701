// The schema: what is served by introspection is what is committed, and every rule of @graphql-eslint for
// schemas is kept.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql';
import { ask } from './ask.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const committed = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));

// As graphql-js prints it: the style of a description (which one of the rules is about) is then that of
// its printer, not that of the program's.
const printed = printSchema(committed);

/** The rules that are not held, and those that are held in part, each with the reason. */
function exceptions(schema) {
  const values = Object.values(schema.getTypeMap())
    .filter(type => isObjectType(type) && !('id' in type.getFields()))
    .map(type => type.name);
  return {
    // Mutations and subscriptions are there.
    '@graphql-eslint/no-root-type': 'off',
    // The schema is sorted, but with no group that comes first.
    '@graphql-eslint/alphabetize': 'off',
    // About root types. A refusal is data (`userErrors`); where a fault kept a list, a count or a payload
    // from being read at all, there is nothing to be said but `errors`. What may be absent is nullable.
    '@graphql-eslint/require-nullable-result-in-root': 'off',
    // Payloads, edges, counts, days of a calendar and the like are no things with an identity. What
    // has an `id` has one that is never null: opaque (ID), or as its sender chose it (UUID).
    '@graphql-eslint/strict-id-in-types': [
      'error',
      { acceptedIdTypes: ['ID', 'UUID'], exceptions: { types: values } },
    ],
  };
}

/** What the rules find in a schema. */
async function findings(text) {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.graphql'],
        languageOptions: {
          parser: graphql.parser,
          parserOptions: { graphQLConfig: { schema: text } },
        },
        plugins: { '@graphql-eslint': graphql },
        rules: {
          ...graphql.configs['flat/schema-recommended'].rules,
          ...graphql.configs['flat/schema-all'].rules,
          ...exceptions(buildSchema(text)),
        },
      },
    ],
  });
  const [{ messages }] = await eslint.lintText(text, { filePath: join(root, 'schema.graphql') });
  return messages.map(({ line, ruleId, message }) => `${line}: ${message} (${ruleId})`);
}

test('the committed schema is valid by the specification', () => {
  assert.deepEqual(validateSchema(committed), []);
});

// But not what describes the schema as a whole: the library says the same of every schema.
test('introspection tells of the committed schema', async () => {
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  const { status, text } = await ask(query);
  assert.equal(status, 200, text);
  const served = buildClientSchema(JSON.parse(text).data);
  const sorted = schema => printSchema(lexicographicSortSchema(schema)).split('\n');
  assert.deepEqual(sorted(served), sorted(committed));
});

test('nothing is found in schema.graphql', async () => {
  assert.deepEqual(await findings(printed), []);
});

// So that an empty list means something: what is put in place of the first line of a type, and what is found.
const SLIPS = [
  ['a type without a description', 'Query', '"d" a: Lone } type Lone { "d" b: Int', 'require-description'],
  ['a type that nothing leads to', 'Query', '"d" a: Int } "d" type Lone { "d" a: Int', 'no-unreachable-types'],
  ['a field in snake case', 'Query', '"d" some_thing: Int', 'naming-convention'],
  ['an id that may be null', 'Query', '"d" a: Lone } "d" type Lone { id: ID', 'strict-id-in-types'],
  ['a mutation that answers a number', 'Mutation', '"d" a: Int', 'no-scalar-result-type-on-mutation'],
  ['a deprecation without a date', 'Query', '"d" a: Int @deprecated(reason: "b")', 'require-deprecation-date'],
  ['a field named after its type', 'Payment', '"d" paymentKey: Int', 'no-typename-prefix'],
];

for (const [slip, type, put, rule] of SLIPS) {
  test(`the rules find ${slip}`, async () => {
    const spoiled = printSchema(buildSchema(`${printed}\nextend type ${type} { ${put} }`));
    const found = await findings(spoiled);
    assert.ok(
      found.some(finding => finding.endsWith(`(@graphql-eslint/${rule})`)),
      `${rule} is not among:\n${found.join('\n')}`,
    );
  });
}
