export { createClient, ANSWER_MS, QUIET_MS } from "./client.js";
export type { ClientOptions, NoctuleClient } from "./contract.js";
export { IDLE, type LinkPhase, type LinkState } from "./link.js";
export { misfit } from "./shape.js";
export * from "./events.js";
