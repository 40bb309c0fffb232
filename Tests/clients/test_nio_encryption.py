"""matrix-nio's end-to-end encryption against the server: keys, messages to devices, device lists."""

import asyncio

import nio
from nio_client import expect, logged_in
from nio_encryption import decrypted, devices_of, encrypted_room, encrypting, knows, say, step_until


def test_two_users_write_to_each_other_in_an_encrypted_room(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            room = await encrypted_room(alice, bob)
            for number in range(3):
                for speaker, listener in ((alice, bob), (bob, alice)):
                    body = f"{speaker.user_id} says {number} 🔑"
                    sent = await say(speaker, room, body)
                    heard = await step_until(listener, decrypted(room, body))
                    assert (heard.event_id, heard.sender, heard.sender_key) == (
                        sent, speaker.user_id, speaker.olm.account.identity_keys["curve25519"],
                    )

    asyncio.run(story())


def test_the_server_sees_no_word_of_an_encrypted_message(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            room = await encrypted_room(alice, bob)
            sent = await say(alice, room, "a secret")
            # A client without keys sees what the server sees.
            async with logged_in(hearth, "bob", registers=False) as plain:
                event = await expect(nio.RoomGetEventResponse, plain.room_get_event(room, sent))
                assert isinstance(event.event, nio.MegolmEvent)
                assert "a secret" not in str(event.event.source)

    asyncio.run(story())


def test_a_device_that_comes_later_reads_what_is_said_from_then_on(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            room = await encrypted_room(alice, bob)
            await say(alice, room, "before")
            await step_until(bob, decrypted(room, "before"))
            async with encrypting(hearth, "bob", tmp_path / "bob2", registers=False) as second:
                # Alice learns of it by device_lists.changed alone, and asks for the new device's keys.
                await step_until(alice, lambda _: second.device_id in devices_of(alice, bob.user_id) or None)
                sent = await say(alice, room, "after")
                for listener in (bob, second):
                    assert (await step_until(listener, decrypted(room, "after"))).event_id == sent
                await expect(nio.LogoutResponse, second.logout())
                gone = second.device_id
            await step_until(alice, lambda _: gone not in devices_of(alice, bob.user_id) or None)

    asyncio.run(story())


def test_messages_to_a_device_that_is_away_wait_for_it(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            room = await encrypted_room(alice, bob)
            sent = [await say(alice, room, f"number {number}") for number in range(5)]
            heard = []

            def collect(response):
                joined = response.rooms.join.get(room)
                heard.extend(event.event_id for event in joined.timeline.events if getattr(event, "decrypted", False)) if joined else None
                return heard if len(heard) == 5 else None

            assert await step_until(bob, collect) == sent

    asyncio.run(story())


def test_two_users_verify_each_other_by_emoji(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            await encrypted_room(alice, bob)
            await verify_by_emoji(alice, bob)
            assert alice.device_store[bob.user_id][bob.device_id].verified
            assert bob.device_store[alice.user_id][alice.device_id].verified

    asyncio.run(story())


def test_a_user_verifies_her_other_device_by_emoji(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "laptop", registers=True) as laptop,
            encrypting(hearth, "alice", tmp_path / "phone", registers=False) as phone,
        ):
            await expect(nio.RoomCreateResponse, laptop.room_create(initial_state=[nio.EnableEncryptionBuilder().as_dict()]))
            await verify_by_emoji(laptop, phone)
            assert laptop.device_store[phone.user_id][phone.device_id].verified

    asyncio.run(story())


async def verify_by_emoji(alice, bob):
    """Both look at the emoji, find them equal and say so."""
    await knows(alice, bob)
    await knows(bob, alice)
    await expect(nio.ToDeviceResponse, alice.start_key_verification(alice.device_store[bob.user_id][bob.device_id]))
    [transaction] = alice.key_verifications
    await step_until(bob, lambda _: bob.key_verifications.get(transaction))
    await expect(nio.ToDeviceResponse, bob.accept_key_verification(transaction))
    hers, his = alice.key_verifications[transaction], bob.key_verifications[transaction]
    await step_until(alice, lambda _: hers.chosen_key_agreement)
    await step_until(bob, lambda _: his.established_sas)
    await step_until(alice, lambda _: hers.established_sas)
    assert hers.get_emoji() == his.get_emoji()
    assert len(hers.get_emoji()) == 7
    for client in (alice, bob):
        await expect(nio.ToDeviceResponse, client.confirm_short_auth_string(transaction))
    await step_until(alice, lambda _: hers.verified or None)
    await step_until(bob, lambda _: his.verified or None)
