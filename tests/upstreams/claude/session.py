"""What the stand-in for Anthropic's API plays in a session: turns with tools, and a sub-agent with turns of its own.

The prompt says how long: `[[session:20]]`. It may name the tool that starts a sub-agent: `[[session:20:Agent]]`. How
far a conversation has come is read from it, so that the same conversation always gets the same turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DELEGATES_AT = 4
"""The turn in which the sub-agent is started."""
_SESSION = re.compile(r"\[\[session:(\d+)(?::(\w+))?\]\]")
_SUB_SESSION = "[[session:6]]"


@dataclass(frozen=True, slots=True)
class Asked:
    """How far a conversation has come."""

    done: int
    """Turns of the model's."""
    turns: int
    """That it is to have; 0: it is no session."""
    agent: str | None
    """The tool that starts a sub-agent."""
    tools: frozenset[str]
    choice: str | None
    """The tool that has to be called."""

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Asked:
        """From the body of a request."""
        users = [json.dumps(each["content"]) for each in body["messages"] if each["role"] == "user"]
        found = _SESSION.search(users[0]) if users else None
        choice = body.get("tool_choice") or {}
        tools = [tool["name"] for tool in body.get("tools") or () if "name" in tool]
        forced = {"tool": choice.get("name"), "any": next(iter(tools), None)}.get(choice.get("type", ""))
        return cls(
            done=sum(each["role"] == "assistant" for each in body["messages"]),
            turns=int(found[1]) if found and tools else 0,
            agent=found[2] if found else None,
            tools=frozenset(tools),
            choice=forced,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says and calls."""

    thinking: str
    text: str
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()


def turn(asked: Asked) -> Turn:
    """The next one."""
    if asked.choice:
        return Turn("I have to call it.", "Calling.", ((asked.choice, {"city": "Zürich", "days": 1.0}),))
    if asked.done >= asked.turns:
        return Turn("That is all.", f"All {asked.turns} turns are made." if asked.turns else "Grüezi from Claude 👋")
    thinking = f"Turn {asked.done}: what is next? " + "Let me see. " * 20
    if asked.agent and asked.done == DELEGATES_AT:
        arguments = {"description": "Look around", "prompt": f"Look around. {_SUB_SESSION}"}
        return Turn(
            thinking, "Somebody else looks around.", ((asked.agent, {**arguments, "subagent_type": "general-purpose"}),)
        )
    numbers = range(1 + asked.done % 2)
    echoes = [{"command": f"echo {asked.done}-{each}", "description": "Echo"} for each in numbers]
    return Turn(thinking, f"Turn {asked.done}.", tuple(("Bash", each) for each in echoes))
