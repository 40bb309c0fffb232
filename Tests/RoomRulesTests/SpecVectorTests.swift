import MatrixModel
import Testing

@testable import RoomRules

/// The test vectors of the spec's [appendices](https://spec.matrix.org/v1.16/appendices/#cryptographic-test-vectors).
@Suite("The spec's own vectors")
struct SpecVectorTests {
    let key: SigningKey

    init() throws {
        let seed = try #require(Base64.decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"))
        key = try SigningKey(server: #require(ServerName("domain")), version: "1", seed: seed)
    }

    static let canonical: [(String, String)] = [
        ("{}", "{}"),
        (#"{ "one": 1, "two": "Two" }"#, #"{"one":1,"two":"Two"}"#),
        (#"{ "b": "2", "a": "1" }"#, #"{"a":"1","b":"2"}"#),
        (
            """
            { "auth": { "success": true, "mxid": "@john.doe:example.com", "profile": { "display_name": "John Doe", "three_pids": [
              { "medium": "email", "address": "john.doe@example.org" }, { "medium": "msisdn", "address": "123456789" } ] } } }
            """,
            #"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":["#
                + #"{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"#
                + #""success":true}}"#
        ),
        (#"{ "a": "日本語" }"#, #"{"a":"日本語"}"#),
        (#"{ "本": 2, "日": 1 }"#, #"{"日":1,"本":2}"#),
        (#"{ "a": "\u65E5" }"#, #"{"a":"日"}"#),
        (#"{ "a": null }"#, #"{"a":null}"#),
        (#"{ "a": -0 }"#, #"{"a":0}"#),
    ]

    @Test("canonical JSON comes out as in the spec", arguments: canonical)
    func canonicalJSON(text: String, expected: String) throws {
        #expect(try JSON(parsing: text.utf8).bytes == Array(expected.utf8))
    }

    @Test(
        "unpadded base64 comes out as in the spec and is read with padding too",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(text.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
        #expect(Base64.decode(encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)) == Array(text.utf8))
    }

    @Test("base64 knows both alphabets and refuses everything else")
    func alphabets() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8")
        #expect(Base64.encodeURLSafe([0xFB, 0xFF]) == "-_8")
        #expect(Base64.decode("-_8") == [0xFB, 0xFF])
        for broken in ["A", "AAAAA", "A B=", "Zm9\u{e9}", "Zg=g"] { #expect(Base64.decode(broken) == nil) }
    }

    @Test(
        "a signed object has the signature of the spec",
        arguments: [
            (JSONObject(), "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"),
            (
                ["one": 1, "two": "Two"] as JSONObject,
                "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"
            ),
        ])
    func signing(object: JSONObject, signature: String) throws {
        let signed = key.signing(object)
        #expect(signed == object.merging(["signatures": ["domain": ["ed25519:1": .string(signature)]]]))
        let bytes = try #require(Base64.decode(signature))
        #expect(EventSigning.isValid(signature: bytes, over: object.bytes, publicKey: key.publicKey))
    }

    @Test("signing keeps other signatures and does not cover unsigned")
    func signingAgain() throws {
        let object: JSONObject = ["one": 1, "signatures": ["other": ["ed25519:x": "abc"]], "unsigned": ["age": 5], "two": "Two"]
        let signatures = try #require(key.signing(object)["signatures"]?.objectValue)
        #expect(signatures["other"] == ["ed25519:x": "abc"])
        #expect(
            signatures["domain"]?.objectValue?["ed25519:1"]
                == "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw")
    }

    /// The spec's events are of room version 1, whose redaction keeps `origin`: hashes are the same in all versions, signatures
    /// not.
    @Test(
        "an event has the content hash and, redacted as in version 1, the signature of the spec",
        arguments: [
            (
                [
                    "room_id": "!x:domain", "sender": "@a:domain", "origin": "domain", "origin_server_ts": 1_000_000,
                    "signatures": [:], "hashes": [:], "type": "X", "content": [:], "prev_events": [], "auth_events": [],
                    "depth": 3, "unsigned": ["age_ts": 1_000_000],
                ] as JSONObject, "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos",
                "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg"
            ),
            (
                [
                    "content": ["body": "Here is the message content"], "event_id": "$0:domain", "origin": "domain",
                    "origin_server_ts": 1_000_000, "type": "m.room.message", "room_id": "!r:domain", "sender": "@u:domain",
                    "signatures": [:], "unsigned": ["age_ts": 1_000_000],
                ] as JSONObject, "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g",
                "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA"
            ),
        ])
    func event(event: JSONObject, hash: String, signature: String) {
        #expect(Base64.encode(EventHashes.content(of: event)) == hash)
        var redacted = event.merging(["content": [:], "hashes": ["sha256": .string(hash)]])
        redacted["unsigned"] = nil
        #expect(key.signing(redacted)["signatures"] == ["domain": ["ed25519:1": .string(signature)]])
    }
}
