// Relay's runtime without React, as docs/clients.md sets it up: `node relay.mjs '{"urls": …, …}'`.
import { readFile } from "node:fs/promises";
import {
  createOperationDescriptor,
  fetchQuery,
  getFragment,
  getRequest,
  getSingularSelector,
} from "relay-runtime";

import "./bundler.mjs";
import { createEnvironment } from "./src/relay/environment.js";
import { recorded } from "./wire.mjs";

const { urls, token } = JSON.parse(process.argv[2]);
const manifest = JSON.parse(await readFile("persisted-queries.json", "utf8"));

const HomeFeedQuery = await artifact("HomeFeedQuery");
const HomeFeedPageQuery = await artifact("HomeFeedPageQuery");
const HomeFeed_viewer = await artifact("HomeFeed_viewer");
const PinCardRefetchQuery = await artifact("PinCardRefetchQuery");
const PinCard_pin = await artifact("PinCard_pin");

// What the compiler made of a `graphql` literal; in an app Relay's plugin puts it in its place.
async function artifact(name) {
  return (await import(`./src/relay/__generated__/${name}.graphql.js`)).default;
}

// What `useLazyLoadQuery` and `useFragment` do: ask, and read from the store.
async function load(environment, query, variables) {
  await fetchQuery(environment, query, variables).toPromise();
  const operation = createOperationDescriptor(getRequest(query), variables);
  environment.retain(operation);
  return environment.lookup(operation.fragment).data;
}

function read(environment, fragment, parent) {
  const selector = getSingularSelector(getFragment(fragment), parent);
  return environment.lookup(selector).data;
}

async function firstPage(environment, query = HomeFeedQuery, first = 3) {
  const { viewer } = await load(environment, query, { first });
  return { viewer, feed: read(environment, HomeFeed_viewer, viewer).homeFeed };
}

function titles(environment, feed) {
  return feed.edges.map(({ node }) => read(environment, PinCard_pin, node.card).title);
}

async function firstTitles({ query, first, ...options }) {
  const environment = createEnvironment({ url: urls.only, token, ...options });
  return titles(environment, (await firstPage(environment, query, first)).feed);
}

// An operation as the compiler makes it without `persistConfig`.
function asText({ params, ...rest }) {
  return { ...rest, params: { ...params, id: null, cacheID: params.id, text: manifest[params.id] } };
}

const steps = {
  documentId: () => firstTitles({}),
  doc_id: () => firstTitles({ idName: "doc_id" }),
  id: () => firstTitles({ idName: "id" }),

  async pages() {
    const environment = createEnvironment({ url: urls.only, token });
    const { viewer, feed } = await firstPage(environment);
    const { endCursor } = feed.pageInfo;
    await load(environment, HomeFeedPageQuery, { first: 3, after: endCursor });
    const both = read(environment, HomeFeed_viewer, viewer).homeFeed;
    return {
      endCursor,
      first: titles(environment, feed),
      both: titles(environment, both),
      hasNextPage: both.pageInfo.hasNextPage,
    };
  },

  async refetch() {
    const environment = createEnvironment({ url: urls.only, token });
    const [{ node }] = (await firstPage(environment)).feed.edges;
    const again = await load(environment, PinCardRefetchQuery, { id: node.id });
    return { id: node.id, pin: read(environment, PinCard_pin, again.node) };
  },

  text: () => firstTitles({ url: urls.open, query: asText(HomeFeedQuery) }),
  textRefused: () => firstTitles({ query: asText(HomeFeedQuery) }),
  tooExpensive: () => firstTitles({ url: urls.cheap, first: 100 }),

  // A trusted operation is charged a tenth, and on a slow machine some of it is given back meanwhile.
  async busy() {
    for (let i = 0; i < 10; i++) await firstTitles({ url: urls.spent, first: 100 });
  },
};

const answers = {};
for (const [name, run] of Object.entries(steps)) answers[name] = await recorded(run);
console.log(JSON.stringify(answers));
