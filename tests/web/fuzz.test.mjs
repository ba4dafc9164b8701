// Schemathesis over every query and mutation, against a program of its own, which nothing limits in a minute.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const python = join(here, '.venv', 'bin', 'python');

/** Longer than the bound that it sets itself. */
const PATIENCE_MS = 180_000;

test('whatever Schemathesis asks, the answer is data, or says by a code what is wrong', async () => {
  const carnet = await start({ CARNET_COST_PER_MINUTE: '0' });
  let told = '';
  let code;
  let stopped;
  try {
    const fuzz = spawn(python, ['fuzz.py'], {
      cwd: here,
      env: {
        ...process.env,
        CARNET_URL: carnet.url,
        CARNET_TOKEN: carnet.token,
        PYTHONUTF8: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    });
    for (const stream of [fuzz.stdout, fuzz.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', text => (told += text));
    }
    code = await new Promise((resolve, reject) => {
      fuzz.once('error', reject);
      fuzz.once('close', resolve);
    });
  } finally {
    stopped = await carnet.stop();
  }
  assert.deepEqual(
    { code: stopped.code, signal: stopped.signal },
    { code: 0, signal: null },
    `carnet did not end as it was told:\n${stopped.said}\n${told}`,
  );
  assert.equal(code, 0, told);
  assert.doesNotMatch(stopped.said, /"level":"ERROR"|panicked/);
  console.log(told.trim());
});
