"""What is told about an exception."""

import base64
import io
import json
import sys
from errno import ENOSPC

import pytest
from streaming.failure import FRAMES, WITHHELD, Failure


def failed(depth: int = 0) -> None:
    if depth:
        failed(depth - 1)
    raise ValueError("a secret")


def failure(depth: int = 0) -> Failure:
    with pytest.raises(ValueError, match="a secret") as raised:
        failed(depth)
    return Failure("Function", raised.value)


def test_it_is_the_type_and_the_frames_and_not_the_message() -> None:
    told = json.loads(failure().as_json())
    assert told == {"errorType": "ValueError", "errorMessage": WITHHELD, "stackTrace": told["stackTrace"]}
    assert [frame.partition(" ")[2] for frame in told["stackTrace"]] == ["failure", "failed"]
    assert [frame.partition(":")[0] for frame in told["stackTrace"]] == [__file__, __file__]


def test_only_the_innermost_frames_are_told() -> None:
    frames = json.loads(failure(depth=2 * FRAMES).as_json())["stackTrace"]
    assert [frame.partition(" ")[2] for frame in frames] == ["failed"] * FRAMES


def test_trailers_hold_the_same_as_a_body() -> None:
    told = failure()
    expected = (
        b"Lambda-Runtime-Function-Error-Type: Function.ValueError\r\n"
        b"Lambda-Runtime-Function-Error-Body: " + base64.b64encode(told.as_json()) + b"\r\n"
    )
    assert told.as_trailers() == expected


def test_a_type_that_no_header_can_name_is_written_as_far_as_it_can() -> None:
    Größe = type("Größe", (Exception,), {})  # noqa: N806  it is a class
    assert Failure("Runtime", Größe()).kind == "Runtime.Gr??e"


def test_it_is_one_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    told = failure()
    told.log("the handler failed", requestId="r-1")
    line, rest = capsys.readouterr().err.split("\n")
    assert rest == ""
    assert json.loads(line) == {
        "level": "ERROR",
        "message": "the handler failed",
        "requestId": "r-1",
        **told.description,
    }


class Full(io.StringIO):
    """Takes no more."""

    def write(self, _text: str) -> int:
        raise OSError(ENOSPC, "No space left on device")


class Closed(io.StringIO):
    """Has been closed."""

    def __init__(self) -> None:
        super().__init__()
        self.close()


@pytest.mark.parametrize("log", [Full, Closed])
def test_a_log_that_takes_no_more_fails_nothing(monkeypatch: pytest.MonkeyPatch, log: type[io.StringIO]) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", log())
        failure().log("the handler failed")
