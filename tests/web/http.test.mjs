// GraphQL over HTTP: every audit of the `graphql-http` package, those that are a MUST, a SHOULD and a MAY.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { authorized, url } from './ask.mjs';

const audits = serverAudits({
  url,
  fetchFn: (input, init = {}) =>
    fetch(input, { ...init, headers: { ...init.headers, ...authorized } }),
});

test('there are 61 audits', () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    // Drop the body of a response that nobody read, or its connection stays open.
    await result.response?.body?.cancel().catch(() => undefined);
    assert.equal(result.status, 'ok', result.reason);
  });
}
