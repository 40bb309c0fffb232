"""matrix-nio: typing, receipts, read markers and push rules, as a chat client uses them."""

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


def test_a_message_counts_as_unread_and_a_mention_as_highlight(hearth):
    async def story():
        async with two_in_a_room(hearth) as (alice, bob, room):
            for body, mentions in (("one", {}), ("Bob!", {"m.mentions": {"user_ids": [bob.user_id]}})):
                content = {"msgtype": "m.text", "body": body} | mentions
                await expect(nio.RoomSendResponse, alice.room_send(room, "m.room.message", content))
            await expect(nio.SyncResponse, bob.sync())
            assert (bob.rooms[room].unread_notifications, bob.rooms[room].unread_highlights) == (2, 1)

    asyncio.run(story())


def test_push_rules_are_read_changed_and_told_to_other_devices(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "alice", registers=False) as phone:
            rules = await sync_until(phone, push_rules(lambda rules: True))
            assert ".m.rule.master" in {rule.id for rule in rules.global_rules.override}
            assert ".m.rule.message" in {rule.id for rule in rules.global_rules.underride}

            own = dict(scope="global", kind=nio.PushRuleKind.content, rule_id="dinner")
            await expect(nio.SetPushRuleResponse, alice.set_pushrule(**own, pattern="dinner", actions=[nio.PushNotify()]))
            await sync_until(phone, push_rules(lambda rules: "dinner" in {rule.id for rule in rules.global_rules.content}))
            await expect(nio.EnablePushRuleResponse, alice.enable_pushrule(**own, enable=False))
            changed = await sync_until(phone, push_rules(lambda rules: not content_rule(rules, "dinner").enabled))
            assert content_rule(changed, "dinner").pattern == "dinner"
            await expect(nio.SetPushRuleActionsResponse, alice.set_pushrule_actions(**own, actions=[]))
            await expect(nio.DeletePushRuleResponse, alice.delete_pushrule(**own))
            await sync_until(phone, push_rules(lambda rules: "dinner" not in {rule.id for rule in rules.global_rules.content}))

    asyncio.run(story())


def content_rule(rules, name):
    return next(rule for rule in rules.global_rules.content if rule.id == name)


def push_rules(fits):
    def find(response):
        events = [event for event in response.account_data_events if isinstance(event, nio.PushRulesEvent)]
        return next((event for event in events if fits(event)), None)

    return find
