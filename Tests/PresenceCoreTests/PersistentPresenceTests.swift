import MatrixModel
import PresenceCore
import Testing

@Suite("m.presence.persistent")
struct PersistentPresenceTests {
    static let prefix = "org.continuwuity.presence_v2.msc4532."

    @Test(
        "both spellings are read",
        arguments: [
            ("offline", .chosen(.offline)), ("busy", .chosen(.busy)), ("unavailable", .chosen(.unavailable)),
            ("idle", .chosen(.unavailable)), ("online", .automatic), ("active", .automatic), ("zzz", .unknown),
        ] as [(String, PersistentPresence.Override)])
    func words(word: String, override: PersistentPresence.Override) {
        for spelling in [word, Self.prefix + word] {
            for status in ["status", Self.prefix + "status"] {
                let content: JSONObject = ["state_override": .string(spelling), "other": 1]
                let read = PersistentPresence(parsing: content.merging([status: ["msg": "x"]]))
                #expect(read == PersistentPresence(override: override, message: .text("x")))
            }
        }
    }

    @Test(
        "values of the wrong shape mean nothing",
        arguments: [
            ["state_override": 1, "status": 1], ["state_override": ["busy"], "status": ["msg"]],
            ["state_override": ["presence": "busy"], "status": ["msg": 1]], ["state_override": true, "status": "x"],
        ] as [JSONObject])
    func shapes(content: JSONObject) {
        let read = PersistentPresence(parsing: content)
        #expect(read == PersistentPresence(override: .unknown, message: .unknown))
        let stored = PersistentPresence(override: .chosen(.busy), message: .text("x"))
        #expect(stored.change(to: read) == .init(choice: .stays, status: .stays))
    }

    @Test("only what differs from what is stored changes anything; nothing is as good as what means nothing")
    func changes() {
        typealias Change = PersistentPresence.Change
        let busy = PersistentPresence(override: .chosen(.busy), message: .text("x"))
        #expect(busy.change(to: busy) == Change(choice: .stays, status: .stays))
        #expect(busy.change(to: .init()) == Change(choice: .ends, status: .ends))
        #expect(busy.change(to: .init(override: .automatic, message: .text("y"))) == Change(choice: .ends, status: .becomes("y")))
        #expect(
            busy.change(to: .init(override: .chosen(.offline), message: .text("x")))
                == Change(choice: .becomes(.offline), status: .stays))
        let zzz = PersistentPresence(override: .unknown, message: .unknown)
        #expect(zzz.change(to: .init()) == Change(choice: .stays, status: .stays))
        #expect(zzz.change(to: busy) == Change(choice: .becomes(.busy), status: .becomes("x")))
    }

    @Test("the server writes two keys, in the spelling of the name, and leaves all others")
    func writing() {
        let value = PersistentPresence(override: .chosen(.unavailable), message: .text("x"))
        let content: JSONObject = ["other": 1, "status": ["msg": "old", "more": 2]]
        #expect(
            value.written(into: content, as: "m.presence.persistent")
                == ["other": 1, "status": ["msg": "x", "more": 2], "state_override": "idle"])
        #expect(
            value.written(into: [:], as: PersistentPresence.types[1])
                == ["state_override": .string(Self.prefix + "idle"), .init(Self.prefix + "status"): ["msg": "x"]])
        let empty = PersistentPresence().written(
            into: value.written(into: content, as: "m.presence.persistent"), as: "m.presence.persistent")
        #expect(empty == ["other": 1, "status": ["more": 2]])
    }

    @Test(
        "what says the same already stays as its client wrote it",
        arguments: [["state_override": "unavailable", "x": 1], ["state_override": "org.continuwuity.presence_v2.msc4532.idle"]]
            as [JSONObject])
    func stays(content: JSONObject) {
        #expect(
            PersistentPresence(override: .chosen(.unavailable)).written(into: content, as: "m.presence.persistent") == content)
        #expect(
            PersistentPresence().written(into: ["state_override": "zzz"], as: "m.presence.persistent") == [
                "state_override": "zzz"
            ])
    }
}
