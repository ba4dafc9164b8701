// How the suites ask the running program, which `run.mjs` tells them of.

export const url = needed('CARNET_URL');
export const token = needed('CARNET_TOKEN');

/** The headers of the administrator. */
export const authorized = { authorization: `Bearer ${token}` };

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run tests/web/run`);
  return value;
}

/** The status and the text of the answer to an operation. */
export async function ask(query, { variables, operationName, accept } = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...authorized,
      'content-type': 'application/json',
      accept: accept ?? 'application/graphql-response+json',
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return { status: response.status, text: await response.text() };
}
