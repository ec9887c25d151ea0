// Agents, and the clients that listen.

import { count } from "./count";

export const agents = {
  allThere: (n: number) => (n === 1 ? "The one agent is connected." : `All ${n.toLocaleString("en-GB")} agents are connected.`),
  silent: (names: string[]) => `Silent: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}.`,
  behind: (names: string[]) => `Delivering a backlog: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}.`,
  links: { connected: "Connected", silent: "Silent", never: "Never seen", revoked: "Revoked" } as Readonly<Record<string, string>>,
  columns: { link: "Link", name: "Name", site: "Site", seen: "Heard", backlog: "Backlog", skew: "Clock", version: "Version" },
  backlogTitle: "Frames that it has yet to deliver",
  skewTitle: "Its clock minus the hub's, when it connected",
  right: "in time",
  ago: (age: string) => `${age} ago`,
  sentence: (word: string, age: string | null) => (age === null ? `${word}.` : `${word}; last heard ${age} ago.`),
  facts: { site: "Site", version: "Version", since: "Enrolled", backlog: "To deliver" },
  frames: (n: number) => (n === 0 ? "nothing" : count(n, "frame", "frames")),
  slowest: (n: number) => `Its devices, slowest first (${n.toLocaleString("en-GB")})`,
  gaps: "Missing of the last 30 days",
  noGaps: "Nothing is missing.",
  unknownSamples: "nobody can know how many samples",
  samples: (n: number) => count(n, "sample", "samples"),
  rename: "Rename",
  renameHeading: (name: string) => `Another name for ${name}`,
  revoke: "Revoke",
  revokeHeading: (name: string) => `Revoke ${name}?`,
  revokeLead: "Its key is forgotten and its link cut, for good. Its devices go to the site's next agent. History stays.",
  enrol: "Enrol an agent",
  enrolLead: "A join token is used once (or as often as you say) by an agent on a site's server. It is shown here only once.",
  makeToken: "Make a token",
  uses: "Uses",
  usesNote: "How many agents may join with it.",
  hours: "Valid for hours",
  noSites: "There is no site yet: noctule site add NAME",
  steps: {
    save: "On the site's server, put this into a file named token:",
    join: "Let the agent join. It makes a key of its own; the token is then used up.",
    run: "Run it (docs/agent.md shows how as a service):",
  },
  empty: "No agent has joined yet",
  emptyLead: "An agent on a server of each site polls its devices and streams what it finds to this hub.",
};

export const clients = {
  answer: (n: number) => (n === 0 ? "Nobody listens." : `${count(n, "connection", "connections")}.`),
  columns: { user: "User", role: "Role", address: "Address", tab: "Tab", transport: "Transport", rooms: "Rooms", since: "Since", queued: "Waiting", last: "Last event" },
  queuedTitle: "Bytes that wait to be sent to it",
  anonymous: "anonymous",
};
