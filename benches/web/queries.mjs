// What is asked, of all of them the same: each answers the same data.

/** As carnet and Mercurius are asked. */
export const queries = {
  hello: '{ __typename }',
  list: `{ experiments(first: 100) { nodes {
    id version title status model carrier startsOn plannedEnd endsOn synthetic
  } } }`,
  nested: `{ experiments(first: 100) { nodes {
    id title status startsOn
    permanences { id version synthetic terms { from hours appointment } }
  } } }`,
};

/** As PostGraphile is, which names by its own rules what it finds in the database. */
export const ofTables = {
  hello: queries.hello,
  list: `{ experiments: allExperiments(first: 100, orderBy: [TITLE_ASC]) { nodes {
    id: code version title status model carrier startsOn plannedEnd endsOn synthetic
  } } }`,
  nested: `{ experiments: allExperiments(first: 100, orderBy: [TITLE_ASC]) { nodes {
    id: code title status startsOn
    permanences: permanencesByExperimentList(orderBy: [PLACE_ASC]) {
      id: code version synthetic terms: termByPermanence { from: fromDay hours appointment }
    }
  } } }`,
};

/** All that the others are filled with, page by page. */
export const everything = `query($after: String) { experiments(first: 100, after: $after) {
  nodes {
    id version title status model carrier startsOn plannedEnd endsOn synthetic
    permanences { id version synthetic terms { from hours appointment } }
  }
  pageInfo { hasNextPage endCursor }
} }`;
