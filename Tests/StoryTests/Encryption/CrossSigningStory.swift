import HearthTestKit
import MatrixModel
import Testing

/// Cross-signing over real HTTP, with keys that sign.
@Suite("Cross-signing")
struct CrossSigningStory {
    private static func auth(_ password: String = "correct horse battery staple") -> JSON {
        ["type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"], "password": .string(password)]
    }

    @Test("the first keys and the same again need no password, other ones do, and a user-signing key is its user's alone to see")
    func upload() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await bob.join(try await alice.createRoom(["preset": "public_chat"]))
            let start = try await bob.sync(setPresence: "offline")
            let keys = try CrossSigningSet(of: alice.userID)
            try await alice.post("/keys/device_signing/upload", .object(keys.upload))
            let news = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(news.changedDeviceLists == [alice.userID])
            try await alice.post("/keys/device_signing/upload", .object(keys.upload))
            #expect(try await bob.sync(since: news.nextBatch, setPresence: "offline").nextBatch == news.nextBatch)
            try await hearth.restart()
            let seen = try await bob.queryKeys(of: alice.userID)
            #expect(seen["master_keys", alice.userID] == keys.upload["master_key"])
            #expect(seen["self_signing_keys", alice.userID] == keys.upload["self_signing_key"])
            #expect(seen["user_signing_keys", alice.userID] == nil)
            #expect(
                try await alice.queryKeys(of: alice.userID)["user_signing_keys", alice.userID] == keys.upload["user_signing_key"])

            let others = try CrossSigningSet(of: alice.userID)
            let challenge = try await alice.post("/keys/device_signing/upload", .object(others.upload), expecting: 401)
            #expect(challenge["flows"] == [["stages": ["m.login.password"]]])
            var upload = others.upload
            upload["auth"] = Self.auth("wrong")
            #expect(
                try await alice.post("/keys/device_signing/upload", .object(upload), expecting: 401).errorCode == "M_FORBIDDEN")
            #expect(try await bob.queryKeys(of: alice.userID)["master_keys", alice.userID] == keys.upload["master_key"])
            var auth = Self.auth().objectValue ?? [:]
            auth["session"] = challenge["session"]
            upload["auth"] = .object(auth)
            try await alice.post("/keys/device_signing/upload", .object(upload))
            #expect(try await bob.queryKeys(of: alice.userID)["master_keys", alice.userID] == others.upload["master_key"])
        }
    }

    @Test("keys that are not signed by the master key, or are no keys, are refused and change nothing")
    func badKeys() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let keys = try CrossSigningSet(of: alice.userID)
            let others = try CrossSigningSet(of: alice.userID)
            let wrongSignature = others.selfSigning.json(usage: "self_signing", signedBy: others.master)
            var forged = keys.upload["self_signing_key"]?.objectValue ?? [:]
            forged["usage"] = ["self_signing", "user_signing"]
            let cases: [(JSONObject, String)] = [
                (["self_signing_key": .object(wrongSignature)], "M_MISSING_PARAM"),
                (
                    ["master_key": keys.upload["master_key"] ?? .null, "self_signing_key": .object(wrongSignature)],
                    "M_INVALID_SIGNATURE"
                ),
                (["master_key": keys.upload["master_key"] ?? .null, "self_signing_key": .object(forged)], "M_INVALID_SIGNATURE"),
                (["master_key": .object(keys.master.json(usage: "self_signing"))], "M_INVALID_PARAM"),
                (["master_key": .object(try SigningIdentity(of: "@bob:localhost").json(usage: "master"))], "M_INVALID_PARAM"),
                (["master_key": 5], "M_BAD_JSON"), (["master_key": [:]], "M_MISSING_PARAM"),
            ]
            for (body, code) in cases {
                let answer = try await alice.post("/keys/device_signing/upload", .object(body), expecting: 400)
                #expect(answer.errorCode == code, "\(JSON.object(body).text)")
            }
            #expect(try await alice.queryKeys(of: alice.userID)["master_keys"] == [:])
            let device = try await hearth.client.login("alice", deviceID: keys.master.publicKey)
            let inUse = try await device.post("/keys/device_signing/upload", .object(keys.upload), expecting: 403)
            #expect(inUse.errorCode == "M_FORBIDDEN")
        }
    }

    @Test("signatures of a device, of one's own and of another's master key go where they may be seen")
    func signatures() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await carol.join(room)
            let device = try SigningIdentity(of: alice.userID, device: alice.deviceID)
            let deviceKeys = device.sign(alice.deviceKeys(ed25519: device.publicKey))
            try await alice.uploadKeys(["device_keys": .object(deviceKeys)])
            let keys = try CrossSigningSet(of: alice.userID)
            let bobs = try CrossSigningSet(of: bob.userID)
            try await alice.post("/keys/device_signing/upload", .object(keys.upload))
            try await bob.post("/keys/device_signing/upload", .object(bobs.upload))
            let (tabletStart, carolStart) = (
                try await tablet.sync(setPresence: "offline"), try await carol.sync(setPresence: "offline")
            )
            let bobsMaster = bobs.upload["master_key"]?.objectValue ?? [:]
            let body = JSON.pairs(
                (
                    alice.userID,
                    .pairs(
                        (alice.deviceID, .object(keys.selfSigning.sign(deviceKeys))),
                        (keys.master.publicKey, .object(device.sign(keys.upload["master_key"]?.objectValue ?? [:]))),
                        (keys.selfSigning.publicKey, .object(keys.master.sign(keys.selfSigning.json(usage: "self_signing")))))
                ), (bob.userID, .pairs((bobs.master.publicKey, .object(keys.userSigning.sign(bobsMaster))))))
            let answer = try await alice.post("/keys/signatures/upload", body)
            #expect(answer["failures", alice.userID]?.objectValue?.members.map(\.key) == [keys.selfSigning.publicKey])
            #expect(answer["failures", bob.userID] == nil)
            try await hearth.restart()

            let seen = try await carol.queryKeys(of: alice.userID, bob.userID)
            let ofDevice = seen["device_keys", alice.userID, alice.deviceID, "signatures", alice.userID]?.objectValue
            #expect(Set(ofDevice?.members.map(\.key) ?? []) == [device.keyID, keys.selfSigning.keyID])
            let ofMaster = seen["master_keys", alice.userID, "signatures", alice.userID]?.objectValue
            #expect(ofMaster?.members.map(\.key) == [device.keyID])
            #expect(seen["master_keys", bob.userID, "signatures"] == nil, "who verified whom is nobody else's business")
            let own = try await tablet.queryKeys(of: bob.userID)
            #expect(own["master_keys", bob.userID, "signatures", alice.userID, keys.userSigning.keyID] != nil)

            let told = try await tablet.sync(since: tabletStart.nextBatch, setPresence: "offline")
            #expect(Set(told.changedDeviceLists) == [alice.userID, bob.userID])
            let others = try await carol.sync(since: carolStart.nextBatch, setPresence: "offline")
            #expect(others.changedDeviceLists == [alice.userID])
            // The same keys again keep the signatures.
            try await alice.uploadKeys(["device_keys": .object(deviceKeys)])
            let kept = try await carol.queryKeys(of: alice.userID)
            #expect(kept["device_keys", alice.userID, alice.deviceID, "signatures", alice.userID]?.objectValue == ofDevice)
        }
    }

    @Test("a signature that is not good, of another key or by nobody who may sign is a failure of its own")
    func badSignatures() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let device = try SigningIdentity(of: alice.userID, device: alice.deviceID)
            let deviceKeys = device.sign(alice.deviceKeys(ed25519: device.publicKey))
            try await alice.uploadKeys(["device_keys": .object(deviceKeys)])
            let keys = try CrossSigningSet(of: alice.userID)
            try await alice.post("/keys/device_signing/upload", .object(keys.upload))
            let good = keys.selfSigning.sign(deviceKeys)
            var bad = good
            let zeros = JSON.string(String(repeating: "A", count: 86))
            bad["signatures"] = .pairs((alice.userID, .pairs((keys.selfSigning.keyID, zeros))))
            let cases: [(String, JSONObject, String)] = [
                (alice.deviceID, bad, "M_INVALID_SIGNATURE"),
                (alice.deviceID, keys.selfSigning.sign(alice.deviceKeys(ed25519: "other")), "M_INVALID_PARAM"),
                (alice.deviceID, keys.userSigning.sign(deviceKeys), "M_NOT_FOUND"), ("NONE", good, "M_NOT_FOUND"),
            ]
            for (key, json, code) in cases {
                let body = JSON.pairs((alice.userID, .pairs((key, .object(json)))))
                let answer = try await alice.post("/keys/signatures/upload", body)
                #expect(answer["failures", alice.userID, key, "errcode"] == .string(code), "\(key): \(answer.json.text)")
            }
            let seen = try await alice.queryKeys(of: alice.userID)
            #expect(
                seen["device_keys", alice.userID, alice.deviceID, "signatures", alice.userID]?.objectValue?.members.map(\.key)
                    == [
                        device.keyID
                    ])
        }
    }
}
