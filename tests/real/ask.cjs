// Asks the gateway once with the official TypeScript SDK, which is looked for in the working directory:
// {baseURL, apiKey, streamed, request} on standard input, the message on standard output.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { Anthropic } = createRequire(`${process.cwd()}/`)("@anthropic-ai/sdk");

async function main() {
  const { baseURL, apiKey, streamed, request } = JSON.parse(readFileSync(0, "utf8"));
  const { messages } = new Anthropic({ baseURL, apiKey, maxRetries: 0 });
  const message = await (streamed ? messages.stream(request).finalMessage() : messages.create(request));
  console.log(JSON.stringify(message));
}

main();
