"""matrix-nio: files up and down, in the clear and encrypted, and thumbnails."""

import asyncio
import io
import os

import nio
from nio.crypto.attachments import decrypt_attachment
from nio_client import expect, logged_in
from nio_encryption import encrypted_room, encrypting, step_until
from PIL import Image


async def upload(client, content, **options):
    response, keys = await client.upload(lambda *_: io.BytesIO(content), filesize=len(content), **options)
    assert isinstance(response, nio.UploadResponse), response
    return response.content_uri, keys


def picture(width, height):
    file = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(file, "PNG")
    return file.getvalue()


def test_a_file_comes_back_as_it_was_with_its_name_and_type(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
            content = os.urandom(300_000)
            uri, _ = await upload(alice, content, content_type="application/pdf", filename="résumé 1.pdf")
            assert uri.startswith("mxc://localhost/")
            got = await expect(nio.MemoryDownloadResponse, bob.download(uri))
            assert got.body == content
            assert got.content_type == "application/pdf"
            assert got.filename == "résumé 1.pdf"

    asyncio.run(story())


def test_an_encrypted_file_goes_through_an_encrypted_room(hearth, tmp_path):
    async def story():
        async with (
            encrypting(hearth, "alice", tmp_path / "alice", registers=True) as alice,
            encrypting(hearth, "bob", tmp_path / "bob", registers=True) as bob,
        ):
            room = await encrypted_room(alice, bob)
            content = picture(40, 30)
            uri, keys = await upload(alice, content, content_type="image/png", filename="photo.png", encrypt=True)
            message = {
                "msgtype": "m.image", "body": "photo.png", "info": {"mimetype": "image/png", "size": len(content)},
                "file": keys | {"url": uri},
            }
            await expect(
                nio.RoomSendResponse, alice.room_send(room, "m.room.message", message, ignore_unverified_devices=True)
            )
            event = await step_until(bob, encrypted_image(room))
            got = await expect(nio.MemoryDownloadResponse, bob.download(event.url))
            assert got.body != content
            assert decrypt_attachment(got.body, event.key["k"], event.hashes["sha256"], event.iv) == content

    asyncio.run(story())


def encrypted_image(room_id):
    def find(response):
        events = response.rooms.join[room_id].timeline.events if room_id in response.rooms.join else []
        return next((event for event in events if isinstance(event, nio.RoomEncryptedImage)), None)

    return find


def test_a_picture_has_a_thumbnail(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice:
            uri, _ = await upload(alice, picture(1000, 500), content_type="image/png", filename="wide.png")
            server, media = uri.removeprefix("mxc://").split("/")
            for method, size, expected in (("scale", (320, 240), (320, 160)), ("crop", (96, 96), (96, 96))):
                got = await expect(
                    nio.ThumbnailResponse, alice.thumbnail(server, media, *size, method=nio.ResizingMethod(method))
                )
                with Image.open(io.BytesIO(got.body)) as thumbnail:
                    assert thumbnail.size == expected

    asyncio.run(story())


def test_a_profile_picture_is_seen_by_others(hearth):
    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice, logged_in(hearth, "bob", registers=True) as bob:
            content = picture(20, 20)
            uri, _ = await upload(alice, content, content_type="image/png", filename="me.png")
            await expect(nio.ProfileSetAvatarResponse, alice.set_avatar(uri))
            seen = await expect(nio.ProfileGetAvatarResponse, bob.get_avatar(alice.user_id))
            assert seen.avatar_url == uri
            got = await expect(nio.MemoryDownloadResponse, bob.download(seen.avatar_url))
            assert got.body == content

    asyncio.run(story())


def test_there_is_a_limit_to_a_file_and_nothing_at_a_wrong_place(start_hearth):
    hearth = start_hearth({"media.max_upload_size": "100000"})

    async def story():
        async with logged_in(hearth, "alice", registers=True) as alice:
            config = await expect(nio.ContentRepositoryConfigResponse, alice.content_repository_config())
            assert config.upload_size == 100_000
            content = os.urandom(100_001)
            refused, _ = await alice.upload(lambda *_: io.BytesIO(content), filesize=len(content))
            assert isinstance(refused, nio.UploadError) and refused.status_code == "M_TOO_LARGE"
            await upload(alice, content[1:])
            missing = await expect(nio.DownloadError, alice.download("mxc://localhost/nothing"))
            assert missing.status_code == "M_NOT_FOUND"

    asyncio.run(story())
