/// Random requests to every endpoint: most are wrong in several ways at once.
struct GarbageRequests {
    let scene: BadRequestScene
    var random: SeededGenerator

    private static let methods = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD"]

    /// Every endpoint as a client calls it; what is wrong with a call is put in later.
    private static let endpoints = [
        "GET versions", "GET sync", "GET login", "POST login", "POST register", "GET register/available", "GET account/whoami",
        "GET capabilities", "GET devices", "GET devices/{device}", "PUT devices/{device}", "DELETE devices/{device}",
        "POST delete_devices", "POST createRoom", "POST join/{room}", "POST join/%23taken%3Alocalhost", "POST rooms/{room}/join",
        "POST rooms/{secret}/leave", "POST rooms/{secret}/forget", "POST rooms/{room}/invite", "POST rooms/{room}/kick",
        "POST rooms/{room}/ban", "POST rooms/{room}/unban", "PUT rooms/{room}/send/m.room.message/g{n}",
        "PUT rooms/{room}/redact/{event}/g{n}", "GET rooms/{room}/state", "GET rooms/{room}/state/m.room.name",
        "PUT rooms/{room}/state/m.room.name/", "PUT rooms/{room}/state/m.room.member/{mallory}",
        "PUT rooms/{room}/state/m.room.power_levels/", "PUT rooms/{profile}/state/m.status/", "GET rooms/{room}/members",
        "GET rooms/{room}/joined_members", "GET joined_rooms", "GET rooms/{room}/event/{event}",
        "GET rooms/{room}/context/{event}",
        "GET rooms/{room}/messages", "GET rooms/{room}/aliases", "GET directory/room/%23taken%3Alocalhost",
        "PUT directory/room/%23g{n}%3Alocalhost", "DELETE directory/room/%23taken%3Alocalhost", "GET profile/{mallory}",
        "GET profile/{bob}/displayname", "PUT profile/{mallory}/displayname", "DELETE profile/{mallory}/m.status",
        "PUT profile/{mallory}/m.status", "GET presence/{alice}/status", "PUT presence/{mallory}/status", "POST peek/{profile}",
        "POST rooms/{profile}/unpeek", "POST user/{mallory}/filter", "GET user/{mallory}/filter/1",
        "PUT user/{mallory}/account_data/m.ignored_user_list", "PUT user/{mallory}/account_data/m.presence.sharing",
        "PUT user/{mallory}/account_data/m.presence.persistent", "GET user/{mallory}/account_data/test",
        "PUT user/{mallory}/rooms/{room}/account_data/test", "GET pushers", "POST pushers/set", "GET pushrules",
        "GET pushrules/global",
        "PUT pushrules/global/content/{n}",
        "PUT pushrules/global/override/{room}", "PUT pushrules/global/room/{room}/actions",
        "PUT pushrules/global/override/.m.rule.master/enabled", "DELETE pushrules/global/room/{room}",
        "POST keys/upload",
        "POST keys/query", "POST keys/claim", "GET keys/changes", "POST keys/device_signing/upload",
        "POST keys/signatures/upload", "PUT sendToDevice/m.test/g{n}", "POST room_keys/version", "GET room_keys/version",
        "PUT room_keys/version/1", "PUT room_keys/keys", "GET room_keys/keys/{room}", "DELETE room_keys/keys/{room}/s",
        "GET _unknown/{room}/x", "POST peek_profiles", "GET presence/{mallory}/status", "DELETE presence/{mallory}/status",
    ]

    private static let components = [
        "{alice}", "{bob}", "{mallory}", "{mallory}", "{room}", "{room}", "{room}", "{secret}", "{profile}", "{event}",
        "{foreignEvent}", "{device}", "%23taken%3Alocalhost", "%23%40alice%3Alocalhost", "m.room.message", "m.room.member",
        "m.room.power_levels", "m.room.create", "m.room.canonical_alias", "m.status", "m.presence", "m.profile", "displayname",
        "avatar_url", "m.tz", "m.call", "org.matrix.msc4426.call", "%00", "%zz", "%", "%ff%fe", "%F0%9F%8F%83", "%2F", "..", ".",
        "", "+", "a%20b", "%25", "{n}", "!",
        "%40",
        "%23", "%24", "!:", "%40:", "%40a:", "!x%3A{n}", "~", "*", "'", "\"", "<b>", "{", "}", "|", "\\", "^", "`",
        "cafe%CC%81", "caf%C3%A9", "%C0%80", "%ED%A0%80",
    ]

    private static let prefixes = [
        "/_matrix/client/r0/", "/_matrix/client/v1/", "/_matrix/client/unstable/org.matrix.msc2753/",
        "/_matrix/client/unstable/io.hearth/", "/_matrix/client/unstable/io.hearth/", "/_matrix/client/", "/_matrix/", "/",
        "/_hearth/admin/v1/",
    ]

    private static let queryNames = [
        "since", "filter", "full_state", "set_presence", "from", "to", "dir", "limit", "at", "membership", "not_membership",
        "format",
        "access_token", "kind", "username", "user_id", "server_name", "via", "room_id", "x",
    ]

    private static let queryValues = [
        "", "0", "1", "-1", "s0", "s1", "s-1", "s1.", "s1.KxtrmQab", "s9223372036854775807", "s9223372036854775808",
        "9223372036854775808", "true", "b",
        "f",
        "busy", "%7B%7D", "%7B", "%5B%5D", "%7B%22room%22%3A%7B%7D%7D", "%7B%22limit%22%3A1e9%7D", "null", "%00", "%zz", "%ff",
        "+", "=",
        "&", "event", "join", "garbage", "%7B%22room%22%3A%7B%22rooms%22%3A5%7D%7D", "NaN", "1.5", "0x10",
    ]

    private static let contentTypes = [
        "application/json", "application/json", "application/json; charset=utf-8", "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/json; charset=utf-16", "", "garbage",
    ]

    mutating func next(_ number: Int) -> RawRequest {
        let endpoint = one(of: Self.endpoints).split(separator: " ", maxSplits: 1)
        let method = chance(15) ? one(of: Self.methods) : String(endpoint.first ?? "GET")
        var components = (endpoint.last ?? "").split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        let named = components.indices.filter { components[$0].contains(where: { "{%.".contains($0) }) }
        if chance(2), let index = (chance(8) ? Array(components.indices) : named).randomElement(using: &random) {
            components[index] = component()
        }
        if chance(30) { components.append(component()) }
        let prefix = chance(8) ? one(of: Self.prefixes) : "/_matrix/client/v3/"
        var target = scene.fill(prefix + components.joined(separator: "/"), number: number, encoded: true)
        if chance(2) { target += query() }

        var headers: [(name: String, value: String)] = []
        switch Int.random(in: 0..<10, using: &random) {
        case 0: break
        case 1:
            headers.append(
                ("Authorization", one(of: ["Bearer", "Bearer ", "Basic Og==", "bearer x", "Bearer a b", "Bearer \u{E9}"])))
        default: headers.append(("Authorization", "Bearer \(scene.token(of: "mallory"))"))
        }
        headers.append(("Content-Type", one(of: Self.contentTypes)))
        if chance(20) { headers.append(("X-Forwarded-For", one(of: ["garbage", "::1, 1.2.3.4", ","]))) }
        if chance(20) { headers.append(("Origin", "https://example.org")) }
        if chance(40) { headers.append(("X-Large", String(repeating: "h", count: 4_000))) }
        var garbage = GarbageBodies(scene: scene, random: random)
        let body = ["GET", "HEAD", "OPTIONS"].contains(method) ? [] : garbage.next(number)
        random = garbage.random
        return RawRequest(method: method, target: target, headers: headers, body: body)
    }

    private mutating func component() -> String {
        if chance(40) {
            return String(repeating: one(of: ["a", "%20", "%F0%9F%8F%83"]), count: Int.random(in: 1...900, using: &random))
        }
        return one(of: Self.components)
    }

    private mutating func query() -> String {
        let pairs = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            "\(one(of: Self.queryNames))=\(one(of: Self.queryValues))"
        }
        return "?" + pairs.joined(separator: "&")
    }

    private mutating func one(of texts: [String]) -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }
    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
}
