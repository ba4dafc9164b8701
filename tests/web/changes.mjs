// What changed in the schema since the last release, told by graphql-inspector.
//
//   node changes.mjs          writes docs/schema/CHANGELOG.md
//
// docs/schema/X.Y.Z.graphql is the schema as it was released, committed with each release. A change that
// breaks clients stands in docs/schema/announced.json, or is refused.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(root, 'docs', 'schema');
export const changelog = join(folder, 'CHANGELOG.md');

const read = (...names) => readFileSync(join(...names), 'utf8');

/** A version as numbers, to be put in order. */
const numbers = version => version.split('.').map(Number);

/** The last version that was released, and its schema. */
export function released() {
  const versions = readdirSync(folder)
    .map(name => /^(\d+\.\d+\.\d+)\.graphql$/.exec(name)?.[1])
    .filter(Boolean)
    .sort((a, b) => {
      const [left, right] = [numbers(a), numbers(b)];
      return left.map((part, at) => part - right[at]).find(difference => difference) ?? 0;
    });
  const version = versions.at(-1);
  return { version, schema: read(folder, `${version}.graphql`) };
}

/** The schema as it is now. */
export const current = () => read(root, 'schema.graphql');

/** The breaking changes that were announced. */
export function announced() {
  const list = JSON.parse(read(folder, 'announced.json'));
  for (const entry of list) {
    const whole =
      entry.path &&
      entry.change &&
      entry.reason &&
      /^\d{4}-\d\d-\d\d$/.test(entry.announced) &&
      /^\d+\.\d+\.\d+$/.test(entry.from);
    if (!whole) throw new Error(`not an announcement: ${JSON.stringify(entry)}`);
  }
  return list;
}

// What is said of a thing that is itself new, or in other words than before.
const NOT_TOLD = /_DESCRIPTION_(ADDED|CHANGED|REMOVED)$/;

/** The changes from one schema to another, in a stable order. */
export async function changes(before, after) {
  const found = await diff(buildSchema(before), buildSchema(after));
  return found
    .filter(change => !NOT_TOLD.test(change.type))
    .map(({ type, path, message, criticality }) => ({
      type,
      path,
      message,
      level: criticality.level,
    }))
    .sort((a, b) => (`${a.path} ${a.message}` < `${b.path} ${b.message}` ? -1 : 1));
}

/** The breaking ones that nobody announced. */
export function unannounced(found, list) {
  return found.filter(
    ({ level, path, type }) =>
      level === CriticalityLevel.Breaking &&
      !list.some(entry => entry.path === path && entry.change === type),
  );
}

/** The changes, to be read. */
export function told(version, found, list) {
  const parts = [
    ['Breaking, as announced', CriticalityLevel.Breaking],
    ['May surprise a client', CriticalityLevel.Dangerous],
    ['New, or the same for every client', CriticalityLevel.NonBreaking],
  ].map(([title, level]) => {
    const lines = found
      .filter(change => change.level === level)
      .map(({ path, type, message }) => {
        const why = list.find(entry => entry.path === path && entry.change === type);
        const said = why ? ` ${why.reason} (Announced on ${why.announced}.)` : '';
        return `- ${message.replaceAll("'", '`')}.${said}`;
      });
    return `## ${title}\n\n${lines.length > 0 ? lines.join('\n') : 'Nothing.'}\n`;
  });
  return `# What changed in the schema since ${version}

Made by \`make schema-changes\` (graphql-inspector), from [${version}.graphql](${version}.graphql) to
[schema.graphql](../../schema.graphql). A breaking change is refused unless it stands in
[announced.json](announced.json).

${parts.join('\n')}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { version, schema } = released();
  const found = await changes(schema, current());
  writeFileSync(changelog, told(version, found, announced()));
  for (const { message } of unannounced(found, announced())) {
    console.error(`Breaking, and not announced in docs/schema/announced.json: ${message}`);
    process.exitCode = 1;
  }
}
