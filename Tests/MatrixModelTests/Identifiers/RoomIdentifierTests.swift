import MatrixModel
import Testing

@Suite("Room ids, event ids and aliases")
struct RoomIdentifierTests {
    @Test(
        "a room id names its server up to room version 11 and is a bare hash from version 12 on",
        arguments: [
            ("!abc:example.org", "example.org"),
            ("!a/b+c=:example.org:8448", "example.org:8448"),
            ("!日本:[::1]", "[::1]"),
            ("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", nil),
            ("!a", nil),
        ] as [(String, String?)])
    func validRoomID(text: String, server: String?) throws {
        let room = try #require(RoomID(text))
        #expect(room.rawValue == text)
        #expect(room.server?.rawValue == server)
    }

    @Test(
        "a room id without its parts, or with anything but base64 in a bare hash, is refused",
        arguments: [
            "", "!", "abc", "abc:example.org", "#abc:example.org", "!:example.org", "!abc:", "!a b:example.org",
            "!a\u{0}b:example.org",
            "!a+b", "!a/b", "!a=", "!ä", "!a b", "!abc:\u{301}example.org", "!a\u{7F}:example.org",
        ])
    func invalidRoomID(text: String) {
        #expect(RoomID(text) == nil)
    }

    @Test(
        "an event id is a dollar sign and visible characters",
        arguments: [
            "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg", "$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk", "$old:example.org",
            "$ü",
        ])
    func validEventID(text: String) {
        #expect(EventID(text)?.rawValue == text)
    }

    @Test(
        "an event id without sigil or with white space is refused", arguments: ["", "$", "abc", "!abc", "$a b", "$a\n", "$\u{0}"])
    func invalidEventID(text: String) {
        #expect(EventID(text) == nil)
    }

    @Test(
        "an alias may hold any character but the colon and U+0000",
        arguments: [
            ("#room:example.org", "room", "example.org"),
            ("#@alice:example.org:8448", "@alice", "example.org:8448"),
            ("#日本語 部屋:example.org", "日本語 部屋", "example.org"),
            ("#🏠🏳️‍🌈:example.org", "🏠🏳️‍🌈", "example.org"),
            ("#\u{301}e\u{301}:example.org", "\u{301}e\u{301}", "example.org"),
            ("#a\u{600}:example.org", "a\u{600}", "example.org"),
            ("##:example.org", "#", "example.org"),
        ])
    func validAlias(text: String, localpart: String, server: String) throws {
        let alias = try #require(RoomAlias(text))
        #expect(alias.rawValue == text)
        #expect(String(alias.localpart).hasSameBytes(as: localpart))
        #expect(alias.server.rawValue == server)
        #expect(RoomAlias(localpart: localpart, server: alias.server) == alias)
    }

    @Test(
        "an alias without its parts is refused, and so is one whose server begins with a combining mark",
        arguments: [
            "", "#", "#room", "#room:", "#:example.org", "room:example.org", "!room:example.org", "#ro\u{0}om:example.org",
            "#a:b:example.org",
            "#room:\u{301}example.org", "#room:exämple.org",
        ])
    func invalidAlias(text: String) {
        #expect(RoomAlias(text) == nil)
    }

    @Test("aliases that differ only in normalisation are different", arguments: [("#\u{E9}:a", "#e\u{301}:a")])
    func normalisation(composed: String, decomposed: String) throws {
        let (one, two) = (try #require(RoomAlias(composed)), try #require(RoomAlias(decomposed)))
        #expect(one != two)
        #expect(Set([one, two]).count == 2)
    }

    @Test("255 bytes are the limit, counted in UTF-8")
    func lengths() {
        #expect(RoomID("!" + String(repeating: "a", count: 254)) != nil)
        #expect(RoomID("!" + String(repeating: "a", count: 255)) == nil)
        #expect(EventID("$" + String(repeating: "a", count: 254)) != nil)
        #expect(EventID("$" + String(repeating: "a", count: 255)) == nil)
        #expect(RoomAlias("#" + String(repeating: "é", count: 126) + ":a") != nil)
        #expect(RoomAlias("#" + String(repeating: "é", count: 127) + ":a") == nil)
        #expect(DeviceID(String(repeating: "é", count: 127)) != nil)
        #expect(DeviceID(String(repeating: "é", count: 128)) == nil)
    }

    @Test("a text names a room by id or by alias, by nothing else")
    func idOrAlias() throws {
        #expect(try RoomIDOrAlias("!abc:a") == .id(#require(RoomID("!abc:a"))))
        #expect(try RoomIDOrAlias("#abc:a") == .alias(#require(RoomAlias("#abc:a"))))
        #expect(RoomIDOrAlias("@abc:a") == nil)
        #expect(RoomIDOrAlias("abc:a") == nil)
    }

    @Test(
        "a device id is any text of 1 to 255 bytes without U+0000",
        arguments: [("JLAFKJWSCS", true), ("my phone 📱", true), ("", false), ("a\u{0}", false)])
    func deviceIDs(text: String, isValid: Bool) {
        #expect((DeviceID(text) != nil) == isValid)
    }
}
