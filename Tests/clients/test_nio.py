"""matrix-nio, a client library that people use, against the server."""

import asyncio

import nio
from nio_client import expect, logged_in, message_in, presence_of, sync_until


def test_a_registered_user_logs_in_on_another_device_and_out_again(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as first, logged_in(hearth, "alice", registers=False) as second:
            assert first.device_id != second.device_id
            await expect(nio.SyncResponse, second.sync(full_state=True))
            await expect(nio.WhoamiResponse, second.whoami())
            await expect(nio.LogoutResponse, second.logout())
            await expect(nio.SyncResponse, first.sync())

    asyncio.run(story())


def test_a_wrong_password_is_refused(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True):
            other = nio.AsyncClient(hearth.base_url, "@alice:localhost")
            try:
                response = await expect(nio.LoginError, other.login("wrong"))
                assert response.status_code == "M_FORBIDDEN"
            finally:
                await other.close()

    asyncio.run(story())


def test_two_users_talk_in_a_room(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
            await expect(nio.SyncResponse, alice.sync(full_state=True))
            await expect(nio.SyncResponse, bob.sync(full_state=True))
            created = await expect(nio.RoomCreateResponse, alice.room_create(name="Kitchen", invite=[bob.user_id]))
            room = created.room_id
            await sync_until(bob, lambda response: response.rooms.invite.get(room))
            await expect(nio.JoinResponse, bob.join(room))

            content = {"msgtype": "m.text", "body": "is anyone home? 🏠"}
            sent = await expect(nio.RoomSendResponse, alice.room_send(room, "m.room.message", content))
            message = await sync_until(bob, message_in(room, content["body"]))
            assert (message.event_id, message.sender, message.body) == (sent.event_id, alice.user_id, content["body"])
            assert set(bob.rooms[room].users) == {alice.user_id, bob.user_id}
            assert bob.rooms[room].name == "Kitchen"

            answer = await expect(nio.RoomSendResponse, bob.room_send(room, "m.room.message", content | {"body": "yes"}))
            found = await sync_until(alice, message_in(room, "yes"))
            assert found.event_id == answer.event_id

    asyncio.run(story())


def test_another_user_sees_presence_and_status(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
            room = (await expect(nio.RoomCreateResponse, alice.room_create(invite=[bob.user_id]))).room_id
            await expect(nio.JoinResponse, bob.join(room))
            await expect(nio.SyncResponse, bob.sync(full_state=True))

            for presence, status, seen in [
                ("unavailable", "out at the dentist 🦷", "unavailable"),
                ("busy", "in a meeting", "org.matrix.msc3026.busy"),
                ("online", "back", "online"),
            ]:
                await expect(nio.PresenceSetResponse, alice.set_presence(presence, status))
                event = await sync_until(bob, presence_of(alice.user_id, seen))
                assert event.status_msg == status
                assert bob.rooms[room].users[alice.user_id].presence == seen
                got = await expect(nio.PresenceGetResponse, bob.get_presence(alice.user_id))
                assert (got.presence, got.status_msg) == (seen, status)

            own = await expect(nio.PresenceGetResponse, alice.get_presence(alice.user_id))
            assert own.presence == "online"

    asyncio.run(story())


def test_presence_of_nobody_is_refused(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice:
            unknown = await expect(nio.PresenceGetError, alice.get_presence("@nobody:localhost"))
            assert unknown.status_code == "M_FORBIDDEN"

    asyncio.run(story())


def test_a_profile_is_read_back_by_others(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
            await expect(nio.ProfileSetDisplayNameResponse, alice.set_displayname("Alice 🌻"))
            profile = await expect(nio.ProfileGetResponse, bob.get_profile(alice.user_id))
            assert profile.displayname == "Alice 🌻"

    asyncio.run(story())


def test_a_stranger_sees_no_presence(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "mallory", registers=True) as mallory:
            await expect(nio.PresenceSetResponse, alice.set_presence("busy", "in a meeting"))
            known = await expect(nio.PresenceGetError, mallory.get_presence(alice.user_id))
            unknown = await expect(nio.PresenceGetError, mallory.get_presence("@nobody:localhost"))
            assert known.status_code == unknown.status_code == "M_FORBIDDEN"

    asyncio.run(story())
