// Apollo Client, as docs/clients.md sets it up: `node apollo.mjs '{"urls": …, "token": …}'`.
import { readFile } from "node:fs/promises";
import { ApolloLink, HttpLink, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { print } from "graphql";

import { busyLink } from "./src/apollo/busy.js";
import { automatic, createClient, sha256 } from "./src/apollo/client.js";
import { HOME_FEED } from "./src/apollo/home-feed.js";
import { TOPIC_PAGE } from "./src/apollo/topic-page.js";
import { trusted } from "./src/apollo/trusted.js";
import { recorded, statuses } from "./wire.mjs";

const { urls, token, poorTokens } = JSON.parse(process.argv[2]);

const plain = () => new ApolloLink((operation, forward) => forward(operation));
const manifest = async () => JSON.parse(await readFile("persisted-query-manifest.json", "utf8"));

// Each step has an operation that no other step has registered.
const renamed = (name) => gql(print(TOPIC_PAGE).replace("TopicPage", name));

async function titles(client, query, first = 2) {
  const { data } = await client.query({
    query,
    variables: { key: "cooking", first },
    fetchPolicy: "network-only",
  });
  return data.topic.pins.nodes.map((pin) => pin.title);
}

const steps = {
  text() {
    return titles(createClient({ url: urls.open, token, persisted: plain() }), TOPIC_PAGE);
  },

  // Two apps that were just started: the first has to register the text, the second has not.
  async apqByPost() {
    const persisted = () => new PersistedQueryLink({ sha256 });
    const start = () => createClient({ url: urls.open, token, persisted: persisted() });
    await titles(start(), renamed("ByPost"));
    return titles(start(), renamed("ByPost"));
  },

  async apqByGet() {
    const start = () => createClient({ url: urls.open, token, persisted: automatic() });
    await titles(start(), renamed("ByGet"));
    return titles(start(), renamed("ByGet"));
  },

  registeredByGet() {
    const client = createClient({ url: urls.open });
    client.setLink(automatic().concat(new HttpLink({ uri: urls.open, useGETForQueries: true })));
    return titles(client, renamed("RegisteredByGet"));
  },

  async apqOff() {
    const client = createClient({ url: urls.withoutApq, token });
    await titles(client, TOPIC_PAGE);
    return titles(client, TOPIC_PAGE);
  },

  trustedByGet() {
    const client = createClient({ url: urls.only, persisted: trusted(manifest) });
    return titles(client, TOPIC_PAGE);
  },

  trustedByPost() {
    const ids = generatePersistedQueryIdsFromManifest({ loadManifest: manifest });
    const persisted = new PersistedQueryLink(ids);
    return titles(createClient({ url: urls.only, token, persisted }), TOPIC_PAGE);
  },

  textRefused() {
    return titles(createClient({ url: urls.only, token, persisted: plain() }), TOPIC_PAGE);
  },

  unknownRefused() {
    return titles(createClient({ url: urls.only, token }), renamed("Unknown"));
  },

  invalid() {
    const query = gql`query Invalid { topic(by: { key: "cooking" }) { colour } }`;
    return createClient({ url: urls.open, token, persisted: plain() }).query({ query });
  },

  tooExpensive() {
    return titles(createClient({ url: urls.cheap, token, persisted: plain() }), TOPIC_PAGE, 50);
  },

  async busy() {
    const client = createClient({ url: urls.spent, token: poorTokens[0], persisted: plain() });
    await titles(client, TOPIC_PAGE, 50);
    return titles(client, TOPIC_PAGE, 50);
  },

  // Asks until it has to wait.
  async patient() {
    const persisted = busyLink.concat(plain());
    const client = createClient({ url: urls.slow, token: poorTokens[1], persisted });
    let found = await titles(client, TOPIC_PAGE, 50);
    for (let i = 0; i < 20 && !statuses().includes(429); i++) {
      found = await titles(client, TOPIC_PAGE, 50);
    }
    return found;
  },

  // More points than there ever are: it waits once.
  hopeless() {
    const persisted = busyLink.concat(plain());
    const client = createClient({ url: urls.slow, token: poorTokens[1], persisted });
    return titles(client, TOPIC_PAGE, 100);
  },

  async pages() {
    const client = createClient({ url: urls.open, token });
    const query = { query: HOME_FEED, variables: { first: 3 } };
    const first = (await client.query(query)).data.viewer.homeFeed;
    const { endCursor } = first.pageInfo;
    const feed = client.watchQuery(query);
    const subscription = feed.subscribe(() => {});
    await feed.fetchMore({ variables: { after: endCursor } });
    subscription.unsubscribe();
    const both = client.readQuery(query).viewer.homeFeed;
    return {
      endCursor,
      first: first.edges.map((edge) => edge.node.title),
      both: both.edges.map((edge) => edge.node.title),
      hasNextPage: both.pageInfo.hasNextPage,
    };
  },
};

const answers = {};
for (const [name, run] of Object.entries(steps)) answers[name] = await recorded(run);
console.log(JSON.stringify(answers));
