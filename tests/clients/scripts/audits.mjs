// The audits of graphql-http: `node audits.mjs '{"urls": {"open": …}}'`.
import { serverAudits } from "graphql-http";

const { urls } = JSON.parse(process.argv[2]);

// A GET needs a header that no HTML form and no image can send; the audits send none by themselves.
const fetchFn = (input, init) =>
  fetch(input, { ...init, headers: { ...init?.headers, "graphql-require-preflight": "true" } });

const results = [];
for (const audit of serverAudits({ url: urls.open, fetchFn })) {
  const { status, reason } = await audit.fn();
  const [level] = audit.name.split(" ");
  results.push({ id: audit.id, level, name: audit.name, status, reason: reason ?? null });
}
console.log(JSON.stringify(results));
