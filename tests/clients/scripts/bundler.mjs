// Relay's artifacts import each other without `.js`, which bundlers understand and Node does not.
import { register } from "node:module";

const hooks = `
  export const resolve = (name, context, next) =>
    next(name.endsWith(".graphql") ? name + ".js" : name, context);
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
