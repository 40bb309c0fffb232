import MatrixModel
import Testing

@Suite("User ids")
struct UserIDTests {
    @Test(
        "an id of the current or the historical grammar parses, and only the current one is strict",
        arguments: [
            ("@alice:example.org", "alice", "example.org", true),
            ("@a.b_c=d-e/f+0:example.org:8448", "a.b_c=d-e/f+0", "example.org:8448", true),
            ("@alice:[::1]:8448", "alice", "[::1]:8448", true),
            ("@_hearth:localhost", "_hearth", "localhost", true),
            ("@Alice:example.org", "Alice", "example.org", false),
            ("@al!ce~:example.org", "al!ce~", "example.org", false),
            ("@@alice:example.org", "@alice", "example.org", false),
        ])
    func valid(text: String, localpart: String, server: String, isStrict: Bool) throws {
        let user = try #require(UserID(text))
        #expect(user.rawValue == text)
        #expect(user.localpart == localpart)
        #expect(user.server == ServerName(server))
        #expect(user.isStrict == isStrict)
        #expect(UserID(localpart: localpart, server: user.server) == user)
    }

    @Test(
        "what has no sigil, no localpart, no server or a byte outside of printable ASCII is no user id",
        arguments: [
            "", "@", "alice", "alice:example.org", "@alice", "@alice:", "@:example.org", "#alice:example.org",
            "@al ice:example.org",
            "@alice\u{7F}:example.org", "@al\u{0}ice:example.org", "@älice:example.org", "@alice:exa mple.org",
            "@alice:example.org:",
            "@alice:bob:example.org", " @alice:example.org", "@alice:example.org\n",
        ])
    func invalid(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test(
        "a combining mark beside the sigil or the colon does not vanish from the id",
        arguments: [
            "@alice:\u{301}example.org", "@\u{301}alice:example.org", "@alice\u{301}:example.org", "@\u{600}alice:example.org",
        ])
    func combiningMark(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test(
        "with a server that is likely an id reads as without, whether it is that server's or not",
        arguments: [
            "@alice:example.org", "@Alice:example.org", "@@alice:example.org", "@alice:example.com", "@a:example.org:8448", "",
            "@", "@:example.org", "#alice:example.org", ":example.org", "@al ice:example.org", "@\u{E4}lice:example.org",
            "@alice:\u{301}example.org", "@alice:bob:example.org", "@alice:EXAMPLE.org",
            "@" + String(repeating: "a", count: 242) + ":example.org", "@" + String(repeating: "a", count: 243) + ":example.org",
        ])
    func likelyServer(text: String) throws {
        let server = try #require(ServerName("example.org"))
        let (likely, plain) = (UserID(text, likelyOn: server), UserID(text))
        #expect(likely == plain && likely?.server == plain?.server)
        #expect(UserID(text, likelyOn: nil) == plain)
    }

    @Test("an id has at most 255 bytes, its sigil and server included")
    func length() {
        let server = ":example.org"
        #expect(UserID("@" + String(repeating: "a", count: 254 - server.utf8.count) + server) != nil)
        #expect(UserID("@" + String(repeating: "a", count: 255 - server.utf8.count) + server) == nil)
    }

    @Test("a localpart that holds a colon or nothing makes no id")
    func localparts() throws {
        let server = try #require(ServerName("example.org"))
        #expect(UserID(localpart: "", server: server) == nil)
        #expect(UserID(localpart: "a:b", server: server) == nil)
        #expect(UserID(localpart: "a b", server: server) == nil)
    }
}
