// Servers in processes of their own, on a core of their own, and the CPU time they took.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Longer than any of them takes to start: only one that hangs meets it. */
const PATIENCE_MS = 60_000;
/** How fine the kernel tells CPU time, in seconds. */
export const TICK = 1 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Starts a server on a core, which says its address on a line; answers its process and address. */
export async function serve(core, [program, ...args], env = {}) {
  const running = spawn('taskset', ['-c', core, program, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', GRAPHILE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const failed = (why) => reject(new Error(`${program} ${args.join(' ')}: ${why}\n${said}`));
    const late = setTimeout(() => failed('it never said where'), PATIENCE_MS);
    running.once('error', failed);
    running.once('exit', () => failed('it ended'));
    for (const stream of [running.stdout, running.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        said = (said + text).slice(-10_000);
        const found = /http:\/\/(127\.0\.0\.1:\d+)\//.exec(said);
        if (!found) return;
        clearTimeout(late);
        resolve(found[1]);
      });
    }
  });
  return { running, address };
}

/** Stops a process and waits until it has. */
export async function stop(running, signal = 'SIGTERM') {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill(signal);
  await ended;
}

/** CPU time, user and system, of a process and of those that it started, in seconds. */
export function cpu(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = ticks(pid);
  const began = all.map((name) => (Number(name) === pid ? null : ticks(name)));
  const children = began.filter((it) => it?.parent === pid);
  const sum = children.reduce((sum, child) => sum + child.self, own.self + own.reaped);
  return sum * TICK;
}

/** What stands in the kernel's line on a process; none where it is gone. */
function ticks(pid) {
  let line;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // After its name, which may hold anything.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ').map(Number);
  const [utime, stime, cutime, cstime] = fields.slice(11, 15);
  return { parent: fields[1], self: utime + stime, reaped: cutime + cstime };
}
