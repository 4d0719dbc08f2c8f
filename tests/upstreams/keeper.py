"""A model on Responses that reasons before its calls, and refuses a request in which its reasoning is not as it was.

It calls two tools at once, for thirty turns; in the middle it finds the conversation too long, once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tests.laws.responses_requests import check_responses_request
from tests.upstreams.answers import Answer, Whole
from tests.upstreams.responses import begun, call_events, ended, reasoning_events
from tests.upstreams.responses_scenarios import said, stream

KEEPER = "codex-keeper"
TURNS = 30
TOO_LONG_AT = 15
TOO_LONG = "Your input exceeds the context window of this model. Please adjust your input and try again."
CALL = re.compile(r"call_(\d+)_(\d+)")


class Keeper:
    """Remembers how far the conversation has come."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self.turn = 0
        self.was_too_long = False

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """The next turn, a summary where nothing can be called, or a refusal that says what is wrong."""
        if mistake := self._mistake(request):
            return _refusal(mistake, "invalid_encrypted_content" if "encrypted" in mistake else "invalid_value")
        if self.turn == TOO_LONG_AT and not self.was_too_long:
            self.was_too_long = True
            return _refusal(TOO_LONG, "context_length_exceeded")
        if self.was_too_long and self.turn == TOO_LONG_AT and not _goes_on(request):
            return said("<summary>Thirty turns are to be made; some have been.</summary>")
        if self.turn >= TURNS or "tools" not in request:
            return said("All turns are made." if self.turn >= TURNS else "Hello")
        return self._turn()

    def _turn(self) -> Answer:
        at = self.turn
        self.turn += 1
        calls = [
            event
            for number in (0, 1)
            for event in call_events(
                number + 1,
                json.dumps({"command": f"echo {at}-{number}", "description": "Echo"}),
                name="Bash",
                call_id=f"call_{at}_{number}",
                identity=f"fc_{at}_{number}",
            )
        ]
        thought = reasoning_events(0, f"Turn {at}.", blob=self._blob(at), identity=f"rs_{at}")
        return stream([begun(), *thought, *calls, ended()])

    def _blob(self, turn: int) -> str:
        return "gAAAA" + sha256(f"{self._secret}/{turn}".encode()).hexdigest() * 40

    def _mistake(self, request: Mapping[str, Any]) -> str:
        try:
            check_responses_request(request)
        except AssertionError as error:
            return str(error).partition("\n")[0]
        known = {self._blob(turn): turn for turn in range(self.turn)}
        before: Mapping[str, Any] = {}
        for item in request["input"]:
            if item.get("type") == "reasoning" and item.get("encrypted_content") not in known:
                return "The encrypted content could not be verified."
            called = CALL.fullmatch(item.get("call_id", "")) if item.get("type") == "function_call" else None
            if called and called[2] == "0" and known.get(before.get("encrypted_content", "")) != int(called[1]):
                return f"Item {item['call_id']} was provided without its required 'reasoning' item."
            before = item
        return ""


def _goes_on(request: Mapping[str, Any]) -> bool:
    """Whether what it has said of the conversation has come back: its summary."""
    return "some have been" in json.dumps(request["input"])


def _refusal(message: str, code: str) -> Whole:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": "input", "code": code}}
    return Whole(400, json.dumps(body).encode(), {"content-type": "application/json"})
