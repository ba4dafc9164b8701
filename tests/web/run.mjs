// Runs the suites against one running program: `node run.mjs [name of a suite]...`

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
const suites = readdirSync(here)
  .filter(file => file.endsWith('.test.mjs'))
  .filter(file => named.length === 0 || named.includes(file.replace('.test.mjs', '')))
  .sort()
  .map(file => join(here, file));
if (suites.length === 0) throw new Error(`no suite is named ${named.join(', ')}`);

const carnet = await start();
const tests = spawn(process.execPath, ['--test', '--test-reporter=spec', ...suites], {
  cwd: here,
  env: { ...process.env, CARNET_URL: carnet.url, CARNET_TOKEN: carnet.token },
  stdio: 'inherit',
});
const code = await new Promise(resolve => tests.once('exit', resolve));
const { code: stopped, signal, said } = await carnet.stop();
// Whatever was asked of it, it still stops as it is told, and had nothing to complain of.
const complaints = said.split('\n').filter(line => /"level":"ERROR"|panicked/.test(line));
if (stopped !== 0 || signal || complaints.length > 0) {
  console.error(`carnet ended with ${stopped ?? signal}; it said:\n${complaints.join('\n')}`);
  process.exitCode = 1;
}
if (code !== 0) process.exitCode = 1;
