"""matrix-commander, a client for the shell, as a process with a store of its own."""

import asyncio
import os
import pathlib
import subprocess
import sys

import nio
import pytest
from hearth_process import PASSWORD, Client
from nio_client import expect, logged_in, message_in, presence_of, sync_until
from nio_encryption import decrypted, encrypting, is_ready, say, step_until


class Commander:
    """One login of matrix-commander."""

    def __init__(self, hearth, folder, name, room):
        folder.mkdir()
        self.folder = folder
        self.run(
            "--login", "password", "--homeserver", hearth.base_url, "--user-login", f"@{name}:localhost", "--password", PASSWORD,
            "--device", "commander", "--room-default", room,
        )

    def run(self, *words):
        """What it prints on its standard output; it must end with status 0."""
        program = pathlib.Path(sys.executable).parent / "matrix-commander"
        line = [
            str(program), "--credentials", str(self.folder / "credentials.json"), "--store", str(self.folder / "store"), *words,
        ]
        # Its files go where it is told to put them, and not into the home of whoever runs the tests.
        environment = os.environ | {"HOME": str(self.folder)}
        done = subprocess.run(
            line, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    async def run_beside(self, *words):
        """The same, while others go on."""
        return await asyncio.to_thread(self.run, *words)


@pytest.fixture
def room(hearth):
    """Alice and Bob exist, and a room of Alice's that Bob has joined."""
    alice, bob = (Client(hearth.base_url).register(name) for name in ("alice", "bob"))
    room = alice.create_room(name="Kitchen", preset="public_chat")
    bob.join(room)
    return room


def test_it_logs_in_tells_who_it_is_and_lists_its_rooms(hearth, room, tmp_path):
    commander = Commander(hearth, tmp_path / "alice", "alice", room)
    assert "@alice:localhost" in commander.run("--whoami")
    assert room in commander.run("--joined-rooms")
    assert "@bob:localhost" in commander.run("--joined-members", room)
    assert "commander" in commander.run("--devices")


def test_it_sends_and_the_other_reads_then_the_other_way_round(hearth, room, tmp_path):
    commander = Commander(hearth, tmp_path / "alice", "alice", room)

    async def story():
        async with logged_in(hearth, "bob", registers=False) as bob:
            await expect(nio.SyncResponse, bob.sync(full_state=True))
            await commander.run_beside("--room", room, "--message", "supper is ready 🍲")
            heard = await sync_until(bob, message_in(room, "supper is ready 🍲"))
            assert heard.sender == "@alice:localhost"
            content = {"msgtype": "m.text", "body": "coming at once"}
            await expect(nio.RoomSendResponse, bob.room_send(room, "m.room.message", content))
            assert "coming at once" in await commander.run_beside("--listen", "once")

    asyncio.run(story())


def test_it_sets_presence_and_the_other_sees_it(hearth, room, tmp_path):
    commander = Commander(hearth, tmp_path / "alice", "alice", room)

    async def story():
        async with logged_in(hearth, "bob", registers=False) as bob:
            await expect(nio.SyncResponse, bob.sync(full_state=True))
            await commander.run_beside("--set-presence", "unavailable")
            await sync_until(bob, presence_of("@alice:localhost", "unavailable"))
            assert "unavailable" in await commander.run_beside("--get-presence")

    asyncio.run(story())


def test_it_writes_in_an_encrypted_room(hearth, room, tmp_path):
    async def story():
        async with encrypting(hearth, "bob", tmp_path / "bob", registers=False) as bob:
            state = [nio.EnableEncryptionBuilder().as_dict()]
            created = await expect(nio.RoomCreateResponse, bob.room_create(invite=["@alice:localhost"], initial_state=state))
            commander = await asyncio.to_thread(Commander, hearth, tmp_path / "alice", "alice", created.room_id)
            await commander.run_beside("--room-join", created.room_id)
            if not is_ready(bob, created.room_id):
                await step_until(bob, lambda _: is_ready(bob, created.room_id) or None)
            await commander.run_beside("--room", created.room_id, "--message", "psst")
            heard = await step_until(bob, decrypted(created.room_id, "psst"))
            assert heard.sender == "@alice:localhost"
            await say(bob, created.room_id, "nobody hears us")
            assert "nobody hears us" in await commander.run_beside("--listen", "once")

    asyncio.run(story())


def test_it_sends_a_file_and_fetches_it(hearth, room, tmp_path):
    commander = Commander(hearth, tmp_path / "alice", "alice", room)
    content = os.urandom(50_000)
    (commander.folder / "list.bin").write_bytes(content)
    [uri] = [word for word in commander.run("--upload", "list.bin", "--plain").split() if word.startswith("mxc://")]
    commander.run("--download", uri, "--file-name", "again.bin", "--plain")
    assert (commander.folder / "again.bin").read_bytes() == content
