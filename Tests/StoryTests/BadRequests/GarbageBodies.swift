/// Random bodies: good JSON for some endpoint, then broken, cut, mutated, swollen or of the wrong types.
struct GarbageBodies {
    let scene: BadRequestScene
    var random: SeededGenerator

    private static let good = [
        "{}", "{\"presence\":\"busy\",\"status_msg\":\"x\"}", "{\"presence\":\"online\"}", "{\"membership\":\"join\"}",
        "{\"user_id\":\"{bob}\",\"reason\":\"x\"}", "{\"name\":\"n\",\"invite\":[\"{bob}\"],\"preset\":\"private_chat\"}",
        "{\"initial_state\":[{\"type\":\"m.room.name\",\"state_key\":\"\",\"content\":{\"name\":\"x\"}}],\"room_version\":\"12\"}",
        "{\"power_level_content_override\":{\"users\":{\"{mallory}\":100},\"events\":{\"m.room.name\":50}}}",
        "{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"},\"password\":\"x\"}",
        "{\"username\":\"u{n}\",\"password\":\"x\",\"auth\":{\"type\":\"m.login.dummy\",\"session\":\"s\"}}",
        "{\"room\":{\"timeline\":{\"limit\":5,\"types\":[\"m.*\"]},\"rooms\":[\"{room}\"]},\"event_fields\":[\"type\"]}",
        "{\"ignored_users\":{\"{bob}\":{},\"{alice}\":1,\"x\":{}}}", "{\"ignored_users\":[\"{bob}\"]}", "{\"displayname\":\"x\"}",
        "{\"avatar_url\":\"mxc://x/y\"}", "{\"room_id\":\"{room}\"}", "{\"devices\":[\"{device}\"]}",
        "{\"m.call\":{\"call_joined_ts\":1770140640}}", "{\"org.matrix.msc4426.call\":{}}", "{\"m.tz\":\"Europe/Berlin\"}",
        "{\"org.matrix.msc4429.profile_fields\":{\"ids\":[\"m.status\",\"m.status\",\"x\"]}}",
        "{\"displayname\":\"x\"}", "{\"avatar_url\":\"mxc://x/y\"}", "{\"room_id\":\"{room}\"}", "{\"devices\":[\"{device}\"]}",
        "{\"msgtype\":\"m.text\",\"body\":\"hi\",\"redacts\":\"{event}\"}",
        "{\"text\":\"x\",\"emoji\":\"x\",\"io.hearth.expires_ts\":1}",
        "{\"users\":{\"{alice}\":100},\"ban\":50}", "{\"user_ids\":[\"{alice}\",\"{bob}\",\"nope\"]}",
        "{\"alias\":\"#taken:localhost\"}", "{\"enabled\":true}",
        "{\"pattern\":\"a*\",\"actions\":[\"notify\"],\"conditions\":[{\"kind\":\"event_match\",\"key\":\"type\",\"pattern\":\"*\"}]}",
        "{\"state_override\":\"busy\",\"status\":{\"msg\":\"x\"}}",
        "{\"users\":[\"*\"],\"servers\":{},\"io.hearth.default\":\"nobody\"}",
    ]

    private static let values = [
        "null", "true", "0", "-1", "1.5", "1e400", "-0", "9007199254740993", "1e-400", "\"\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "[]", "{}", "[[]]", "{\"a\":{\"a\":{}}}", "\"@x:y\"", "\"!:\"", "99999999999999999999999999", "\"{alice}\"", "[null]",
        "[1,\"a\",{}]",
    ]

    mutating func next(_ number: Int) -> [UInt8] {
        let text = scene.fill(one(of: Self.good), number: number, encoded: false)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return Array(text.utf8)
        case 1: return []
        case 2: return Array(text.utf8.prefix(Int.random(in: 0...text.utf8.count, using: &random)))
        case 3: return mutated(Array(text.utf8))
        case 4: return (0..<Int.random(in: 1...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 5: return Array(one(of: Self.values).utf8)
        case 6: return deep()
        case 7: return large()
        case 8: return Array("{\"a\":1,\"a\":2,".utf8) + text.utf8.dropFirst()
        default: return Array(withOtherValues(text).utf8)
        }
    }

    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.insert(bytes[index], at: index)
            }
        }
        return bytes
    }

    /// Puts random values where the strings, lists or numbers after some colons were.
    private mutating func withOtherValues(_ text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var result = String(parts.first ?? "")
        for part in parts.dropFirst() {
            if Bool.random(using: &random), let end = part.lastIndex(where: { $0 == "," || $0 == "}" }) {
                result += ":" + one(of: Self.values) + part[end...]
            } else {
                result += ":" + part
            }
        }
        return scene.fill(result, number: 0, encoded: false)
    }

    private mutating func deep() -> [UInt8] {
        let depth = Int.random(in: 1...20_000, using: &random)
        let (open, close) = Bool.random(using: &random) ? ("[", "]") : ("{\"a\":", "}")
        let isClosed = Bool.random(using: &random)
        return Array(
            ("{\"a\":" + String(repeating: open, count: depth) + "1"
                + (isClosed ? String(repeating: close, count: depth) + "}" : "")).utf8)
    }

    private mutating func large() -> [UInt8] {
        let isOversized = Int.random(in: 0..<20, using: &random) == 0
        let size = isOversized ? 1_200_000 : Int.random(in: 1_000...70_000, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Array("{\"body\":\"".utf8) + [UInt8](repeating: 0x78, count: size) + Array("\"}".utf8)
        case 1: return Array(("{\"a\":[" + String(repeating: "0,", count: size / 2) + "0]}").utf8)
        case 2:
            let users = (0..<size / 12).map { "\"@u\($0):x\":{}" }
            return Array("{\"ignored_users\":{\(users.joined(separator: ","))}}".utf8)
        default: return Array(("{" + (0..<size / 12).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}").utf8)
        }
    }

    private mutating func one(of texts: [String]) -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }
}
