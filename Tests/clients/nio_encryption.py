"""matrix-nio with its encryption: a client with a store of its own, and what it has to do between syncs."""

import contextlib
import time

import nio
from hearth_process import PASSWORD
from nio_client import SYNC_FOR, expect

CONFIG = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)


@contextlib.asynccontextmanager
async def encrypting(hearth, name, folder, *, registers):
    """A client of this user with an identity of its own; its keys are uploaded and it has synced once."""
    folder.mkdir()
    client = nio.AsyncClient(hearth.base_url, f"@{name}:localhost", store_path=str(folder), config=CONFIG)
    try:
        if registers:
            # nio opens its store at a login alone, not at a registration.
            other = nio.AsyncClient(hearth.base_url, name)
            try:
                await expect(nio.RegisterResponse, other.register(name, PASSWORD, "the first"))
                await expect(nio.LogoutResponse, other.logout())
            finally:
                await other.close()
        await expect(nio.LoginResponse, client.login(PASSWORD, "with keys"))
        await step(client, timeout=0)
        yield client
    finally:
        await client.close()


async def step(client, timeout):
    """One sync, and what has to be sent after it: what nio's own loop does."""
    response = await expect(nio.SyncResponse, client.sync(timeout=timeout))
    if client.should_upload_keys:
        await expect(nio.KeysUploadResponse, client.keys_upload())
    if client.should_query_keys:
        await expect(nio.KeysQueryResponse, client.keys_query())
    if client.should_claim_keys:
        await expect(nio.KeysClaimResponse, client.keys_claim(client.get_users_for_key_claiming()))
    for answer in await client.send_to_device_messages():
        assert isinstance(answer, nio.ToDeviceResponse), answer
    return response


async def step_until(client, find):
    """Goes on until `find` finds something in an answer, and returns that."""
    deadline = time.monotonic() + SYNC_FOR
    while (left := deadline - time.monotonic()) > 0:
        found = find(await step(client, timeout=int(left * 1000)))
        if found is not None:
            return found
    raise AssertionError(f"{client.user_id} waited {SYNC_FOR} s in vain")


async def knows(client, other):
    """Goes on until this client has the other one's keys."""
    if other.device_id not in devices_of(client, other.user_id):
        await step_until(client, lambda _: other.device_id in devices_of(client, other.user_id) or None)


def devices_of(client, user_id):
    return {device.id for device in client.device_store.active_user_devices(user_id)}


async def encrypted_room(alice, bob):
    """A room of the two with encryption switched on, known as such to both."""
    state = [nio.EnableEncryptionBuilder().as_dict()]
    room = (await expect(nio.RoomCreateResponse, alice.room_create(name="Secrets", invite=[bob.user_id], initial_state=state))).room_id
    await step_until(bob, lambda response: response.rooms.invite.get(room))
    await expect(nio.JoinResponse, bob.join(room))
    for client in (alice, bob):
        if not is_ready(client, room):
            await step_until(client, lambda _, client=client: is_ready(client, room) or None)
    return room


def is_ready(client, room_id):
    room = client.rooms.get(room_id)
    return room is not None and room.encrypted and len(room.users) == 2


async def say(client, room_id, body):
    """Sends an encrypted message, whether or not the others' devices are verified."""
    content = {"msgtype": "m.text", "body": body}
    sent = await expect(
        nio.RoomSendResponse, client.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True)
    )
    return sent.event_id


def decrypted(room_id, body):
    """Finds a message that came encrypted and was understood."""

    def find(response):
        events = response.rooms.join[room_id].timeline.events if room_id in response.rooms.join else []
        for event in events:
            assert not isinstance(event, nio.MegolmEvent), f"cannot decrypt {event}"
        return next((event for event in events if isinstance(event, nio.RoomMessageText) and event.body == body and event.decrypted), None)

    return find
