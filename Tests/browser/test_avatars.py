"""Pictures of people: fetched with the token, shown from memory."""

import json
import struct
import urllib.request
import zlib


def picture(red, green, blue, side=64):
    """A PNG of one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes([red, green, blue]) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")


def upload(user, data, content_type="image/png"):
    request = urllib.request.Request(f"{user.base_url}/_matrix/media/v3/upload", method="POST", data=data)
    request.add_header("Content-Type", content_type)
    request.add_header("Authorization", f"Bearer {user.token}")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())["content_uri"]


COLOR = """
const image = document.querySelector('#groups .avatar img');
if (!image?.complete || !image.naturalWidth) return null;
const canvas = document.createElement('canvas').getContext('2d');
canvas.drawImage(image, 0, 0);
return [image.src.split(':')[0], ...['red', 'green', 'blue'].filter((_, part) => canvas.getImageData(5, 5, 1, 1).data[part] > 128)];
"""


def test_a_picture_is_shown_and_follows_its_change_and_initials_stand_in_for_what_is_none(client, open_board):
    alice, bob = client.register("alice"), client.register("bob")
    bob.join(alice.create_room(preset="public_chat", name="Kitchen"))
    set_avatar = lambda url: bob.request("PUT", "profile", bob.user_id, "avatar_url", body={"avatar_url": url})  # noqa: E731
    set_avatar(upload(bob, picture(200, 30, 30)))
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id)
    board.wait(lambda: board.run(COLOR) == ["blob", "red"], "the picture")
    set_avatar(upload(bob, picture(30, 30, 200)))
    board.wait(lambda: board.run(COLOR) == ["blob", "blue"], "the new picture")
    for url in [upload(bob, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"), "mxc://localhost/none", "https://example.org/x.png"]:
        set_avatar(url)
        board.wait(lambda: board.text("#groups .avatar") == "B" and not board.all("#groups .avatar img"), f"initials for {url}")
