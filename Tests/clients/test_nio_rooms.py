"""matrix-nio: typing, receipts and read markers, as a chat client uses them."""

import asyncio
import contextlib

import nio
from nio_client import expect, logged_in, sync_until


@contextlib.asynccontextmanager
async def two_in_a_room(hearth):
    """Alice, Bob, and the room that both are in; both have synced."""
    async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
        room = (await expect(nio.RoomCreateResponse, alice.room_create(name="Kitchen", invite=[bob.user_id]))).room_id
        await expect(nio.JoinResponse, bob.join(room))
        for client in (alice, bob):
            await expect(nio.SyncResponse, client.sync(full_state=True))
        yield alice, bob, room


def ephemeral(room_id, kind, fits):
    def find(response):
        events = response.rooms.join[room_id].ephemeral if room_id in response.rooms.join else []
        return next((event for event in events if isinstance(event, kind) and fits(event)), None)

    return find


def test_one_sees_the_other_type_and_stop(hearth):
    async def story():
        async with two_in_a_room(hearth) as (alice, bob, room):
            await expect(nio.RoomTypingResponse, alice.room_typing(room, True, timeout=20_000))
            await sync_until(bob, ephemeral(room, nio.TypingNoticeEvent, lambda event: event.users == [alice.user_id]))
            assert bob.rooms[room].typing_users == [alice.user_id]
            await expect(nio.RoomTypingResponse, alice.room_typing(room, False))
            await sync_until(bob, ephemeral(room, nio.TypingNoticeEvent, lambda event: event.users == []))

    asyncio.run(story())


def test_one_sees_how_far_the_other_has_read(hearth):
    async def story():
        async with two_in_a_room(hearth) as (alice, bob, room):
            content = {"msgtype": "m.text", "body": "read this"}
            first = (await expect(nio.RoomSendResponse, alice.room_send(room, "m.room.message", content))).event_id
            second = (await expect(nio.RoomSendResponse, alice.room_send(room, "m.room.message", content))).event_id
            await expect(nio.UpdateReceiptMarkerResponse, bob.update_receipt_marker(room, first))
            await sync_until(alice, receipt(room, bob.user_id, first))
            await expect(nio.RoomReadMarkersResponse, bob.room_read_markers(room, second, second))
            seen = await sync_until(alice, receipt(room, bob.user_id, second))
            assert seen.timestamp > 1_600_000_000_000
            await expect(nio.SyncResponse, bob.sync(full_state=True))
            assert bob.rooms[room].fully_read_marker == second
            assert bob.rooms[room].unread_notifications == 0

    asyncio.run(story())


def receipt(room_id, user_id, event_id):
    def find(response):
        events = response.rooms.join[room_id].ephemeral if room_id in response.rooms.join else []
        receipts = (receipt for event in events if isinstance(event, nio.ReceiptEvent) for receipt in event.receipts)
        return next((one for one in receipts if (one.user_id, one.event_id, one.receipt_type) == (user_id, event_id, "m.read")), None)

    return find
