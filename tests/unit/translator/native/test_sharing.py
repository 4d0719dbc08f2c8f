"""What belongs to the account that all keys share is found wherever a request may name it."""

import json

import pytest
from translator.anthropic.errors import ApiError
from translator.native.json_members import read_object
from translator.native.sharing import refuse_what_is_anothers


def test_a_conversation_that_is_no_list_names_no_file() -> None:
    refuse_what_is_anothers(read_object(json.dumps({"messages": "Hello", "metadata": {"file": 1}})))


def test_a_file_in_a_tool_result_is_found() -> None:
    document = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
    messages = [{"role": "user", "content": [{"type": "tool_result", "content": [document]}]}]
    with pytest.raises(ApiError, match="a file belongs to the account"):
        refuse_what_is_anothers(read_object(json.dumps({"messages": messages})))
