// Mercurius with its compiler of queries, on Fastify: the part of carnet's schema that is asked, over
// the same data as plain objects in memory. `mercurius.mjs DATA`
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import mercurius from 'mercurius';

const { experiments } = JSON.parse(readFileSync(process.argv[2]));
const schema = `
  scalar Date
  scalar OpeningHours
  enum ExperimentStatus { CLOSED MADE_PERMANENT PLANNED RUNNING SUSPENDED TERM_REACHED }
  enum DeliveryModel { OTHER POSTAL_SERVICE_EXPERT ROVING_DESK WEEKLY_PERMANENCES }
  enum AppointmentPolicy { EITHER REQUIRED UNKNOWN WALK_IN }
  type Query { experiments(first: Int): ExperimentConnection! }
  type ExperimentConnection { nodes: [Experiment!]! }
  type Experiment {
    id: ID!
    version: Int!
    title: String!
    status: ExperimentStatus!
    model: DeliveryModel
    carrier: String
    startsOn: Date
    plannedEnd: Date
    endsOn: Date
    synthetic: Boolean!
    permanences: [Permanence!]!
  }
  type Permanence { id: ID! version: Int! synthetic: Boolean! terms: PermanenceTerms }
  type PermanenceTerms { from: Date! hours: OpeningHours! appointment: AppointmentPolicy! }
`;
const resolvers = {
  Query: { experiments: (_, { first }) => ({ nodes: experiments.slice(0, first) }) },
};
const app = Fastify();
await app.register(mercurius, { schema, resolvers, jit: 1 });
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`${address}/`);
