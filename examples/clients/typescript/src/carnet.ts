// Asks carnet: `fetch` for what is answered once, one socket for what is followed.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { TypedDocumentString } from './generated/graphql.js';

type ErrorOf = { message: string; extensions?: { code?: string } };
type Answer<Data> = { data?: Data | null; errors?: readonly ErrorOf[] };

/** What carnet says when it does not answer. */
export class Refused extends Error {
  constructor(readonly errors: readonly ErrorOf[]) {
    super(errors.map(error => `${error.message} (${error.extensions?.code ?? '?'})`).join('\n'));
  }
}

function data<Data>(answer: Answer<Data>): Data {
  if (answer.errors) throw new Refused(answer.errors);
  if (answer.data == null) throw new Refused([{ message: 'réponse vide' }]);
  return answer.data;
}

export class Carnet {
  /** The address of its API, and a token: it goes into a header, never into an address. */
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async ask<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json',
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    return data((await response.json()) as Answer<Data>);
  }

  async *follow<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data> {
    const client = createClient({
      url: this.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.token}` },
    });
    try {
      const operation = { query: document.toString(), variables };
      for await (const answer of client.iterate<Data>(operation)) {
        yield data(answer as Answer<Data>);
      }
    } finally {
      await client.dispose();
    }
  }
}
