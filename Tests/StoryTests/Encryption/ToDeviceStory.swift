import HearthTestKit
import MatrixModel
import Testing

/// Messages to devices over real HTTP.
@Suite("Messages to devices")
struct ToDeviceStory {
    private static func numbers(in sync: SyncResponse) -> [Int64] {
        sync.toDevice.compactMap { $0["content", "number"]?.integerValue }
    }

    private static func to(_ device: MatrixClient, _ number: Int) -> JSON {
        .pairs((device.userID, .pairs((device.deviceID, ["number": .integer(Int64(number))]))))
    }

    @Test("a message comes once by its transaction, again for the same token, and is gone with a later one, across restarts")
    func once() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let start = try await alice.sync(setPresence: "offline")
            async let held = alice.sync(since: start.nextBatch, timeout: 20_000, setPresence: "offline")
            try await bob.sendToDevice("m.test", Self.to(alice, 1), transactionID: "t1")
            let news = try await held
            #expect(
                news.toDevice == [["type": "m.test", "sender": .string(bob.userID), "content": ["number": 1]]])
            try await hearth.restart()
            try await bob.sendToDevice("m.test", Self.to(alice, 1), transactionID: "t1")
            let again = try await alice.sync(since: start.nextBatch, timeout: 10_000, setPresence: "offline")
            #expect(Self.numbers(in: again) == [1])
            // The same id of another type is another request.
            try await bob.sendToDevice("m.other", Self.to(alice, 2), transactionID: "t1")
            let next = try await alice.sync(since: again.nextBatch, timeout: 10_000, setPresence: "offline")
            #expect(Self.numbers(in: next) == [2])
            #expect(try await alice.sync(since: next.nextBatch, setPresence: "offline").toDevice == [])
            // The last token is proof: what came before it is deleted, for every token.
            try await eventually("the messages are deleted") {
                try await alice.sync(since: start.nextBatch, setPresence: "offline").toDevice.isEmpty
            }
            try await hearth.restart()
            #expect(try await alice.sync(setPresence: "offline").toDevice == [])
        }
    }

    @Test("a star reaches all devices of a user, a named device gets its own message, what does not exist is passed over")
    func recipients() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let bob = try await hearth.client.register("bob")
            let messages = JSON.pairs(
                (alice.userID, .pairs(("*", ["number": 1]), (tablet.deviceID, ["number": 2]), ("NONE", ["number": 3]))),
                ("@nobody:localhost", ["*": [:]]), ("@far:away.example", ["*": [:]]))
            try await bob.sendToDevice("m.test", messages, transactionID: "t")
            #expect(Self.numbers(in: try await alice.sync(setPresence: "offline")) == [1])
            #expect(Self.numbers(in: try await tablet.sync(setPresence: "offline")) == [2])
            #expect(try await bob.sync(setPresence: "offline").toDevice == [])
            let large: JSON = ["big": .string(String(repeating: "x", count: 66_000))]
            let refused = try await bob.put(
                "/sendToDevice/m.test/large",
                ["messages": .pairs((alice.userID, ["*": large]))], expecting: 413)
            #expect(refused.errorCode == "M_TOO_LARGE")
        }
    }

    @Test("of many messages a hundred come in one answer, the rest at once with the next tokens, and nothing else comes twice")
    func many() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            let start = try await alice.sync(setPresence: "offline")
            for number in 0..<120 {
                try await bob.sendToDevice("m.test", Self.to(alice, number), transactionID: "a\(number)")
            }
            try await bob.sendText("between", to: room)
            for number in 120..<230 {
                try await bob.sendToDevice("m.test", Self.to(alice, number), transactionID: "a\(number)")
            }
            var (since, seen, texts) = (start.nextBatch, [Int64](), 0)
            for count in [100, 100, 30] {
                let sync = try await alice.sync(since: since, timeout: 20_000, setPresence: "offline")
                #expect(sync.toDevice.count == count)
                let again = try await alice.sync(since: since, timeout: 20_000, setPresence: "offline")
                #expect(Self.numbers(in: again) == Self.numbers(in: sync))
                seen += Self.numbers(in: sync)
                texts += sync.timeline(of: room).count
                since = sync.nextBatch
                if count == 100 { try await hearth.restart() }
            }
            #expect(seen == (0..<230).map { Int64($0) })
            #expect(texts == 1)
            #expect(try await alice.sync(since: since, setPresence: "offline").nextBatch == since)
        }
    }

    @Test("a device that logs out takes its messages along, and one that comes with its id gets none of them")
    func logOut() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "PHONE")
            let bob = try await hearth.client.register("bob")
            try await alice.uploadKeys([
                "device_keys": .object(alice.deviceKeys()), "one_time_keys": MatrixClient.oneTimeKeys(1...3),
            ])
            try await bob.sendToDevice("m.test", Self.to(alice, 1), transactionID: "t")
            try await alice.logOut()
            let again = try await hearth.client.login("alice", deviceID: "PHONE")
            let sync = try await again.sync(setPresence: "offline")
            #expect(sync.toDevice == [] && sync.oneTimeKeyCount == 0)
            #expect(try await bob.claimKey(of: alice) == nil)
            #expect(try await bob.queryKeys(of: alice.userID)["device_keys", alice.userID] == [:])
        }
    }

    @Test("what was acknowledged to the sender arrives once and in order though the server is killed again and again")
    func kills() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            var since = try await alice.sync(setPresence: "offline").nextBatch
            var (sent, seen) = (0, [Int64]())
            for round in 0..<6 {
                let first = sent
                let last = first + 40
                async let acknowledged = Self.sendUntilKilled(first..<last, from: bob, to: alice)
                async let received = Self.receiveUntilKilled(by: alice, since: since)
                try await Task.sleep(for: .milliseconds(60 + 40 * round))
                hearth.kill()
                let got = await received
                since = got.since
                seen += got.numbers
                let count = await acknowledged
                try await hearth.start()
                // What was not acknowledged is sent again under its id; it may have been stored.
                sent = first + count
                try await bob.sendToDevice("m.test", Self.to(alice, sent), transactionID: "n\(sent)")
                sent += 1
            }
            while true {
                let sync = try await alice.sync(since: since, setPresence: "offline")
                if sync.toDevice.isEmpty { break }
                seen += Self.numbers(in: sync)
                since = sync.nextBatch
            }
            #expect(seen == (0..<sent).map { Int64($0) })
            #expect(sent >= 6)
        }
    }

    /// Sends numbers one after the other and returns how many were acknowledged.
    private static func sendUntilKilled(_ numbers: Range<Int>, from sender: MatrixClient, to device: MatrixClient) async -> Int {
        var count = 0
        do {
            for number in numbers {
                try await sender.sendToDevice("m.test", to(device, number), transactionID: "n\(number)")
                count += 1
            }
        } catch {
            // The server was killed.
        }
        return count
    }

    /// Syncs on and returns what came, and the last token.
    private static func receiveUntilKilled(by device: MatrixClient, since: String) async -> (since: String, numbers: [Int64]) {
        var (since, seen) = (since, [Int64]())
        do {
            while true {
                let sync = try await device.sync(since: since, timeout: 20_000, setPresence: "offline")
                seen += numbers(in: sync)
                since = sync.nextBatch
            }
        } catch {
            return (since: since, numbers: seen)
        }
    }

    private func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, what)
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
