// How GraphiQL reaches the endpoint: POST for answers, a WebSocket for subscriptions.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

/**
 * A fetcher that says who is signed in when it sends: signing in needs no other fetcher, and the
 * schema is not fetched again. What the headers tab says wins.
 */
export function createFetcher(endpoint, session) {
  return createGraphiQLFetcher({
    url: endpoint,
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9, multipart/mixed;q=0.8',
      'graphql-require-preflight': 'true',
    },
    fetch(url, init) {
      const headers = new Headers(session.headers);
      for (const [name, value] of Object.entries(init.headers)) headers.set(name, value);
      return window.fetch(url, { ...init, headers });
    },
    // Lazy: opened by the first subscription, closed after the last.
    wsClient: createClient({
      url: new URL(endpoint, window.location.href).href.replace(/^http/, 'ws'),
      connectionParams: () => session.headers,
      lazy: true,
      // Somebody is watching: an error now is better than one after half a minute of attempts.
      retryAttempts: 0,
    }),
  });
}
