// Where the list of customers is read, so that all who show it share one answer.

export const CUSTOMERS = "/customers?limit=1000#all";
