import MatrixModel
import Testing

@testable import HearthSettings

@Suite("What settings take")
struct SettingsValuesTests {
    @Test(
        "a duration is a whole number with a unit, or a plain 0",
        arguments: [
            ("0", Duration.zero), ("0ms", .zero), ("500ms", .milliseconds(500)), ("60s", .seconds(60)), ("5m", .seconds(300)),
            ("24h", .seconds(86_400)), ("7d", .seconds(7 * 86_400)), ("007s", .seconds(7)), ("36500d", .seconds(3_153_600_000)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.parse(DurationText.render(duration)) == duration)
    }

    @Test(
        "everything else is no duration",
        arguments: [
            "", "5", "-1s", "+1s", "1.5s", "s", "ms", "1 s", " 1s", "1s ", "1S", "1w", "1h30m", "٥s", "00", "36501d",
            "9223372036854775807d", "9223372036854775808ms", "1s\u{301}",
        ])
    func noDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "a value in range is taken, its neighbours beyond are refused",
        arguments: [
            ("accounts.password_cost", "1", true), ("accounts.password_cost", "20", true), ("accounts.password_cost", "0", false),
            ("accounts.password_cost", "21", false), ("accounts.password_cost", "", false),
            ("accounts.password_cost", "-1", false),
            ("peek.max_per_device", "0", true), ("peek.max_per_device", "1000001", false), ("limits.request_body", "1023", false),
            ("limits.disk_pages", "0", true), ("limits.disk_pages", "99999999999999999999", false),
            ("registration.open", "true", true), ("registration.open", "yes", false), ("registration.open", "True", false),
            ("presence.audience", "local", true), ("presence.audience", "friends", false), ("presence.settle", "0ms", true),
            ("presence.settle", "-1s", false), ("rooms.default_version", "12", true), ("rooms.default_version", "10", false),
            ("legacy.sunset", "", true), ("legacy.sunset", "2027-03-31", true), ("legacy.sunset", "2027-02-29", false),
            ("metrics.listen", "", true), ("metrics.listen", "127.0.0.1:9090", true), ("metrics.listen", "9090", false),
            ("listen.address", "", false), ("listen.address", "[::1]:0", true), ("listen.address", "::1:80", false),
            ("listen.address", "localhost:65536", false), ("listen.trusted_proxies", "10.0.0.0/8, ::1", true),
            ("listen.trusted_proxies", "10.0.0.0/33", false), ("listen.trusted_proxies", "10.0.0.1,", false),
            ("server.name", "example.org:8448", true), ("server.name", "", false), ("server.name", "exämple.org", false),
            ("server.public_url", "", true), ("server.public_url", "https://matrix.example.org", true),
            ("server.public_url", "http://[::1]:8008/hearth/", true), ("server.public_url", "matrix.example.org", false),
            ("server.public_url", "https://", false), ("server.public_url", "https://a b", false),
            ("server.public_url", "https://example.org/?x", false), ("server.public_url", "ftp://example.org", false),
            ("turn.uris", "", true), ("turn.uris", "http://turn.example.org", false), ("turn.uris", "turn:", false),
            ("turn.uris", "turn:a,,turns:b", false), ("turn.ttl", "1h", true), ("turn.ttl", "1", false),
            ("turn.secret", "any text at all", true),
            ("log.level", "trace", true), ("log.level", "loud", false), ("data.directory", "", false),
        ])
    func ranges(key: String, value: String, isTaken: Bool) {
        let input = SettingsInput(flags: [(key, value)])
        if isTaken {
            #expect(throws: Never.self) { try HearthSettings(resolving: input) }
        } else {
            let error = #expect(throws: SettingsError.self) { try HearthSettings(resolving: input) }
            guard case .invalidValue(key, value, .flag, _) = error else {
                Issue.record("\(key)=\(value) is refused with \(String(describing: error))")
                return
            }
        }
    }

    @Test(
        "the periods in which a device fades must not cross; equal ones may",
        arguments: [
            ("60s", "5m", "5m", nil), ("1s", "1s", "1s", nil), ("0", "0ms", "0s", nil),
            ("6m", "5m", "10m", ("presence.device_grace", "6m", "presence.busy_device_grace", "5m")),
            ("1s", "10m", "5m", ("presence.busy_device_grace", "10m", "presence.reachable_for", "5m")),
            ("1ms", "0", "0", ("presence.device_grace", "1ms", "presence.busy_device_grace", "0ms")),
        ] as [(String, String, String, (String, String, String, String)?)])
    func relations(grace: String, busy: String, reachable: String, refusal: (String, String, String, String)?) {
        let input = SettingsInput(flags: [
            ("presence.device_grace", grace), ("presence.busy_device_grace", busy), ("presence.reachable_for", reachable),
        ])
        guard let refusal else {
            #expect(throws: Never.self) { try HearthSettings(resolving: input) }
            return
        }
        #expect(
            throws: SettingsError.wrongOrder(
                smaller: refusal.0, smallerValue: refusal.1, larger: refusal.2, largerValue: refusal.3)
        ) { try HearthSettings(resolving: input) }
    }

    @Test("the largest body has to fit into the buffers, fourfold; else it is refused with what to set")
    func largestBody() throws {
        func settings(_ body: String, _ buffers: String) throws {
            _ = try HearthSettings(resolving: SettingsInput(flags: [("limits.request_body", body), ("limits.buffers", buffers)]))
        }
        try settings("1048576", "9586992")
        try settings("29360128", "268435456")
        let refusal = SettingsError.noRoomForBody(requestBody: 1_048_576, buffers: 9_586_976, needed: 9_586_992)
        #expect(throws: refusal) { try settings("1048576", "9586976") }
        #expect("\(refusal)".contains("raise limits.buffers to 9586992"))
    }

    @Test(
        "a date is the start of its day in UTC, or a second of it",
        arguments: [
            ("1970-01-01", Int64(0)), ("2000-02-29", 951_782_400_000), ("2027-03-31", 1_806_451_200_000),
            ("2027-03-31T12:34:56Z", 1_806_496_496_000), ("9999-12-31", 253_402_214_400_000),
        ])
    func dates(text: String, milliseconds: Int64) {
        #expect(DateText.parse(text) == MatrixTimestamp(milliseconds: milliseconds))
    }

    @Test(
        "everything else is no date",
        arguments: [
            "", "2027-3-31", "2027-13-01", "2027-00-01", "2027-04-31", "1900-02-29", "1969-12-31", "2027-03-31T24:00:00Z",
            "2027-03-31T12:34:56", "2027-03-31 12:34:56Z", "２027-03-31",
        ])
    func noDates(text: String) {
        #expect(DateText.parse(text) == nil)
    }

    @Test("TURN servers come with their secret, or are refused with a sentence that shows no secret")
    func turn() throws {
        let uris = (key: "turn.uris", value: "turn:a.example, turns:b.example?transport=tcp")
        let error = #expect(throws: SettingsError.self) { try HearthSettings(resolving: SettingsInput(flags: [uris])) }
        #expect(error == .incomplete(key: "turn.uris", needs: "turn.secret"))
        let settings = try HearthSettings(resolving: SettingsInput(flags: [uris, ("turn.secret", "north")]))
        #expect(settings.turn.uris == ["turn:a.example", "turns:b.example?transport=tcp"])
    }
}
