import HearthTestKit
import MatrixModel
import Testing

/// Keys of devices over real HTTP: uploaded, asked for, and handed out once.
@Suite("One-time keys")
struct OneTimeKeyStory {
    @Test("claims in parallel get one key each, never the same, then the fallback key, and a restart brings none back")
    func race() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let upload = try await alice.uploadKeys([
                "device_keys": .object(alice.deviceKeys()), "one_time_keys": MatrixClient.oneTimeKeys(1...20),
                "fallback_keys": MatrixClient.oneTimeKeys([1], isFallback: true),
            ])
            #expect(upload["one_time_key_counts", "signed_curve25519"] == 20)
            let first = try await alice.sync(setPresence: "offline")
            #expect(first.oneTimeKeyCount == 20)
            #expect(first["device_unused_fallback_key_types"] == ["signed_curve25519"])

            let claimed = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<15 { group.addTask { try await bob.claimKey(of: alice) } }
                return try await group.reduce(into: [String]()) { $0.append($1 ?? "none") }
            }
            #expect(Set(claimed).count == 15 && claimed.allSatisfy { $0.contains(":K") }, "\(claimed)")
            hearth.kill()
            try await hearth.start()
            let rest = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<8 { group.addTask { try await bob.claimKey(of: alice) } }
                return try await group.reduce(into: [String]()) { $0.append($1 ?? "none") }
            }
            #expect(rest.filter { $0 == "signed_curve25519:F1" }.count == 3, "\(rest)")
            #expect(Set(claimed + rest).count == 21)

            let news = try await alice.sync(since: first.nextBatch, timeout: 10_000, setPresence: "offline")
            // Told, also though it is none: some clients take what is missing for unknown.
            #expect(news["device_one_time_keys_count"] == ["signed_curve25519": 0])
            #expect(try await alice.uploadKeys([:])["one_time_key_counts"] == ["signed_curve25519": 0])
            #expect(news["device_unused_fallback_key_types"] == [])
            #expect(news.nextBatch != first.nextBatch)
            // The same fallback key again is still used, another one is not.
            try await alice.uploadKeys(["fallback_keys": MatrixClient.oneTimeKeys([1], isFallback: true)])
            #expect(try await alice.sync(setPresence: "offline")["device_unused_fallback_key_types"] == [])
            try await alice.uploadKeys(["fallback_keys": MatrixClient.oneTimeKeys([2], isFallback: true)])
            #expect(
                try await alice.sync(setPresence: "offline")["device_unused_fallback_key_types"] == ["signed_curve25519"])
        }
    }

    @Test("one-time keys are handed out in the order of their uploads, and a held sync tells at once how many are left")
    func order() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys([9])])
            try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys([1])])
            let start = try await alice.sync(setPresence: "offline")
            async let held = alice.sync(since: start.nextBatch, timeout: 20_000, setPresence: "offline")
            #expect(try await bob.claimKey(of: alice) == "signed_curve25519:K9")
            #expect(try await held.oneTimeKeyCount == 1)
            #expect(try await bob.claimKey(of: alice) == "signed_curve25519:K1")
            #expect(try await bob.claimKey(of: alice) == nil)
        }
    }

    @Test("the same one-time key may be uploaded again, another one of its name not, and then nothing of the upload is taken")
    func sameName() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys(1...3)])
            let again = try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys(2...4)])
            #expect(again["one_time_key_counts", "signed_curve25519"] == 4)
            let other: JSON = [
                "signed_curve25519:K1": ["key": "another", "signatures": [:]],
                "signed_curve25519:K9": ["key": "new", "signatures": [:]],
            ]
            let refused = try await alice.uploadKeys(["one_time_keys": other], expecting: 400)
            #expect(refused["error"]?.stringValue?.contains("already exists") == true)
            #expect(try await alice.uploadKeys([:])["one_time_key_counts", "signed_curve25519"] == 4)
        }
    }

    @Test("a device with another identity loses the keys that the old one signed, and its contacts are told")
    func otherIdentity() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await alice.join(try await bob.createRoom(["preset": "public_chat"]))
            try await alice.uploadKeys([
                "device_keys": .object(alice.deviceKeys()), "one_time_keys": MatrixClient.oneTimeKeys(1...3),
                "fallback_keys": MatrixClient.oneTimeKeys([1], isFallback: true),
            ])
            let start = try await bob.sync(setPresence: "offline")
            // The same keys once more are no news.
            try await alice.uploadKeys(["device_keys": .object(alice.deviceKeys())])
            #expect(try await bob.sync(since: start.nextBatch, setPresence: "offline").nextBatch == start.nextBatch)
            let upload = try await alice.uploadKeys([
                "device_keys": .object(alice.deviceKeys(ed25519: "other")), "one_time_keys": MatrixClient.oneTimeKeys([7]),
            ])
            #expect(upload["one_time_key_counts", "signed_curve25519"] == 1)
            #expect(try await bob.sync(since: start.nextBatch, setPresence: "offline").changedDeviceLists == [alice.userID])
            #expect(try await bob.claimKey(of: alice) == "signed_curve25519:K7")
            #expect(try await bob.claimKey(of: alice) == nil)
        }
    }

    @Test(
        "a query tells the keys that a device uploaded and its name, of named devices alone, and servers that are not here as failures"
    )
    func query() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "PHONE")
            let tablet = try await hearth.client.login("alice", deviceID: "TABLET")
            let bob = try await hearth.client.register("bob")
            var keys = alice.deviceKeys()
            keys["unsigned"] = ["device_display_name": "forged"]
            try await alice.uploadKeys(["device_keys": .object(keys)])
            try await tablet.uploadKeys(["device_keys": .object(tablet.deviceKeys(ed25519: "tablet"))])
            try await alice.put("/devices/PHONE", ["display_name": "Alice's phone"])
            let all = try await bob.queryKeys(of: alice.userID, bob.userID, "@nobody:localhost", "@far:away.example")
            keys["unsigned"] = ["device_display_name": "Alice's phone"]
            #expect(all["device_keys", alice.userID, "PHONE"] == .object(keys))
            #expect(all["device_keys", alice.userID, "TABLET", "unsigned"] == [:])
            #expect(all["device_keys", bob.userID] == [:])
            #expect(all["device_keys", "@nobody:localhost"] == nil)
            #expect(all["failures"]?.objectValue?.members.map(\.key) == ["away.example"])
            let one = try await bob.post(
                "/keys/query", ["device_keys": .pairs((alice.userID, ["TABLET", "NONE"]))])
            #expect(one["device_keys", alice.userID]?.objectValue?.members.map(\.key) == ["TABLET"])
        }
    }
}
