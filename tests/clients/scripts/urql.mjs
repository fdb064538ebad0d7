// urql, as docs/clients.md sets it up: `node urql.mjs '{"urls": …, "token": …}'`.
import { gql } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

import { TopicPage } from "./build/typed/topic-page.js";
import { automatic, createClient } from "./src/urql/client.js";
import { byDocumentId, trusted } from "./src/urql/trusted.js";
import { recorded } from "./wire.mjs";

const { urls, token, poorTokens } = JSON.parse(process.argv[2]);

const plain = ({ forward }) => forward;
const byPost = () => persistedExchange({ preferGetForPersistedQueries: false });

// Each step has an operation that no other step has registered.
const topicPage = (name) => gql`
  query ${name}($key: String!, $first: Int!) {
    topic(by: { key: $key }) { name pins(first: $first) { nodes { id title } } }
  }
`;

const HOME_FEED = gql`
  query HomeFeed($first: Int!, $after: String) {
    viewer {
      homeFeed(first: $first, after: $after) {
        edges { node { ... on Pin { id title } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;

async function ask(client, query, variables, context = {}) {
  const fresh = { requestPolicy: "network-only", ...context };
  const { data, error } = await client.query(query, variables, fresh);
  if (error) throw error;
  return data;
}

async function titles(client, query, first = 2) {
  const data = await ask(client, query, { key: "cooking", first });
  return data.topic.pins.nodes.map((pin) => pin.title);
}

const steps = {
  text() {
    return titles(createClient({ url: urls.open, token, persisted: plain }), topicPage("Text"));
  },

  async apqByPost() {
    const start = () => createClient({ url: urls.open, token, persisted: byPost() });
    await titles(start(), topicPage("ByPost"));
    return titles(start(), topicPage("ByPost"));
  },

  async apqByGet() {
    const start = () => createClient({ url: urls.open, persisted: automatic() });
    await titles(start(), topicPage("ByGet"));
    return titles(start(), topicPage("ByGet"));
  },

  async apqOff() {
    const client = createClient({ url: urls.withoutApq, token });
    await titles(client, topicPage("Off"));
    return titles(client, topicPage("Off"));
  },

  async trustedByPost() {
    const client = createClient({ url: urls.only, token, persisted: byDocumentId() });
    return (await ask(client, TopicPage, { key: "cooking", first: 2 })).topic.name;
  },

  async trustedByGet() {
    const client = createClient({ url: urls.only, persisted: trusted() });
    return (await ask(client, TopicPage, { key: "cooking", first: 2 })).topic.name;
  },

  async documentIdByGet() {
    const client = createClient({ url: urls.only, persisted: byDocumentId() });
    const variables = { key: "cooking", first: 2 };
    return (await ask(client, TopicPage, variables, { preferGetMethod: true })).topic.name;
  },

  textRefused() {
    return titles(createClient({ url: urls.only, token, persisted: plain }), topicPage("Text"));
  },

  unknownRefused() {
    return titles(createClient({ url: urls.only, token }), topicPage("Unknown"));
  },

  invalid() {
    const client = createClient({ url: urls.open, token, persisted: plain });
    return ask(client, gql`{ topic(by: { key: "cooking" }) { colour } }`, {});
  },

  tooExpensive() {
    return titles(createClient({ url: urls.cheap, token, persisted: plain }), topicPage("Text"), 50);
  },

  async busy() {
    const client = createClient({ url: urls.spent, token: poorTokens[0], persisted: plain });
    await titles(client, topicPage("Text"), 50);
    return titles(client, topicPage("Text"), 50);
  },

  async pages() {
    const client = createClient({ url: urls.open, token, persisted: plain });
    const found = [];
    let after = null;
    for (let hasNextPage = true; hasNextPage; ) {
      const { homeFeed } = (await ask(client, HOME_FEED, { first: 3, after })).viewer;
      found.push(homeFeed.edges.map((edge) => edge.node.title));
      ({ hasNextPage, endCursor: after } = homeFeed.pageInfo);
    }
    return found;
  },
};

const answers = {};
for (const [name, run] of Object.entries(steps)) answers[name] = await recorded(run);
console.log(JSON.stringify(answers));
