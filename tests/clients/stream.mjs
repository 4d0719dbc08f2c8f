// Streams one answer with the official TypeScript SDK, which is looked for in the working directory, and prints what it
// hands on: a line of JSON for each event, then {"final": message}, or {"error": …}. On standard input: {baseURL, apiKey, request}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Anthropic } = createRequire(`${process.cwd()}/`)("@anthropic-ai/sdk");
const { baseURL, apiKey, request } = JSON.parse(readFileSync(0, "utf8"));
const print = (value) => console.log(JSON.stringify(value));
try {
  const stream = new Anthropic({ baseURL, apiKey, maxRetries: 0 }).messages.stream(request);
  for await (const event of stream) print(event);
  print({ final: await stream.finalMessage() });
} catch (error) {
  print({ error: { name: error.constructor.name, status: error.status ?? null, message: error.message } });
}
