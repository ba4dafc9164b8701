// Says what ran where on a day, how many entries the notebook of an experiment holds, and then follows what
// is recorded: its first entries here, and whatever comes next without an end.
//
//   CARNET_URL=http://127.0.0.1:8080/graphql CARNET_TOKEN=... node build/main.js

import { Carnet, Refused } from './carnet.js';
import { graphql } from './generated/index.js';

const running = graphql(`
  query Running($on: Date!, $after: String) {
    experiments(filter: { runningOn: $on }, first: 2, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        title
        model
        startsOn
        endsOn
        hub { commune { name code } }
      }
    }
  }
`);

const recorded = graphql(`
  subscription Recorded($after: Position!) {
    events(after: $after) {
      position
      sentence
    }
  }
`);

const day = '2021-05-06';
const entries = 3;

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} n'est pas donné.`);
  return value;
}

async function main(): Promise<void> {
  const carnet = new Carnet(setting('CARNET_URL'), setting('CARNET_TOKEN'));

  let after: string | null = null;
  let first = true;
  do {
    const { experiments }: Awaited<ReturnType<typeof page>> = await page(carnet, after);
    if (first) console.log(`${experiments.totalCount} expérimentations en cours le ${day} :`);
    first = false;
    for (const { title, model, startsOn, endsOn, hub } of experiments.nodes) {
      const where = hub?.commune ? `${hub.commune.name}, ${hub.commune.code}` : 'lieu inconnu';
      console.log(`- ${title} (${where}) : ${model}, du ${startsOn} au ${endsOn ?? '?'}`);
    }
    after = experiments.pageInfo.hasNextPage ? (experiments.pageInfo.endCursor ?? null) : null;
  } while (after);

  console.log('Les premières inscriptions :');
  let seen = 0;
  for await (const { events } of carnet.follow(recorded, { after: '0' })) {
    console.log(`${events.position}. ${events.sentence}`);
    seen += 1;
    if (seen === entries) break;
  }
}

function page(carnet: Carnet, after: string | null) {
  return carnet.ask(running, { on: day, after });
}

try {
  await main();
} catch (why) {
  console.error(why instanceof Refused ? `Carnet refuse : ${why.message}` : why);
  process.exitCode = 1;
}
