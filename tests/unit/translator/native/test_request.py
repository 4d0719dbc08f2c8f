"""A request whose answer a budget makes shorter: the number is all that changes."""

from __future__ import annotations

import pytest
from translator.anthropic.errors import ApiError
from translator.native.json_members import read_object
from translator.native.request import passed_request

BODY = '{"model": "a", "max_tokens" : %s, "thinking": %s}'


@pytest.mark.parametrize(
    ("wanted", "most", "sent"),
    [("4000", 1000, "1000"), ("4000", 4000, "4000"), ("4000", None, "4000"), ('"many"', 1, '"many"')],
)
@pytest.mark.parametrize("thinking", ["null", '{"type": "adaptive"}', '{"type": "enabled",  "budget_tokens": 999}'])
def test_the_limit_is_lowered(wanted: str, most: int | None, sent: str, thinking: str) -> None:
    body, dropped = passed_request(read_object(BODY % (wanted, thinking)), model="a", most_tokens=most)
    assert (body.decode(), dropped) == (BODY % (sent, thinking), () if wanted == sent else ("max_tokens",))


def test_where_no_room_is_left_beside_the_thinking_it_is_refused() -> None:
    with pytest.raises(ApiError) as refusal:
        passed_request(
            read_object(BODY % ("4000", '{"type": "enabled", "budget_tokens": 1000}')), model="a", most_tokens=1000
        )
    assert (refusal.value.status, refusal.value.retry) == (402, False)
