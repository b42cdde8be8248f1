// Follows a Linked Data Event Stream with ldes-client and prints a member a line, as JSON: node event_stream.mjs URL STATE
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../package.json", import.meta.url));
const { replicateLDES, intoConfig } = await import(pathToFileURL(require.resolve("ldes-client").replace(/cjs$/, "js")));
const { Writer } = require("n3");
const [url, statePath] = process.argv.slice(2);
const client = replicateLDES(intoConfig({ url, statePath, polling: true, pollInterval: 300 }), "ascending");
client.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const reader = client.stream().getReader();
for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
  const { id, quads, timestamp, isVersionOf } = value;
  const types = quads.filter((quad) => quad.subject.equals(id) && quad.predicate.value.endsWith("#type"));
  const payload = quads.filter((quad) => quad.graph.equals(id));
  console.log(
    JSON.stringify({
      id: id.value,
      type: types.map((quad) => quad.object.value).join(" "),
      object: isVersionOf,
      time: timestamp,
      quads: new Writer({ format: "N-Quads" }).quadsToString(payload),
    }),
  );
}
