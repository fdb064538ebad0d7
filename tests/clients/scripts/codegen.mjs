// What graphql-codegen and tsc made of the app, with `fetch` and with Apollo Client:
// `node codegen.mjs '{"urls": …}'`.
import { readFile } from "node:fs/promises";

import { ask, idOf } from "./build/typed/by-id.js";
import { TopicPage, cardOf } from "./build/typed/topic-page.js";
import { createClient } from "./src/apollo/client.js";
import { trusted } from "./src/apollo/trusted.js";
import { askByUrl } from "./src/cdn.js";
import { priceOf } from "./src/price.js";
import { recorded } from "./wire.mjs";

const { urls } = JSON.parse(process.argv[2]);

const manifest = async () => JSON.parse(await readFile("typed-manifest.json", "utf8"));
const variables = { key: "cooking", first: 2 };

const steps = {
  async byDocumentId() {
    const { data } = await ask(urls.only, TopicPage, variables);
    return data.topic.pins.nodes.map(cardOf);
  },

  async byExtension() {
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(TopicPage) } };
    const response = await fetch(urls.only, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ variables, extensions }),
    });
    return (await response.json()).data.topic.pins.nodes.map(cardOf);
  },

  // The second answer is the first one, kept.
  async byUrl() {
    await askByUrl(urls.only, idOf(TopicPage), variables);
    return (await askByUrl(urls.only, idOf(TopicPage), variables)).data.topic.pins.nodes.map(cardOf);
  },

  async byApollo() {
    const client = createClient({ url: urls.only, persisted: trusted(manifest) });
    const { data } = await client.query({ query: TopicPage, variables });
    return data.topic.pins.nodes.map(cardOf);
  },

  price() {
    return priceOf(urls.open, `topic(by: { key: "cooking" }) { pins(first: 50) { nodes { id } } }`);
  },
};

const answers = {};
for (const [name, run] of Object.entries(steps)) answers[name] = await recorded(run);
console.log(JSON.stringify(answers));
