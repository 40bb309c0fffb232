import HTTPTypes
import HearthServices
import MatrixModel
import Synchronization
import TestSupport

@testable import ClientAPI

/// One hour after alice's last device was logged out, or she began to appear offline, as those see it who are not alice.
final class HidingHour: Sendable {
    /// What she was before.
    enum Before: CaseIterable {
        case online
        /// On a call, with a rich presence, a status that ends after twenty minutes, and typing.
        case onCall
        case unavailable
        /// A fall that has not settled.
        case falling
    }

    enum Ending: Equatable {
        case logsOut
        case hides(isMarked: Bool)
    }

    /// Something that somebody was told.
    struct Told: Equatable, Sendable {
        let second: Int
        let question: String
        let answer: String
    }

    private let edge: EdgeFixture
    private let clock: TestClock
    private let pushes: CountingGateway
    private let ending: Ending
    private let ledger: Ledger
    private let state = Mutex(State())

    /// Everything that was told.
    private final class Ledger: Sendable {
        let told = Mutex<[Told]>([])
    }

    private struct State {
        var second = 0
        /// From where each of the outsiders' devices goes on.
        var since: [String: String] = [:]
    }

    static func run(_ before: Before, ending: Ending) async throws -> [Told] {
        let (clock, gateway, ledger) = (TestClock(), CountingGateway(), Ledger())
        try await EdgeFixture.run(["push.allow_private": "true"], hand: clock, gateway: gateway) { edge in
            try await HidingHour(edge, clock: clock, pushes: gateway, ending: ending, ledger: ledger).pass(before)
        }
        return ledger.told.withLock { $0 }
    }

    private init(_ edge: EdgeFixture, clock: TestClock, pushes: CountingGateway, ending: Ending, ledger: Ledger) {
        (self.edge, self.clock, self.pushes, self.ending, self.ledger) = (edge, clock, pushes, ending, ledger)
    }

    // MARK: The hour

    private static let alice = "@alice:hearth.test"
    private static let fields =
        #"{"org.matrix.msc4429.profile_fields":{"ids":["org.matrix.msc4426.call","org.matrix.msc4426.status","m.rpc","m.tz"]}}"#

    /// When somebody looks: at first all the time.
    private static let seconds = Array(stride(from: 0, to: 120, by: 5)) + Array(stride(from: 120, through: 3600, by: 40))

    private func pass(_ before: Before) async throws {
        let scene = try await populate()
        try await become(before, scene)
        try await look(scene)
        try await end(scene)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var held = hold(scene, in: &group)
            for (number, second) in Self.seconds.enumerated() {
                let passed = second - state.withLock { $0.second }
                state.withLock { $0.second = second }
                clock.advance(by: .seconds(passed))
                await edge.takeTurns()
                try await happen(at: second, scene)
                let hasNews = try await look(scene)
                // The held request is answered when there is news, and never else.
                if hasNews { await held.wait() }
                if hasNews || held.text != nil {
                    note("held", (hasNews ? "" : "without news: ") + (held.text ?? "is held still"))
                    held = hold(scene, in: &group)
                }
                if number < 3 || number % 6 == 0 { try await ask(scene) }
                if ending != .logsOut { try await doAsProgramsDo(number, second, scene) }
            }
            group.cancelAll()
            edge.notifier.shutDown()
        }
    }

    /// What others do in this hour.
    private func happen(at second: Int, _ scene: Scene) async throws {
        switch second {
        case 1800:
            // Somebody who comes to know her now.
            try await put("rooms/\(scene.room)/join", "{}", by: scene.carol, method: .post)
        case 2400:
            try await put(
                "rooms/\(scene.room)/send/m.room.message/1", #"{"msgtype":"m.text","body":"bob and alice"}"#, by: scene.carol)
            await pushes.wait(for: 1)
        default: break
        }
    }

    private func end(_ scene: Scene) async throws {
        if case .hides(let isMarked) = ending {
            let mark = isMarked ? #","io.hearth.manual":true"# : ""
            try await put("presence/\(Self.alice)/status", #"{"presence":"offline"\#(mark)}"#, by: scene.alice["Q"])
        }
        try await put("logout", "{}", by: scene.alice["D"], method: .post)
    }

    /// Everything that the hidden user's programs do by themselves. A person does none of it.
    private func doAsProgramsDo(_ number: Int, _ second: Int, _ scene: Scene) async throws {
        let (p, t, q) = (scene.alice["P"], scene.alice["T"], scene.alice["Q"])
        let status = "presence/\(Self.alice)/status"
        switch number % 13 {
        case 0: try await ask("sync?set_presence=online", by: p)
        case 1: try await put(status, #"{"presence":"unavailable"}"#, by: p)
        case 2: try await put("profile/\(Self.alice)/m.call", #"{"m.call":{"call_joined_ts":\#(second)}}"#, by: t)
        case 3: try await put(status, #"{"presence":"online"}"#, by: p)
        case 4:
            try await put(
                "rooms/\(scene.room)/read_markers", #"{"m.fully_read":"\#(scene.event)","m.read.private":"\#(scene.event)"}"#,
                by: t, method: .post)
        case 5: try await put(status, #"{"presence":"busy"}"#, by: t)
        case 6: try await ask("profile/\(Self.alice)/m.call", by: p, method: .delete)
        case 7: try await put("profile/\(Self.alice)/m.rpc", #"{"m.rpc":{"playing":"\#(second)"}}"#, by: p)
        case 8: try await put("user/\(Self.alice)/account_data/org.example", #"{"a":\#(second)}"#, by: q)
        case 9: try await ask("sync?set_presence=busy", by: q)
        case 10:
            try await put(
                "keys/upload", #"{"one_time_keys":{"signed_curve25519:A\#(second)":{"key":"k","signatures":{}}}}"#, by: t,
                method: .post)
        case 11: try await put("sendToDevice/x/\(second)", #"{"messages":{"\#(Self.alice)":{"*":{"a":1}}}}"#, by: p)
        default: try await put("pushers/set", Self.pusher(second % 2 == 0 ? "a" : "b"), by: t, method: .post)
        }
        await edge.takeTurns()
    }

    // MARK: Before it

    private struct Scene: Sendable {
        /// Tokens of alice's devices and of the others'.
        var alice: [String: String] = [:]
        var bob: [String: String] = [:]
        var carol = ""
        var stranger = ""
        var room = ""
        var profile = ""
        var event = ""
    }

    private func populate() async throws -> Scene {
        var scene = Scene()
        for name in ["alice", "bob", "carol", "stranger"] { _ = try await edge.register(name) }
        for device in ending == .logsOut ? ["D"] : ["D", "P", "T", "Q"] {
            let token = try await logIn("alice", device)
            scene.alice[device] = token
            let keys = """
                {"device_keys":{"user_id":"\(Self.alice)","device_id":"\(device)","algorithms":["m.olm.v1.curve25519-aes-sha2"],
                "keys":{"ed25519:\(device)":"e","curve25519:\(device)":"c"},"signatures":{"\(Self.alice)":{}}}}
                """
            try await put("keys/upload", keys, by: token, method: .post)
        }
        for device in ["PEEK", "LEGACY", "FIELDS", "HELD", "RARE"] { scene.bob[device] = try await logIn("bob", device) }
        scene.carol = try await logIn("carol", "C")
        scene.stranger = try await logIn("stranger", "S")
        let own = try await edge.send(.get, "/_matrix/client/v3/directory/room/%23%40alice%3Ahearth.test", token: scene.stranger)
        scene.profile = try own.json["room_id"]?.stringValue ?? ""
        scene.room = try await edge.makeRoom(
            scene.bob["LEGACY"] ?? "",
            #"{"preset":"public_chat","initial_state":[{"type":"m.room.encryption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}]}"#
        )
        try await put("rooms/\(scene.room)/join", "{}", by: device(scene), method: .post)
        let sent = try await edge.send(
            .put, "/_matrix/client/v3/rooms/\(scene.room)/send/m.room.message/0", #"{"msgtype":"m.text","body":"hello"}"#,
            token: device(scene))
        scene.event = try sent.json["event_id"]?.stringValue ?? ""
        try await put("peek/\(scene.profile)", "{}", by: scene.bob["PEEK"], method: .post)
        try await put("pushers/set", Self.pusher("bob"), by: scene.bob["HELD"], method: .post)
        return scene
    }

    private static func pusher(_ key: String) -> String {
        """
        {"kind":"http","app_id":"app","pushkey":"\(key)","app_display_name":"a","device_display_name":"d","lang":"en","data":{"url":"http://127.0.0.1:9/_matrix/push/v1/notify"}}
        """
    }

    private func logIn(_ user: String, _ device: String) async throws -> String {
        let body = #"{"type":"m.login.password","user":"\#(user)","password":"secret","device_id":"\#(device)"}"#
        return try await edge.send(.post, "/_matrix/client/v3/login", body).json["access_token"]?.stringValue ?? ""
    }

    /// The device that makes alice's presence before: the one that is logged out, or one that stays while she hides.
    private func device(_ scene: Scene) -> String? { scene.alice[ending == .logsOut ? "D" : "Q"] }

    private func become(_ before: Before, _ scene: Scene) async throws {
        let device = device(scene)
        func wait(_ seconds: Int) async {
            clock.advance(by: .seconds(seconds))
            await edge.takeTurns()
        }
        try await ask("sync?set_presence=online", by: device)
        await wait(1)
        switch before {
        case .online: break
        case .onCall:
            try await put("profile/\(Self.alice)/m.call", #"{"m.call":{"call_joined_ts":1}}"#, by: device)
            try await put("profile/\(Self.alice)/m.rpc", #"{"m.rpc":{"playing":"chess"}}"#, by: device)
            let ends = clock.now().wall.milliseconds + 1_202_000
            try await put(
                "profile/\(Self.alice)/m.status",
                #"{"m.status":{"text":"lunch","emoji":"🍝","io.hearth.expires_ts":\#(ends)}}"#, by: device)
            try await put("profile/\(Self.alice)/m.tz", #"{"m.tz":"Asia/Tokyo"}"#, by: device)
            await wait(1)
            try await put("rooms/\(scene.room)/typing/\(Self.alice)", #"{"typing":true,"timeout":30000}"#, by: device)
        case .unavailable:
            await wait(30)
            try await ask("sync?set_presence=unavailable", by: device)
            await wait(70)
        case .falling:
            await wait(30)
            try await ask("sync?set_presence=unavailable", by: device)
            await wait(3)
        }
        await edge.takeTurns()
    }

    // MARK: What others look at

    private func note(_ question: String, _ answer: String) {
        let told = Told(second: state.withLock { $0.second }, question: question, answer: answer)
        ledger.told.withLock { $0.append(told) }
    }

    /// The syncs of those who follow; returns whether any of them was told anything.
    @discardableResult
    private func look(_ scene: Scene) async throws -> Bool {
        var hasNews = false
        let (second, isFirst) = state.withLock { ($0.second, $0.since.isEmpty) }
        let isRare = isFirst || second > 0 && second % 600 == 0
        for (name, token) in scene.bob.sorted(by: { $0.key < $1.key }) where name != "HELD" && (name != "RARE" || isRare) {
            let isNews = try await sync(name, token)
            if name == "FIELDS" { hasNews = isNews }
        }
        if second >= 1800 { _ = try await sync("carol", scene.carol) }
        note("pushes", "\(pushes.count)")
        return hasNews
    }

    private func query(_ name: String, since: String?) -> String {
        let filter = ["LEGACY", "PEEK"].contains(name) ? "" : "&filter=\(Self.escaped(Self.fields))"
        return "/_matrix/client/v3/sync?set_presence=offline\(since.map { "&since=\($0)" } ?? "")\(filter)"
    }

    private func sync(_ name: String, _ token: String) async throws -> Bool {
        let since = state.withLock { $0.since[name] }
        let answer = try await edge.send(.get, query(name, since: since), token: token)
        let next = try answer.json["next_batch"]?.stringValue
        state.withLock { $0.since[name] = next }
        let isNews = next != since
        note("sync of \(name)", (isNews ? "" : "same token ") + (try Alike.text(answer)))
        return isNews
    }

    /// Begins a request of bob's that waits. Nobody tells it that its time is over.
    private func hold(_ scene: Scene, in group: inout ThrowingTaskGroup<Void, any Error>) -> Promised {
        let since = state.withLock { $0.since["FIELDS"] ?? "" }
        let answer = Promised()
        let path = query("HELD", since: since) + "&timeout=200000"
        let token = scene.bob["HELD"]
        group.addTask { [edge] in
            let told = try await edge.send(.get, path, token: token)
            answer.give(try Alike.text(told))
        }
        return answer
    }

    /// Everything else that can be asked about alice.
    private func ask(_ scene: Scene) async throws {
        let (bob, since) = (scene.bob["LEGACY"] ?? "", state.withLock { $0.since["LEGACY"] ?? "" })
        let (room, profile) = (scene.room, scene.profile)
        var questions = [
            "presence/\(Self.alice)/status", "profile/\(Self.alice)", "profile/\(Self.alice)/m.call",
            "profile/\(Self.alice)/m.status",
            "rooms/\(profile)/state", "rooms/\(profile)/state/m.presence?format=event", "rooms/\(profile)/members",
            "rooms/\(profile)/messages?dir=b&limit=100", "rooms/\(profile)/messages?dir=f&limit=100", "rooms/\(room)/members",
            "rooms/\(room)/joined_members", "notifications", "keys/changes?from=\(since)&to=\(since)",
        ]
        let second = state.withLock { $0.second }
        if second == 0 || second % 240 == 120 {
            questions.append("sync?set_presence=offline&filter=\(Self.escaped(Self.fields))")
        }
        let asking: [(String, String?)] = [("bob", bob), ("stranger", scene.stranger), ("nobody", nil)]
        for (name, token) in asking {
            for question in questions where name == "bob" || question.hasPrefix("p") || question.hasPrefix("rooms/\(profile)") {
                let answer = try await edge.send(.get, "/_matrix/client/v3/\(question)", token: token)
                note(
                    "\(name): GET \(Alike.alike(question.split(separator: "?").first.map(String.init) ?? ""))",
                    try Alike.text(answer))
            }
        }
        let found = try await edge.send(
            .post, "/_matrix/client/v3/user_directory/search", #"{"search_term":"alice"}"#, token: bob)
        note("search", try Alike.text(found))
    }

    // MARK: Requests

    private func put(
        _ path: String, _ body: String, by token: String?, method: HTTPRequest.Method = .put
    ) async throws {
        let answer = try await edge.send(method, "/_matrix/client/v3/\(path)", body, token: token)
        guard answer.status == 200 else { throw Refused(path: path, answer: "\(answer)") }
        await edge.takeTurns()
    }

    private func ask(_ path: String, by token: String?, method: HTTPRequest.Method = .get) async throws {
        _ = try await edge.send(method, "/_matrix/client/v3/\(path)", token: token)
        await edge.takeTurns()
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: ".")
            return isPlain ? String(UnicodeScalar(byte)) : "%" + String(Int(byte) + 256, radix: 16).dropFirst().uppercased()
        }.joined()
    }

    private struct Refused: Error {
        let path: String
        let answer: String
    }
}

/// Something that comes later.
final class Promised: Sendable {
    private let value = Mutex<String?>(nil)

    var text: String? { value.withLock { $0 } }

    func give(_ text: String) { value.withLock { $0 = text } }

    /// Waits for at most ten seconds.
    func wait() async {
        let end = ContinuousClock.now + .seconds(10)
        while text == nil, ContinuousClock.now < end { await Task.yield() }
    }
}

/// Takes everything, and counts what is for others than alice.
final class CountingGateway: PushGatewayClient {
    private let posted = Mutex(0)

    var count: Int { posted.withLock { $0 } }

    func post(_ body: [UInt8], to url: GatewayURL) async throws(PushGatewayError) -> GatewayResponse {
        if String(decoding: body, as: UTF8.self).contains(#""pushkey":"bob""#) { posted.withLock { $0 += 1 } }
        return GatewayResponse(status: 200, body: Array("{}".utf8))
    }

    func shutDown() async {}

    /// Waits for at most ten seconds.
    func wait(for number: Int) async {
        let end = ContinuousClock.now + .seconds(10)
        while count < number, ContinuousClock.now < end { await Task.yield() }
    }
}
