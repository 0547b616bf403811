/** Live Flow shows them too, so the query is one of the API's. */
export { apiKeysQuery, type ApiKey } from "@/api/queries/api-keys-query";
