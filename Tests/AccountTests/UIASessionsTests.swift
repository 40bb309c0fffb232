import MatrixModel
import Testing

@testable import HearthServices

@Suite("Sessions of user-interactive authentication")
struct UIASessionsTests {
    private func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    private static let stranger = UIARequest(operation: .registration, owner: .network("n"))

    private static func request(_ operation: UIAOperation, _ user: String, _ device: String, digest: [UInt8] = []) throws
        -> UIARequest
    {
        let key = DeviceKey(user: try #require(UserID(user)), device: try #require(DeviceID(device)))
        return UIARequest(operation: operation, owner: .device(key), digest: digest)
    }

    @Test("a session lives for its time and not a moment longer")
    func expiry() {
        var sessions = UIASessions(lifetime: .seconds(60))
        sessions.open("a", for: Self.stranger, now: time(0))
        sessions.open("b", for: Self.stranger, now: time(30))
        #expect(sessions.session("a", for: Self.stranger, now: time(59)) != nil)
        #expect(sessions.session("a", for: Self.stranger, now: time(60)) == nil)
        #expect(sessions.session("b", for: Self.stranger, now: time(60)) != nil)
        #expect(sessions.count == 1)
    }

    @Test("a session counts for its own operation and device alone; who registers may move to another network")
    func operations() throws {
        let device = try #require(DeviceID("A"))
        let other = try #require(DeviceID("B"))
        let request = try Self.request(.deviceDeletion([device]), "@alice:s", "A")
        var sessions = UIASessions()
        sessions.open("a", for: request, now: time(0))
        #expect(sessions.session("a", for: request, now: time(0)) != nil)
        for foreign in [
            try Self.request(.deviceDeletion([other]), "@alice:s", "A"),
            try Self.request(.deviceDeletion([device]), "@alice:s", "B"),
            try Self.request(.deviceDeletion([device]), "@bob:s", "A"), try Self.request(.passwordChange, "@alice:s", "A"),
            Self.stranger,
        ] {
            #expect(sessions.session("a", for: foreign, now: time(0)) == nil)
        }
        #expect(sessions.session("none", for: request, now: time(0)) == nil)
        sessions.open("r", for: Self.stranger, now: time(0))
        let moved = UIARequest(operation: .registration, owner: .network("elsewhere"))
        #expect(sessions.session("r", for: moved, now: time(0)) != nil)
    }

    @Test("the sessions of a device, and those of a user, end together; those of others stay")
    func ends() throws {
        let places = [("a", "@alice:s", "A"), ("b", "@alice:s", "B"), ("c", "@bob:s", "A")]
        let requests = try places.map { try Self.request(.deactivation, $0.1, $0.2) }
        func left(after end: (inout UIASessions) -> Void) -> [String] {
            var sessions = UIASessions()
            for (place, request) in zip(places, requests) { sessions.open(place.0, for: request, now: time(0)) }
            end(&sessions)
            return zip(places, requests).filter { sessions.session($0.0.0, for: $0.1, now: time(0)) != nil }.map(\.0.0)
        }
        guard case .device(let tablet) = requests[1].owner else { return }
        #expect(left { _ in } == ["a", "b", "c"])
        #expect(left { $0.endAll(of: tablet) } == ["a", "c"])
        #expect(left { $0.endAll(of: tablet.user) } == ["c"])
    }

    @Test("one owner has a share of the sessions, and who opens many loses the oldest of them alone")
    func share() throws {
        let request = try Self.request(.deactivation, "@alice:s", "A")
        var sessions = UIASessions(share: 3)
        sessions.open("mine", for: request, now: time(0))
        for index in 0..<100 { sessions.open("\(index)", for: Self.stranger, now: time(0)) }
        #expect(sessions.count == 4)
        #expect(sessions.session("mine", for: request, now: time(0)) != nil)
        #expect(sessions.session("96", for: Self.stranger, now: time(0)) == nil)
        #expect(sessions.session("97", for: Self.stranger, now: time(0)) != nil)
    }

    @Test("completed stages are remembered, an ended session is gone, and completing it does not bring it back")
    func completion() {
        var sessions = UIASessions()
        sessions.open("a", for: Self.stranger, now: time(0))
        let completion = UIASessions.Completion(registrationToken: "t")
        sessions.complete(.registrationToken, in: "a", by: completion)
        #expect(sessions.session("a", for: Self.stranger, now: time(1))?.completed == [.registrationToken: completion])
        sessions.reopen("a")
        #expect(sessions.session("a", for: Self.stranger, now: time(1))?.completed == [:])
        sessions.end("a")
        sessions.complete(.dummy, in: "a", by: completion)
        #expect(sessions.session("a", for: Self.stranger, now: time(1)) == nil)
    }

    @Test("the number of sessions stays bounded; the oldest goes first")
    func bounded() {
        var sessions = UIASessions(capacity: 10, share: 100)
        for index in 0..<1_000 { sessions.open("\(index)", for: Self.stranger, now: time(0)) }
        #expect(sessions.count == 10)
        #expect(sessions.session("989", for: Self.stranger, now: time(0)) == nil)
        #expect(sessions.session("990", for: Self.stranger, now: time(0)) != nil)
    }
}
