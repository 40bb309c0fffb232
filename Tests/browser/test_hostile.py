"""What others write is text, whatever they write."""

HOSTILE = [
    "<img src=x onerror=\"document.title='broken into'\">",
    "<script>document.title='broken into'</script>",
    "\u202egnp.exe\u202d Alice\u2066",
    "x" * 10_000,
    "Z" + "\u0321\u0335\u0348" * 60 + "algo",
    "\u0007\u0000line\r\nbreak\u2028paragraph".replace("\u0000", ""),
    "javascript:document.title='broken into'",
    "👩‍👩‍👧‍👦" * 40,
    "هايدي شلومو",
    "constructor", "__proto__",
]


def test_hostile_names_statuses_and_rooms_are_text_and_stay_in_their_place(client, open_board):
    alice = client.register("alice")
    rooms = [alice.create_room(preset="public_chat", name=name) for name in HOSTILE[:4]]
    people = []
    for number, text in enumerate(HOSTILE):
        user = client.register(f"u{number}")
        user.request("PUT", "profile", user.user_id, "displayname", body={"displayname": text[:255]})
        user.request("PUT", "profile", user.user_id, "avatar_url", body={"avatar_url": f"mxc://x/\"><script>{number}"})
        user.set_state(user.profile_room(), "m.status", {"text": text[:60], "emoji": text[:6]})
        for room in rooms:
            user.join(room)
        people.append(user)
    board = open_board().log_in("alice")
    for user in people:
        board.wait(lambda user=user: (row := board.row(user.user_id)) and row["status"], f"{user.user_id} with status")
    assert board.driver.title == "Hearth: who is home"
    assert board.run("return document.querySelectorAll('#groups script, #groups img, #groups a').length") == 0

    facts = board.run(
        """
        return [...document.querySelectorAll('#groups .person')].map((row) => {
          const name = row.querySelector('.name');
          const box = row.getBoundingClientRect();
          const inside = [...row.querySelectorAll('.name, .id, .status, .status-text, .meta')].filter((part) => part.getClientRects().length).every((part) => {
            const mine = part.getBoundingClientRect();
            return mine.left >= box.left - 1 && mine.right <= box.right + 1;
          });
          return {
            id: row.querySelector('.id').textContent, idWidth: row.querySelector('.id').getBoundingClientRect().width,
            length: [...name.textContent].length, isIsolated: getComputedStyle(name).unicodeBidi === 'isolate',
            overrides: /[\\u202a-\\u202e\\u2066-\\u2069]/.test(row.textContent), height: box.height, inside,
          };
        });
        """)
    assert len(facts) == len(HOSTILE)
    for fact in facts:
        assert fact["inside"], fact
        assert fact["isIsolated"] and not fact["overrides"], fact
        assert fact["length"] <= 120 and fact["height"] < 120, fact
        assert fact["idWidth"] > 20, "a long name must not push the user id away"
    options = board.run("return [...document.querySelectorAll('#room-filter option')].map((option) => option.textContent)")
    assert len(options) == 5 and all(len(text) <= 120 for text in options)
    assert not any("\u202e" in text for text in options)
    for size in [(1280, 900), (390, 844), (320, 640)]:
        board.resize(size)
        assert board.run("return document.documentElement.scrollWidth <= window.innerWidth"), f"{size} scrolls sideways"


def test_text_is_tamed(open_board):
    board = open_board()
    board.until_shown("#login-form")
    tamed = board.await_script(
        """
        const { tame, isUserID, initials, byteLength } = await import('/board/text.js');
        return {
          long: [...tame('👩'.repeat(500), 100)].length, none: tame({ toString: () => 'x' }), control: tame('a\\u0000b\\u202ec\\n\\n d'),
          surrogate: tame('a\\ud800b'), marks: tame('e' + '\\u0301'.repeat(50)).length, arabic: tame('هايدي'),
          ids: ['@a:b', '@a:b:8448', 'a:b', '@:b', '@a', '@a b:c', '@a:b/c', '@' + 'a'.repeat(300) + ':b', 5].map(isUserID),
          initials: ['Ada Lovelace', '@bob', '...', '', '👩 x', 'هايدي'].map(initials), bytes: byteLength('ж🏃'),
        };
        """)
    assert tamed == {
        "long": 100, "none": "", "control": "a b c d", "surrogate": "a\ufffdb", "marks": 5, "arabic": "هايدي",
        "ids": [True, True, False, False, False, False, False, False, False],
        "initials": ["AL", "B", "?", "?", "X", "ه"], "bytes": 6,
    }


def test_somebody_elses_room_cannot_speak_for_a_person(client, open_board):
    """Only a room that the server's own user made is a profile room, whatever its create event says."""
    alice, mallory = client.register("alice"), client.register("mallory")
    room = mallory.create_room(preset="public_chat")
    alice.join(room)
    board = open_board().log_in("alice")
    board.until_seen(mallory.user_id)
    taken = board.await_script(
        """
        const { People } = await import('/board/people.js');
        const people = new People('@me:s', () => {});
        people.setAdded(new Set(['@bob:s']));
        const part = (sender, type) => ({ state: { events: [
          { type: 'm.room.create', state_key: '', sender, content: { type, 'io.hearth.owner': '@bob:s' } },
          { type: 'm.presence', state_key: '', sender, content: { presence: 'busy' } },
        ] } });
        const forged = [people.peeked('!1', part('@mallory:s', 'm.profile')), people.peeked('!2', part('@_hearth:other', 'm.profile')), people.peeked('!3', part('@_hearth:s', undefined))];
        const before = people.get('@bob:s').presence;
        const real = people.peeked('!4', part('@_hearth:s', 'm.profile'));
        return [forged, before, real, people.get('@bob:s').presence];
        """)
    assert taken == [[False, False, False], None, True, "busy"]
