// PostGraphile over the tables, as it is set up for production. `postgraphile.mjs DATABASE [--schema]`
import { createServer } from 'node:http';
import { grafserv } from 'postgraphile/grafserv/node';
import { makePgService } from 'postgraphile/adaptors/pg';
import { postgraphile } from 'postgraphile';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { printSchema } from 'graphql';

const preset = {
  extends: [PostGraphileAmberPreset],
  schema: { defaultBehavior: 'connection list' },
  pgServices: [makePgService({ connectionString: process.argv[2], schemas: ['public'] })],
  grafserv: { watch: false, graphiql: false, websockets: false },
  grafast: { explain: false },
};
const instance = postgraphile(preset);
if (process.argv[3] === '--schema') {
  console.log(printSchema(await instance.getSchema()));
  process.exit(0);
}
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
