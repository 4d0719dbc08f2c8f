"""Draws the way of a request, from a client to a provider and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import schemdraw
from schemdraw import flow

OURS: Final = "#e8effd"
OUTSIDE: Final = "#f4f4f2"
DATA: Final = "#fdf3dc"
INK: Final = "#1f2430"
HEIGHT: Final = 1.3
GAP: Final = 0.7
MIDDLE: Final = 7.4
"""The width of what stands on the way."""
SIDE: Final = 5.8
"""The width of what stands beside it."""
REACH: Final = 1.3
"""Between the two."""

STAGES: Final = (
    ("caller", "Claude Code, SDKs, any client", OUTSIDE),
    ("api", "API Gateway\nor edgeway local, edgeway serve", OUTSIDE),
    ("admit", "admit\nkey, models, limits, budget reserved", OURS),
    ("parse", "parse\nmistakes told in the real API's words", OURS),
    ("choose", "choose\nroutes, health, the session's cache", OURS),
    ("encode", "encode\nchat, Responses, or Claude as it is", OURS),
    ("upstream", "the provider\nGPT, Gemini, Claude, your vLLM, …", OUTSIDE),
    ("read", "read\nframes, tool calls, thinking, usage", OURS),
    ("emit", "emit\nlawful events, ping in silence", OURS),
    ("settle", "settle\nwhat was used is booked, one log line", OURS),
)
STORES: Final = {
    "api": ("authorizer\nx-api-key or Bearer", OURS),
    "admit": ("DynamoDB or SQLite\nkeys, ledger, what was learned", DATA),
    "choose": ("catalogue, edgeway.toml\nmodels, prices, providers", DATA),
    "settle": ("DynamoDB or SQLite\nledger, usage, health", DATA),
}


RETURNS: Final = (
    (("read", "E"), ("encode", "E"), 1.8, "a refusal is corrected,\nand asked once more"),
    (("upstream", "W"), ("choose", "W"), -1.8, "the next\nprovider"),
)
"""Ways back, until the first content has gone out."""


def way_of_a_request() -> str:
    """Return the picture as SVG."""
    schemdraw.use("svg")
    drawing = schemdraw.Drawing(show=False)
    drawing.config(
        unit=1, bgcolor="white", margin=0.3, color=INK, lw=1.3, font="Helvetica, Arial, sans-serif", fontsize=12
    )
    boxes = {}
    with drawing:
        for number, (name, text, fill) in enumerate(STAGES):
            box = flow.Box(w=MIDDLE, h=HEIGHT, anchor="N").at((0, -number * (HEIGHT + GAP)))
            boxes[name] = box.label(text).fill(fill)
        for above, below in pairwise(boxes.values()):
            flow.Arrow().at(above.S).to(below.N)
        for name, (text, fill) in STORES.items():
            store = flow.Box(w=SIDE, h=HEIGHT, anchor="W").at(boxes[name].E, dx=REACH).label(text).fill(fill)
            flow.Arrow(double=True).at(boxes[name].E).to(store.W)
        for (start, out), (end, into), reach, text in RETURNS:
            way = flow.Wire("c", k=reach, arrow="->").at(getattr(boxes[start], out)).to(getattr(boxes[end], into))
            way.label(text, loc="mid", ofst=0.15, halign="left" if reach > 0 else "right")
    return drawing.get_imagedata("svg").decode() + "\n"
