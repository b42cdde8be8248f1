// Asks a query of SPARQL endpoints with Comunica and prints a row a line: node comunica.mjs QUERY ENDPOINT…
import { createRequire } from "node:module";

const require = createRequire(new URL("../package.json", import.meta.url));
const { QueryEngine } = require("@comunica/query-sparql");
const [query, ...endpoints] = process.argv.slice(2);
const sources = endpoints.map((value) => ({ type: "sparql", value }));
const result = await new QueryEngine().query(query, { sources });
const { data } = await new QueryEngine().resultToString(
  result,
  result.resultType === "bindings" ? "application/sparql-results+json" : "application/n-triples",
);
data.pipe(process.stdout);
