"""The dialect of OpenAI chat completions (POST /chat/completions), which most upstreams speak."""
