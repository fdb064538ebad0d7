// What a client sent and what came back: `recorded(run)` calls `run` with every `fetch` written down.

const realFetch = globalThis.fetch;
let requests = [];

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const sent = {
    method: request.method,
    path: url.pathname,
    // The parameters of a GET, or the body of a POST.
    parameters: request.method === "GET" ? decoded(url.searchParams) : await request.clone().json(),
    headers: Object.fromEntries(request.headers),
  };
  requests.push(sent);
  const response = await realFetch(request);
  sent.status = response.status;
  sent.answered = Object.fromEntries(response.headers);
  return response;
};

// Runs one step, and gives its requests and its result; an error is a result, too.
export async function recorded(run) {
  requests = [];
  try {
    return { result: await run(), requests };
  } catch (error) {
    return { error: described(error), requests };
  }
}

// The statuses of this step's answers so far.
export function statuses() {
  return requests.map(({ status }) => status);
}

function decoded(searchParams) {
  const parameters = {};
  for (const [name, value] of searchParams) {
    parameters[name] = name === "variables" || name === "extensions" ? JSON.parse(value) : value;
  }
  return parameters;
}

function described(error) {
  // Apollo has `errors`, urql `graphQLErrors`, Relay `source`.
  const errors = error.errors ?? error.graphQLErrors ?? error.source?.errors ?? [];
  return {
    name: error.name,
    message: error.message,
    errors: errors.map(({ message, extensions }) => ({ message, code: extensions?.code ?? null })),
  };
}
