// Starts the built program on a port of its own, with the demonstration in it, and stops it again.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const program = process.env.CARNET_PROGRAM ?? join(target, 'debug', 'carnet');

/** Longer than it ever takes to start: only a program that hangs meets it. */
const PATIENCE_MS = 60_000;

/** The running program, under settings: its address, a token of its administrator, and how it is stopped. */
export async function start(settings = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'carnet-web-'));
  const keys = join(directory, 'keys');
  const said = [];
  const child = spawn(program, ['serve', '--demo', '--listen', '127.0.0.1:0'], {
    cwd: directory,
    env: {
      CARNET_DATA_DIR: join(directory, 'data'),
      CARNET_KEYS_DIR: keys,
      CARNET_LOG: 'warn',
      CARNET_LOG_FORMAT: 'json',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise(resolve => child.once('exit', (...how) => resolve(how)));
  const address = new Promise((resolve, reject) => {
    const tooLong = setTimeout(() => reject(new Error('it never said where')), PATIENCE_MS);
    const failed = why => {
      clearTimeout(tooLong);
      reject(why);
    };
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`it ended:\n${said.join('')}`)));
    const hear = bytes => {
      said.push(bytes);
      const found = /API +: (http:\/\/[^/]+\/graphql)/.exec(said.join(''));
      if (found) {
        clearTimeout(tooLong);
        resolve(found[1]);
      }
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', hear);
    }
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const [code, signal] = await ended;
    rmSync(directory, { recursive: true, force: true });
    return { code, signal, said: said.join('') };
  };
  try {
    const url = await address;
    const token = readFileSync(join(keys, 'administrateur.jeton'), 'utf8').trim();
    return { url, token, stop };
  } catch (why) {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
    throw why;
  }
}
