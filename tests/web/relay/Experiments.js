// What a screen in Relay asks: a connection page by page, an object asked again by its id, a mutation that
// updates it in its store.

import { graphql } from 'relay-runtime';

graphql`
  query ExperimentsQuery($on: Date!, $first: Int = 2, $after: String) {
    ...Experiments_list @arguments(on: $on, first: $first, after: $after)
  }
`;

graphql`
  fragment Experiments_list on Query
  @argumentDefinitions(on: { type: "Date!" }, first: { type: "Int" }, after: { type: "String" })
  @refetchable(queryName: "ExperimentsPageQuery") {
    experiments(filter: { runningOn: $on }, first: $first, after: $after)
      @connection(key: "Experiments_experiments") {
      totalCount
      edges {
        node {
          id
          ...Experiments_row
        }
      }
    }
  }
`;

graphql`
  fragment Experiments_row on Experiment @refetchable(queryName: "ExperimentsRowQuery") {
    id
    title
    model
    startsOn
    endsOn
  }
`;

graphql`
  mutation ExperimentsSuspendMutation($input: SuspendExperimentInput!) {
    suspendExperiment(input: $input) {
      experiment {
        ...Experiments_row
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

graphql`
  subscription ExperimentsSubscription($after: Position) {
    events(after: $after) {
      position
      sentence
    }
  }
`;
