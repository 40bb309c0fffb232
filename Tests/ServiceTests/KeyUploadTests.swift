import HearthStore
import MatrixModel
import Testing

@testable import HearthServices

@Suite("What keys/upload takes")
struct KeyUploadTests {
    private static let device = DeviceKey(
        user: UserID("@alice:test") ?? { preconditionFailure("a user id") }(),
        device: DeviceID("PHONE") ?? { preconditionFailure("a device id") }())

    private static let deviceKeys: JSONObject = [
        "user_id": "@alice:test", "device_id": "PHONE", "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": ["ed25519:PHONE": "ed", "curve25519:PHONE": "curve"],
        "signatures": ["@alice:test": ["ed25519:PHONE": "signature"]],
    ]

    @Test("keys of the device itself are taken as they are, without what the server writes")
    func good() throws {
        var keys = Self.deviceKeys
        keys["unsigned"] = ["device_display_name": "forged"]
        keys["org.example.more"] = true
        let upload = try KeyUpload(
            parsing: [
                "device_keys": .object(keys), "one_time_keys": ["curve25519:A": "plain", "signed_curve25519:B": ["key": "k"]],
                "fallback_keys": .null,
            ], of: Self.device)
        keys["unsigned"] = nil
        #expect(upload.deviceKeys == keys)
        #expect(
            upload.oneTimeKeys == [
                StoredOneTimeKey(algorithm: "curve25519", id: "A", key: "plain"),
                StoredOneTimeKey(algorithm: "signed_curve25519", id: "B", key: ["key": "k"]),
            ])
        #expect(upload.fallbackKeys.isEmpty && !upload.isEmpty)
        #expect(try KeyUpload(parsing: [:], of: Self.device).isEmpty)
    }

    @Test(
        "keys that speak for another user or device, or lack a member, are refused",
        arguments: [
            ("user_id", "@bob:test", "invalid"), ("device_id", "TABLET", "invalid"), ("user_id", nil, "missing"),
            ("device_id", nil, "missing"), ("algorithms", nil, "missing"), ("keys", nil, "missing"),
            ("signatures", nil, "missing"), ("keys", ["ed25519:TABLET": "ed"], "invalid"), ("keys", ["ed25519": "ed"], "invalid"),
            ("keys", ["ed25519:PHONE": 5], "malformed"), ("algorithms", "x", "malformed"), ("algorithms", [5], "malformed"),
            ("signatures", ["@alice:test": 5], "malformed"), ("more", .double(0.5), "malformed"),
        ] as [(String, JSON?, String)])
    func badDeviceKeys(member: String, value: JSON?, kind: String) throws {
        var keys = Self.deviceKeys
        keys[member] = value
        #expect(Self.kind(of: ["device_keys": .object(keys)]) == kind)
    }

    @Test("names without an algorithm, without an id or in strange letters are no names of keys")
    func names() {
        for name in ["x", ":x", "a:", "a: b", "\u{E9}:x", "a:\u{1F511}"] {
            #expect(Self.kind(of: ["one_time_keys": .object(JSONObject([(name, JSON.string("key"))]))]) == "invalid", "\(name)")
        }
        #expect(Self.kind(of: ["one_time_keys": ["a:b:c": "key"]]) == nil)
    }

    @Test("too large keys are refused by their size, and two fallback keys of one algorithm")
    func limits() {
        let long = JSON.string(String(repeating: "x", count: KeyUpload.largestKey))
        #expect(Self.kind(of: ["one_time_keys": ["a:b": long]]) == "tooLarge")
        var keys = Self.deviceKeys
        keys["more"] = .string(String(repeating: "x", count: KeyUpload.largestDeviceKeys))
        #expect(Self.kind(of: ["device_keys": .object(keys)]) == "tooLarge")
        #expect(Self.kind(of: ["fallback_keys": ["a:1": "x", "a:2": "x"]]) == "invalid")
        #expect(Self.kind(of: ["one_time_keys": ["a:1": "x", "a:2": "x"]]) == nil)
    }

    private static func kind(of body: JSONObject) -> String? {
        do throws(KeyError) {
            _ = try KeyUpload(parsing: body, of: device)
            return nil
        } catch {
            switch error {
            case .malformed: return "malformed"
            case .missing: return "missing"
            case .invalid: return "invalid"
            case .tooLarge: return "tooLarge"
            case .invalidSignature, .oneTimeKeyExists, .keyIDInUse: return "other"
            }
        }
    }
}

@Suite("Which of two backed-up keys is better")
struct BackedUpSessionTests {
    private static func session(_ first: Int64, _ forwarded: Int64, _ isVerified: Bool) -> BackedUpSession {
        BackedUpSession(firstMessageIndex: first, forwardedCount: forwarded, isVerified: isVerified, sessionData: [:])
    }

    @Test("a verified one, then the one that reaches further back, then the one that was forwarded less; equals stay")
    func order() {
        let fromBestToWorst = [
            Self.session(1, 9, true), Self.session(5, 2, true), Self.session(5, 3, true), Self.session(0, 0, false),
            Self.session(0, 1, false), Self.session(3, 0, false),
        ]
        for (rank, one) in fromBestToWorst.enumerated() {
            for (other, two) in fromBestToWorst.enumerated() {
                #expect(one.isBetter(than: two) == (rank < other), "\(one) against \(two)")
            }
        }
    }
}
