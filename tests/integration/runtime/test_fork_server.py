"""The fork server, and the workers that fork from it."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from tests.integration.runtime.process import STREAM, Function, running
from tests.integration.runtime.scripted_api import NEXT, PATIENCE, Connection, ScriptedApi, chunk, response_path

PRELUDE = b'{"statusCode":200,"headers":{"content-type":"text/event-stream"}}'


class Control:
    """Our end of the control socket."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._connection = connection
        self._reader = connection.makefile("r")

    def send(self, text: str) -> None:
        self._connection.sendall(text.encode())

    def expect(self, *words: str) -> None:
        assert self._reader.readline().split() == [*words]

    def forked(self, worker_id: str) -> int:
        """The process id of a new worker."""
        word, worker, process_id = self._reader.readline().split()
        assert (word, worker) == ("forked", worker_id)
        return int(process_id)

    def close(self) -> None:
        """Send nothing more. What the server tells can still be read."""
        self._connection.shutdown(socket.SHUT_WR)

    def expect_end(self) -> None:
        assert self._reader.read() == ""

    def release(self) -> None:
        self._reader.close()
        self._connection.close()


@contextmanager
def forking(api: ScriptedApi, handler: str = "handlers.stream") -> Iterator[tuple[Function, Control]]:
    ours, theirs = socket.socketpair()
    control = Control(ours)
    try:
        with running(
            handler,
            f"{api.address}/server",
            {**STREAM, "STREAMING_FORK_FD": str(theirs.fileno())},
            pass_fds=[theirs.fileno()],
        ) as function:
            theirs.close()
            yield function, control
    finally:
        control.release()


def workers(api: ScriptedApi, names: list[str]) -> dict[str, Connection]:
    """The first connection of each worker, which come in any order."""
    connections = {}
    for _ in names:
        connection = api.accept()
        request_line = connection.read_until(b"\r\n\r\n").decode().split("\r\n")[0]
        name = request_line.removeprefix("GET /").removesuffix(f"{NEXT} HTTP/1.1")
        connections[name] = connection
    assert sorted(connections) == sorted(names)
    return connections


def test_workers_serve_until_they_end_and_their_ends_are_told(api: ScriptedApi) -> None:
    with forking(api) as (function, control):
        control.expect("ready")
        control.send(f"fork one {api.address}/one\nfork two {api.address}/two\nfork thr")
        control.send(f"ee {api.address}/three\n")
        process_ids = {name: control.forked(name) for name in ("one", "two", "three")}
        connections = workers(api, ["one", "two", "three"])

        connections["two"].answer(HTTPStatus.OK, b'{"script":["hello"]}', {"Lambda-Runtime-Aws-Request-Id": "r-1"})
        stream = api.accept()
        stream.expect_stream(f"/two{response_path()}", PRELUDE)
        stream.expect(chunk(b"hello") + b"0\r\n\r\n")
        stream.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "after")

        os.kill(process_ids["one"], signal.SIGKILL)
        control.expect("exited", "one", str(process_ids["one"]), "-9")
        connections["three"].answer(HTTPStatus.GONE)
        control.expect("exited", "three", str(process_ids["three"]), "1")

        control.close()
        control.expect("exited", "two", str(process_ids["two"]), "0")
        control.expect_end()
        assert function.exit_status() == 0


def test_a_signal_ends_the_workers_through_their_finally_blocks_and_then_the_server(api: ScriptedApi) -> None:
    with forking(api) as (function, control):
        control.expect("ready")
        control.send(f"fork one {api.address}/one\n")
        process_id = control.forked("one")
        connection = workers(api, ["one"])["one"]
        connection.answer(HTTPStatus.OK, b'{"script":["hello","wait"]}', {"Lambda-Runtime-Aws-Request-Id": "r-1"})
        stream = api.accept()
        stream.expect_stream(f"/one{response_path()}", PRELUDE)
        function.printed("waiting")
        assert function.end_by(signal.SIGTERM) == 0
        control.expect("exited", "one", str(process_id), "0")
        control.expect_end()
        assert (function.rest(), function.rest_of_log()) == ("closed\nafter\n", "")


def test_a_handler_that_cannot_be_imported_is_an_init_error_of_the_server(api: ScriptedApi) -> None:
    with forking(api, "broken.handler") as (function, control):
        connection = api.accept()
        assert connection.read_error("/server/2018-06-01/runtime/init/error")[0] == "Runtime.ValueError"
        connection.answer(HTTPStatus.ACCEPTED)
        assert function.exit_status() == 1
        control.expect_end()


def test_a_worker_forks_with_frozen_objects_and_with_signals_held_back(
    api: ScriptedApi,
) -> None:
    with forking(api, "forked.handler") as (_, control):
        control.expect("ready")
        control.send(f"fork one {api.address}/one\n")
        control.forked("one")
        connection = workers(api, ["one"])["one"]
        connection.answer(HTTPStatus.OK, b"{}", {"Lambda-Runtime-Aws-Request-Id": "r-1"})
        stream = api.accept()
        stream.expect_stream(f"/one{response_path()}", b'{"statusCode":200}')
        stream.expect(chunk(b"during the fork: SIGINT SIGTERM; now: ; frozen: True") + b"0\r\n\r\n")
