import Foundation

/// Requests whose values no client means: what stands where a choice, a filter, a call, a time zone, a list of people, an end or a position
/// is expected.
///
/// Each is refused with a Matrix error or stored to nobody's harm; which of the two is for the endpoint's own tests to say.
struct OddRequests {
    let scene: BadRequestScene
    var random: SeededGenerator

    private struct Odd: Sendable {
        let method: String
        let path: String
        var body = ""
    }

    private static let all: [Odd] = choices + filters + calls + timeZones + ignored + ends

    static var count: Int { all.count }

    mutating func next(_ number: Int) -> RawRequest {
        // Every one in turn, and positions in between.
        let odd = number.isMultiple(of: 3) ? position() : Self.all[(number / 3 * 2 + number % 3) % Self.all.count]
        return RawRequest(
            method: odd.method, target: scene.fill("/_matrix/client/v3" + odd.path, number: number, encoded: true),
            headers: [("Authorization", "Bearer \(scene.token(of: "mallory"))"), ("Content-Type", "application/json")],
            body: Array(scene.fill(odd.body, number: number, encoded: false).utf8))
    }

    // MARK: Positions

    /// A position that was given out, by this start or another, to this user or another: whole, cut, or with a character changed.
    private mutating func position() -> Odd {
        var token = scene.positions[Int.random(in: 0..<scene.positions.count, using: &random)]
        var bytes = Array(token.utf8)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: break
        case 1: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        case 2:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                Array("09azAZ_-.~".utf8)[Int.random(in: 0..<10, using: &random)]
        case 3: bytes += Array(["0", "9", "x", "_1", "~a", "99999999999999999999"][Int.random(in: 0..<6, using: &random)].utf8)
        default: bytes = Array(bytes.reversed())
        }
        token = BadRequestScene.percentEncoded(String(decoding: bytes, as: UTF8.self))
        let paths = [
            "/sync?since=\(token)&set_presence=offline", "/sync?since=\(token)&timeout=1&set_presence=offline&full_state=true",
            "/rooms/{room}/messages?dir=b&from=\(token)", "/rooms/{room}/messages?dir=f&from=\(token)&to=\(token)",
            "/rooms/{room}/members?at=\(token)", "/keys/changes?from=\(token)&to=\(token)", "/notifications?from=\(token)",
            "/publicRooms?since=\(token)",
        ]
        return Odd(method: "GET", path: paths[Int.random(in: 0..<paths.count, using: &random)])
    }

    // MARK: Values

    private static let large = String(repeating: "x", count: 65_536)

    private static let choices: [Odd] = [
        "m.presence.persistent", "org.continuwuity.presence_v2.msc4532.presence.persistent",
    ].flatMap { type in
        [
            "{\"state_override\":5}", "{\"state_override\":\"away\"}", "{\"state_override\":null}",
            "{\"state_override\":[\"busy\"]}",
            "{\"state_override\":{\"state_override\":\"busy\"}}", "{\"state_override\":\"\"}",
            "{\"state_override\":\"\(large)\"}",
            "{\"state_override\":\"busy\",\"status\":\"text\"}", "{\"status\":{\"msg\":5}}", "{\"status\":{\"msg\":null}}",
            "{\"status\":{\"msg\":\"\(large)\"}}", "{\"state_override\":\"org.matrix.msc3026.busy\"}", "{\"status\":[]}", "[]",
            "{}",
        ].map { Odd(method: "PUT", path: "/user/{mallory}/account_data/\(type)", body: $0) }
    }

    private static let filters: [Odd] = {
        let name = "\"org.matrix.msc4429.profile_fields\""
        let (many, same) = ((0..<10_000).map { "\"f\($0)\"" }, (0..<1_000).map { _ in "\"org.matrix.msc4426.status\"" })
        let ids = [
            "5", "null", "{}", "\"m.status\"", "[5]", "[null]", "[[]]", "[\"\"]", "[\"\(large)\"]",
            "[\(many.joined(separator: ","))]",
            "[\(same.joined(separator: ","))]", "[\"m.status\",\"m.status\"]", "[\"../..\"]",
        ]
        let values = ids.map { "{\"ids\":\($0)}" } + ["5", "[]", "null", "\"x\"", "{\"ids\":{\"ids\":[]}}"]
        let stored = values.map { Odd(method: "POST", path: "/user/{mallory}/filter", body: "{\(name):\($0)}") }
        let asked = values.filter { $0.utf8.count < 2_000 }.map { value in
            Odd(
                method: "GET",
                path: "/sync?set_presence=offline&filter=" + BadRequestScene.percentEncoded("{\(name):\(value)}"))
        }
        return stored + asked
    }()

    private static let calls: [Odd] = ["m.call", "org.matrix.msc4426.call"].flatMap { field in
        [
            "1e300", "-1", "\"soon\"", "1.5", "0", "null", "[]", "{}", "9007199254740992", "9007199254740993",
            "-9223372036854775808",
            "9223372036854775807", "99999999999999999999", "true",
        ].flatMap { ["{\"call_joined_ts\":\($0)}", $0] }
            .map { Odd(method: "PUT", path: "/profile/{mallory}/\(field)", body: "{\"\(field)\":\($0)}") }
    }

    private static let timeZones: [Odd] = ["m.tz", "us.cloke.msc4175.tz"].flatMap { field in
        [
            "\"../../etc/passwd\"", "\"/etc/localtime\"", "\"Europe/../../etc/passwd\"", "\"\"", "\".\"", "5", "null",
            "[\"UTC\"]", "{}",
            "\"Europe/Berlin\\n\"", "\"europe/berlin\"", "\"Mars/Olympus\"", "\"%2e%2e/x\"", "\"\(large)\"", "\"Europe\"",
        ].map { Odd(method: "PUT", path: "/profile/{mallory}/\(field)", body: "{\"\(field)\":\($0)}") }
    }

    private static let ignored: [Odd] = {
        func people(_ count: Int) -> String {
            "{\"ignored_users\":{\((0..<count).map { "\"@u\($0):h\":{}" }.joined(separator: ","))}}"
        }
        return [
            "[]", "{}", "{\"ignored_users\":[]}", "{\"ignored_users\":[\"{bob}\"]}", "{\"ignored_users\":5}",
            "{\"ignored_users\":null}",
            "{\"ignored_users\":{\"{bob}\":5,\"{alice}\":{}}}", "{\"ignored_users\":{\"nope\":{},\"\":{},\"@\":{}}}",
            "{\"ignored_users\":{\"{mallory}\":{}}}", "{\"ignored_users\":{\"{bob}\":{}}}", people(3_000), people(100_000),
            "{\"ignored_users\":{\"@\(large):h\":{}}}", "{\"ignored_users\":{}}",
        ].map { Odd(method: "PUT", path: "/user/{mallory}/account_data/m.ignored_user_list", body: $0) }
    }()

    private static let ends: [Odd] = [
        "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e300", "1e15",
        "-1", "-9007199254740993", "0", "\"9007199254740993\"", "null", "[]",
    ].flatMap { time in
        [
            Odd(
                method: "PUT", path: "/presence/{mallory}/status",
                body: "{\"presence\":\"busy\",\"io.hearth.manual\":true,\"io.hearth.expires_ts\":\(time)}"),
            Odd(
                method: "PUT", path: "/profile/{mallory}/m.status",
                body: "{\"m.status\":{\"text\":\"x\",\"emoji\":\"y\",\"io.hearth.expires_ts\":\(time)}}"),
            Odd(
                method: "PUT", path: "/rooms/{malloryProfile}/state/m.status/",
                body: "{\"text\":\"x\",\"emoji\":\"y\",\"io.hearth.expires_ts\":\(time)}"),
        ]
    }
}
