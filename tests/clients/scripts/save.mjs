// A mutation that is delivered once, as docs/clients.md does it:
// `node save.mjs '{"urls": …, "token": …, "pinId": …, "boardId": …}'`.
import { deliver, savePin } from "./src/save.js";
import { recorded } from "./wire.mjs";

const { urls, token, pinId, boardId } = JSON.parse(process.argv[2]);

const pin = { pinId, boardId, allowDuplicate: true };
const pinCount = ({ data }) => data.savePin.board.pinCount;

// The server does as it is told, and its first answers are lost.
async function losing(answers, run) {
  const { fetch } = globalThis;
  globalThis.fetch = async (...asked) => {
    const response = await fetch(...asked);
    if (answers-- > 0) throw new TypeError("fetch failed");
    return response;
  };
  try {
    return await run();
  } finally {
    globalThis.fetch = fetch;
  }
}

const steps = {
  async once() {
    return pinCount(await deliver(urls.open, token, savePin(pin)));
  },

  async answerLost() {
    return pinCount(await losing(1, () => deliver(urls.open, token, savePin(pin))));
  },

  // From a queue on disk, after the app was ended.
  async later() {
    const kept = JSON.stringify(savePin(pin));
    try {
      await losing(1, () => deliver(urls.open, token, JSON.parse(kept), 1));
    } catch (error) {
      return [error.message, pinCount(await deliver(urls.open, token, JSON.parse(kept)))];
    }
  },

  async corrected() {
    const mutation = savePin({ ...pin, note: "x".repeat(501) });
    const refused = await deliver(urls.open, token, mutation);
    mutation.variables.input = pin;
    const { code } = refused.data.savePin.userErrors[0];
    return [code, pinCount(await deliver(urls.open, token, mutation))];
  },

  async reused() {
    const mutation = savePin(pin);
    await deliver(urls.open, token, mutation);
    mutation.variables.input = { ...pin, note: "another" };
    return (await deliver(urls.open, token, mutation)).errors[0].extensions.code;
  },
};

const answers = {};
for (const [name, run] of Object.entries(steps)) answers[name] = await recorded(run);
console.log(JSON.stringify(answers));
