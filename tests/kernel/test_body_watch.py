"""How long a client may take: by what the kernel counts, and only while it is waited for."""

import socket
import time
from collections.abc import Iterator

import pytest

from config.kernel.body_watch import Watch

WINDOW = 0.1


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        ours, _ = listener.accept()
        with ours:
            yield ours, client


def pass_time() -> None:
    time.sleep(WINDOW * 1.5)


def test_a_window_that_brought_enough_is_followed_by_another(ends: tuple[socket.socket, socket.socket]) -> None:
    """Also where nothing of it was read yet: the server's reader waits for more than a window may bring."""
    ours, client = ends
    watch = Watch(ours, WINDOW, least=50)

    client.sendall(b"x" * 50)
    pass_time()
    assert not watch.is_late()
    client.sendall(b"x" * 49)
    pass_time()
    assert watch.is_late()


def test_an_answer_goes_on_as_long_as_the_client_confirms_it(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, client = ends
    watch = Watch(ours, WINDOW, least=50, outgoing=True)

    ours.sendall(b"x" * 100)
    assert client.recv(100)
    pass_time()
    assert not watch.is_late()
    pass_time()
    assert watch.is_late()


def test_a_deadline_is_moved_by_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, client = ends
    watch = Watch(ours, WINDOW)

    client.sendall(b"x" * 1000)
    watch.progress(1000)
    pass_time()
    assert watch.is_late()


def test_time_that_is_ours_is_not_counted(ends: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch(ends[0], WINDOW, least=50)

    watch.stand_still()
    pass_time()
    pass_time()
    assert not watch.is_late()
    watch.go_on()
    assert not watch.is_late()
    pass_time()
    assert watch.is_late()


def test_where_the_kernel_does_not_count_what_was_read_does() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        watch = Watch(ours, WINDOW, least=50)

        pass_time()
        watch.progress(50)
        assert not watch.is_late()
        pass_time()
        assert watch.is_late()


def test_its_end_is_the_end_of_the_body_and_the_answer_still_goes_out(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, client = ends

    Watch(ours, WINDOW).end()

    assert ours.recv(1) == b""
    ours.sendall(b"408")
    assert client.recv(3) == b"408"


def test_the_end_of_an_answer_is_seen_by_its_writer(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = ends

    Watch(ours, WINDOW, outgoing=True).end()

    with pytest.raises(BrokenPipeError):
        ours.sendall(b"more")
