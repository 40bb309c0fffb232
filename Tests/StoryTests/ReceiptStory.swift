import HearthTestKit
import MatrixModel
import Testing

@Suite("Receipts and read markers")
struct ReceiptStory {
    private struct Scene {
        let hearth: HearthProcess
        let alice: MatrixClient
        let bob: MatrixClient
        let room: String
        /// Three messages of alice.
        let events: [String]
    }

    private func story(_ body: (Scene) async throws -> Void) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            var events: [String] = []
            for number in 1...3 { events.append(try await alice.sendText("message \(number)", to: room)) }
            try await body(Scene(hearth: hearth, alice: alice, bob: bob, room: room, events: events))
        }
    }

    @Test("a receipt ends a held sync, takes what it covers from the count, and outlives a restart")
    func read() async throws {
        try await story { scene in
            let (alice, bob, room) = (scene.alice, scene.bob, scene.room)
            let start = try await alice.sync(setPresence: "offline")
            #expect(try await bob.sync(setPresence: "offline").unreadCount(of: room) == 3)
            async let held = alice.sync(since: start.nextBatch, timeout: 20_000, setPresence: "offline")
            try await bob.sendReceipt(for: scene.events[1], in: room)
            let news = try await held
            let receipt = news.receipt(of: bob.userID, for: scene.events[1], in: room)
            #expect(receipt?["ts"]?.integerValue ?? 0 > 1_500_000_000_000)
            #expect(receipt?["thread_id"] == nil)
            #expect(news.timeline(of: room).isEmpty)
            let repeated = try await alice.sync(since: start.nextBatch, setPresence: "offline")
            #expect(repeated.receipt(of: bob.userID, for: scene.events[1], in: room) != nil)
            #expect(try await alice.sync(since: news.nextBatch, setPresence: "offline").nextBatch == news.nextBatch)
            #expect(try await bob.sync(setPresence: "offline").unreadCount(of: room) == 1)
            try await scene.hearth.restart()
            let after = try await bob.sync(setPresence: "offline")
            #expect(after.unreadCount(of: room) == 1)
            #expect(after.receipt(of: bob.userID, for: scene.events[1], in: room) == receipt)
            #expect(try await alice.sync(since: news.nextBatch, setPresence: "offline").nextBatch == news.nextBatch)
        }
    }

    @Test("a private receipt counts as much and is shown to its sender's devices alone")
    func privately() async throws {
        try await story { scene in
            let (alice, bob, room) = (scene.alice, scene.bob, scene.room)
            let tablet = try await scene.hearth.client.login("bob")
            let starts = (try await alice.sync(setPresence: "offline"), try await tablet.sync(setPresence: "offline"))
            try await bob.sendReceipt("m.read.private", for: scene.events[2], in: room)
            let own = try await tablet.syncUntil(since: starts.1.nextBatch) { response in
                response.receipt("m.read.private", of: bob.userID, for: scene.events[2], in: room) != nil
            }
            #expect(own.unreadCount(of: room) == 0)
            let quiet = try await alice.sync(since: starts.0.nextBatch, setPresence: "offline")
            #expect(quiet.nextBatch == starts.0.nextBatch)
            for restarts in [false, true] {
                if restarts { try await scene.hearth.restart() }
                let whole = try await alice.sync(setPresence: "offline")
                #expect(whole.json.events(at: "rooms", "join", room, "ephemeral").isEmpty)
                #expect(try await bob.sync(setPresence: "offline").unreadCount(of: room) == 0)
            }
        }
    }

    @Test("no receipt and no marker goes back")
    func neverBack() async throws {
        try await story { scene in
            let (bob, room) = (scene.bob, scene.room)
            let markers: MatrixPath = "/rooms/\(room)/read_markers"
            let all: JSONObject = ["m.fully_read", "m.read", "m.read.private"].reduce(into: [:]) {
                $0[$1] = .string(scene.events[2])
            }
            try await bob.post(markers, .object(all))
            let start = try await bob.sync(setPresence: "offline")
            #expect(start.accountData("m.fully_read", of: room) == ["event_id": .string(scene.events[2])])
            try await bob.sendReceipt(for: scene.events[0], in: room)
            try await bob.sendReceipt("m.read.private", for: scene.events[1], in: room)
            try await bob.sendReceipt("m.fully_read", for: scene.events[1], in: room)
            try await bob.post(markers, ["m.fully_read": .string(scene.events[0])])
            #expect(try await bob.sync(since: start.nextBatch, setPresence: "offline").nextBatch == start.nextBatch)
            let whole = try await bob.sync(setPresence: "offline")
            #expect(whole.unreadCount(of: room) == 0)
            #expect(whole.accountData("m.fully_read", of: room) == ["event_id": .string(scene.events[2])])
            for kind in ["m.read", "m.read.private"] {
                #expect(whole.receipt(kind, of: bob.userID, for: scene.events[2], in: room) != nil)
            }
        }
    }

    @Test("a receipt may name the thread that its event belongs to, and no other")
    func threads() async throws {
        try await story { scene in
            let (alice, bob, room, root) = (scene.alice, scene.bob, scene.room, scene.events[0])
            func related(_ type: String, to event: String) async throws -> String {
                try await alice.send(
                    "m.room.message",
                    ["msgtype": "m.text", "body": "x", "m.relates_to": ["rel_type": .string(type), "event_id": .string(event)]],
                    to: room)
            }
            let inThread = try await related("m.thread", to: root)
            let ofThread = try await related("m.reference", to: inThread)
            func refusal(_ event: String, _ thread: String) async throws -> String? {
                try await bob.sendReceipt(for: event, in: room, thread: thread, expecting: 400).errorCode
            }
            for (event, thread) in [
                (scene.events[1], root), (inThread, scene.events[1]), (inThread, "main"), (ofThread, "main"), (inThread, ""),
                (inThread, "root"),
            ] {
                #expect(try await refusal(event, thread) == "M_INVALID_PARAM", "\(event) in \(thread)")
            }
            for (event, thread) in [(scene.events[1], "main"), (root, "main"), (inThread, root), (ofThread, root), (root, root)] {
                try await bob.sendReceipt(for: event, in: room, thread: thread)
            }
            let path: MatrixPath = "/rooms/\(room)/receipt/m.fully_read/\(root)"
            #expect(try await bob.post(path, ["thread_id": "main"], expecting: 400).errorCode == "M_INVALID_PARAM")
            let number: MatrixPath = "/rooms/\(room)/receipt/m.read/\(root)"
            #expect(try await bob.post(number, ["thread_id": 5], expecting: 400).errorCode == "M_INVALID_PARAM")
            let whole = try await alice.sync(setPresence: "offline")
            #expect(whole.receipt(of: bob.userID, for: ofThread, in: room)?["thread_id"] == .string(root))
            #expect(whole.receipt(of: bob.userID, for: scene.events[1], in: room)?["thread_id"] == "main")
        }
    }

    @Test("receipts of one user for one event in two threads are told both")
    func twoThreads() async throws {
        try await story { scene in
            let (alice, bob, room, event) = (scene.alice, scene.bob, scene.room, scene.events[0])
            try await bob.sendReceipt(for: event, in: room, thread: "main")
            try await bob.sendReceipt(for: event, in: room)
            let events = try await alice.sync(setPresence: "offline").json.events(at: "rooms", "join", room, "ephemeral")
            let threads = events.ofType("m.receipt").contents.compactMap { $0[event, "m.read", bob.userID] }.map {
                $0["thread_id"]
            }
            #expect(threads.count == 2 && threads.contains("main") && threads.contains(nil))
        }
    }

    @Test("however many threads somebody reads, what was read stays read, after a restart too")
    func manyThreads() async throws {
        try await withHearth(settings: ["quotas.receipts": "10"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            var roots: [String] = []
            for number in 1...30 { roots.append(try await alice.sendText("message \(number)", to: room)) }
            let last = try await alice.sendText("the last", to: room)
            try await bob.sendReceipt(for: last, in: room)
            for root in roots { try await bob.sendReceipt(for: root, in: room, thread: root) }
            let unread = try await alice.sendText("not read", to: room)
            for restarts in [false, true] {
                if restarts { try await hearth.restart() }
                let sync = try await bob.sync(setPresence: "offline")
                #expect(sync.unreadCount(of: room) == 1, "restarted: \(restarts)")
                #expect(sync.receipt(of: bob.userID, for: last, in: room) != nil)
                let threads = roots.count { sync.receipt(of: bob.userID, for: $0, in: room) != nil }
                #expect((8...10).contains(threads), "\(threads)")
            }
            try await bob.sendReceipt(for: unread, in: room)
            #expect(try await bob.sync(setPresence: "offline").unreadCount(of: room) == 0)
        }
    }

    @Test("receipts are for members and for events of the room")
    func refusals() async throws {
        try await story { scene in
            let (bob, room) = (scene.bob, scene.room)
            let mallory = try await scene.hearth.client.register("mallory")
            let secret = try await mallory.createRoom()
            let foreign = try await mallory.sendText("elsewhere", to: secret)
            #expect(try await mallory.sendReceipt(for: scene.events[0], in: room, expecting: 403).errorCode == "M_FORBIDDEN")
            #expect(try await bob.sendReceipt(for: foreign, in: room, expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await bob.sendReceipt(for: "$nothing", in: room, expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await bob.sendReceipt("m.seen", for: foreign, in: room, expecting: 400).errorCode == "M_INVALID_PARAM")
            let markers: MatrixPath = "/rooms/\(room)/read_markers"
            #expect(try await bob.post(markers, ["m.read": 5], expecting: 400).errorCode == "M_BAD_JSON")
            #expect(try await bob.post(markers, ["m.read": "x"], expecting: 400).errorCode == "M_INVALID_PARAM")
            let half: JSON = ["m.read": .string(scene.events[2]), "m.fully_read": .string(foreign)]
            #expect(try await bob.post(markers, half, expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await bob.sync(setPresence: "offline").unreadCount(of: room) == 3, "all marks or none")
        }
    }
}
