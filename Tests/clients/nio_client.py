"""matrix-nio as the tests use it: log in, insist on an answer, sync until something is there."""

import asyncio
import contextlib
import time

import nio
from hearth_process import PASSWORD

SYNC_FOR = 20


@contextlib.asynccontextmanager
async def logged_in(hearth, name, *, registers):
    """A client that registered, or that logs in to an account which is there."""
    client = nio.AsyncClient(hearth.base_url, name)
    try:
        if registers:
            await expect(nio.RegisterResponse, client.register(name, PASSWORD, "a test"))
        else:
            client.user = f"@{name}:localhost"
            await expect(nio.LoginResponse, client.login(PASSWORD, "another test"))
        assert client.user_id == f"@{name}:localhost"
        yield client
    finally:
        await client.close()


async def expect(kind, request):
    response = await request
    assert isinstance(response, kind), response
    return response


async def sync_until(client, find):
    """Syncs on until `find` finds something in an answer, and returns that."""
    deadline = time.monotonic() + SYNC_FOR
    while (left := deadline - time.monotonic()) > 0:
        response = await expect(nio.SyncResponse, client.sync(timeout=int(left * 1000)))
        if (found := find(response)) is not None:
            return found
    raise AssertionError(f"{client.user_id} waited {SYNC_FOR} s in vain")


def message_in(room_id, body):
    def find(response):
        events = response.rooms.join[room_id].timeline.events if room_id in response.rooms.join else []
        return next((event for event in events if isinstance(event, nio.RoomMessageText) and event.body == body), None)

    return find


def presence_of(user_id, presence):
    def find(response):
        seen = (event for event in response.presence_events if event.user_id == user_id)
        return next((event for event in seen if event.presence == presence), None)

    return find
