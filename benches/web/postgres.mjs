// A cluster of PostgreSQL of its own, in a directory that goes away with it, filled with the same rows.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** Where its programs lie: those of Debian's package, unless they are elsewhere. */
function programs() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  const places = [process.env.CARNET_BENCH_POSTGRES, ...versions.map((v) => join(debian, v, 'bin'))];
  const place = places.find((place) => place && existsSync(join(place, 'initdb')));
  if (!place) throw new Error('no PostgreSQL: its package, or CARNET_BENCH_POSTGRES, names the directory');
  return place;
}

/** It will not run as root: then as the user that its package made. */
function user() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Starts it, on that core; answers its process, and where it is reached. */
export async function cluster(directory, core) {
  const bin = programs();
  const as = user();
  const data = join(directory, 'postgres');
  mkdirSync(data, { mode: 0o700 });
  if (as.uid) chownSync(data, as.uid, as.gid);
  const setup = ['-D', data, '-U', 'carnet', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
  execFileSync(join(bin, 'initdb'), setup, { ...as, cwd: data, stdio: 'ignore' });
  const settings = ['listen_addresses=', `unix_socket_directories=${data}`, 'autovacuum=off'];
  const given = settings.flatMap((setting) => ['-c', setting]);
  const command = ['-c', core, join(bin, 'postgres'), '-D', data, ...given];
  const running = spawn('taskset', command, { ...as, cwd: data, stdio: 'ignore' });
  const reached = `postgres://carnet@/postgres?host=${encodeURIComponent(data)}`;
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ connectionString: reached });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (tries === 100 || running.exitCode !== null) throw error;
      await new Promise((again) => setTimeout(again, 100));
    }
  }
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
  return { running, reached, version: version.trim() };
}

const TABLES = `
  CREATE TABLE experiment (
    id integer PRIMARY KEY, code text NOT NULL UNIQUE, version integer NOT NULL, title text NOT NULL,
    status text NOT NULL, model text, carrier text, starts_on date, planned_end date, ends_on date,
    synthetic boolean NOT NULL
  );
  CREATE INDEX ON experiment (title, id);
  CREATE TABLE permanence (
    id integer PRIMARY KEY, experiment integer NOT NULL REFERENCES experiment, place integer NOT NULL,
    code text NOT NULL UNIQUE, version integer NOT NULL, synthetic boolean NOT NULL
  );
  CREATE INDEX ON permanence (experiment, place);
  CREATE INDEX ON permanence (place);
  CREATE TABLE term (
    permanence integer PRIMARY KEY REFERENCES permanence, from_day date NOT NULL, hours text NOT NULL,
    appointment text NOT NULL
  );`;

/** Writes what carnet answered into tables as one would make them: with the keys of its relations. */
export async function fill(reached, experiments) {
  const client = new pg.Client({ connectionString: reached });
  await client.connect();
  await client.query(TABLES);
  const rows = { experiment: [], permanence: [], term: [] };
  for (const it of experiments) {
    const experiment = rows.experiment.length + 1;
    rows.experiment.push({
      id: experiment,
      code: it.id,
      version: it.version,
      title: it.title,
      status: it.status,
      model: it.model,
      carrier: it.carrier,
      starts_on: it.startsOn,
      planned_end: it.plannedEnd,
      ends_on: it.endsOn,
      synthetic: it.synthetic,
    });
    it.permanences.forEach((held, place) => {
      const permanence = rows.permanence.length + 1;
      const { id: code, version, synthetic, terms } = held;
      rows.permanence.push({ id: permanence, experiment, place, code, version, synthetic });
      const { from: from_day, hours, appointment } = terms;
      rows.term.push({ permanence, from_day, hours, appointment });
    });
  }
  for (const [table, all] of Object.entries(rows)) {
    const insert = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
    await client.query(insert, [JSON.stringify(all)]);
  }
  await client.query('VACUUM ANALYZE');
  await client.end();
}
