export { NoctuleProvider, useClient } from "./provider.js";
export * from "./events.js";
