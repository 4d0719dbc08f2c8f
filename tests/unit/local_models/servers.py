"""Model servers as they answer GET /models, and one to listen at an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

VLLM = {
    "object": "list",
    "data": [
        {
            "id": "Qwen/Qwen3-8B", "object": "model", "created": 1_796_000_000, "owned_by": "vllm",
            "root": "Qwen/Qwen3-8B", "parent": None, "max_model_len": 40_960, "permission": [{"id": "modelperm-1"}],
        }
    ],
}  # fmt: skip
OLLAMA = {
    "object": "list",
    "data": [{"id": "qwen3:8b", "object": "model", "created": 1_795_000_000, "owned_by": "library"}],
}
LM_STUDIO = {
    "object": "list",
    "data": [
        {"id": "qwen3-8b", "object": "model", "type": "llm", "state": "loaded", "max_context_length": 40_960,
         "loaded_context_length": 4_096},
        {"id": "gemma-3-4b", "object": "model", "type": "vlm", "state": "not-loaded", "max_context_length": 131_072},
    ],
}  # fmt: skip
LLAMA_CPP = {
    "models": [{"name": "/models/q.gguf", "model": "/models/q.gguf"}],
    "object": "list",
    "data": [
        {"id": "/models/q.gguf", "object": "model", "created": 1_796_000_000, "owned_by": "llamacpp",
         "meta": {"vocab_type": 2, "n_ctx": 8_192, "n_ctx_train": 40_960}},
        {"id": "older", "object": "model", "created": 0, "owned_by": "llamacpp", "meta": {"n_ctx_train": 40_960}},
    ],
}  # fmt: skip
LITELLM = {
    "data": [{"id": "team-gpt", "object": "model", "created": 1_677_610_602, "owned_by": "openai"}],
    "object": "list",
}
OPENROUTER = {
    "data": [
        {"id": "openai/gpt-5.6", "name": "OpenAI: GPT-5.6", "created": 1_780_000_000, "context_length": 1_050_000,
         "top_provider": {"context_length": 1_050_000}},
    ],
}  # fmt: skip
TOGETHER = [{"id": "moonshotai/Kimi-K3", "object": "model", "created": 0, "type": "chat", "context_length": 262_144}]
GROQ = {"object": "list", "data": [{"id": "qwen3", "context_window": 131_072, "max_completion_tokens": 40_960}]}


@contextmanager
def server(answer: bytes, status: int = 200, location: str = "") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            if location:
                self.send_header("location", location)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 the base class calls it so

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class calls it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/v1"
        finally:
            http.shutdown()
            thread.join()
