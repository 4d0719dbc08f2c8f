// Lets the official TypeScript SDK, which is looked for in the working directory, answer calls of a tool that reads a file,
// until the model calls none. On standard input: {baseURL, apiKey, request}. It prints {text, thinking}, an error as text.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Anthropic } = createRequire(`${process.cwd()}/`)("@anthropic-ai/sdk");
const { baseURL, apiKey, request } = JSON.parse(readFileSync(0, "utf8"));
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0 });
const shown = { text: "", thinking: "" };
try {
  for (;;) {
    const { content } = await client.messages.stream(request).finalMessage();
    for (const block of content) if (block.type in shown) shown[block.type] += block[block.type];
    const uses = content.filter((block) => block.type === "tool_use");
    if (uses.length === 0) break;
    const results = uses.map(({ id, input }) => ({ type: "tool_result", tool_use_id: id, content: readFileSync(input.path, "utf8") }));
    request.messages.push({ role: "assistant", content }, { role: "user", content: results });
  }
} catch (error) {
  shown.text += error.message;
}
console.log(JSON.stringify(shown));
