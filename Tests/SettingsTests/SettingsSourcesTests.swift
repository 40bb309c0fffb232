import Logging
import MatrixModel
import RoomRules
import Testing

@testable import HearthSettings

@Suite("Where settings come from")
struct SettingsSourcesTests {
    @Test("without any source the defaults of the table hold")
    func defaults() throws {
        let settings = try HearthSettings(resolving: SettingsInput())
        #expect(settings.server.name.rawValue == "localhost")
        #expect(settings.listen.address == HostAndPort(host: "127.0.0.1", port: 8008))
        #expect(settings.presence.deviceGrace == .seconds(60))
        #expect(settings.presence.reachableFor == .seconds(300))
        #expect(settings.presence.busyExpiresAfter == .seconds(86_400))
        #expect(settings.presence.audience == .sharedRooms)
        #expect(settings.peek.maxPerDevice == 2000)
        #expect(settings.legacy.isEnabled)
        #expect(settings.legacy.sunset == nil)
        #expect(settings.rateLimits.isEnabled)
        #expect(!settings.registration.isOpen)
        #expect(settings.rooms.defaultVersion == .v11)
        #expect(settings.accounts.passwordCost == 15)
        #expect(settings.accounts.passwordParallelism == 3)
        #expect(settings.metrics.listen == nil)
        #expect(settings.log.level == .info)
        #expect(
            settings.limits
                == {
                    var limits = HearthSettings.Limits()
                    limits.requestBody = 1_048_576
                    limits.longestWait = .milliseconds(100)
                    limits.buffers = 268_435_456
                    return limits
                }())
    }

    @Test("every default is one of its setting's own values, and keys and variables are unique")
    func table() {
        var settings = HearthSettings()
        for definition in SettingsTable.all {
            #expect(definition.apply(definition.defaultText, &settings), "\(definition.key)")
            #expect(definition.text.hasSuffix("."), "\(definition.key)")
        }
        #expect(Set(SettingsTable.all.map(\.key)).count == SettingsTable.all.count)
        #expect(Set(SettingsTable.all.map(\.environmentName)).count == SettingsTable.all.count)
    }

    struct Precedence: Sendable, CustomTestStringConvertible {
        let file: String?
        let environment: String?
        let flag: String?
        let settle: Duration
        var testDescription: String { "file \(file ?? "-"), environment \(environment ?? "-"), flag \(flag ?? "-")" }
    }

    @Test(
        "flags win over the environment, which wins over the file, which wins over the default",
        arguments: [
            Precedence(file: nil, environment: nil, flag: nil, settle: .seconds(5)),
            Precedence(file: "1s", environment: nil, flag: nil, settle: .seconds(1)),
            Precedence(file: "1s", environment: "2s", flag: nil, settle: .seconds(2)),
            Precedence(file: nil, environment: "2s", flag: nil, settle: .seconds(2)),
            Precedence(file: "1s", environment: "2s", flag: "3s", settle: .seconds(3)),
            Precedence(file: "1s", environment: nil, flag: "0", settle: .zero),
        ])
    func precedence(_ row: Precedence) throws {
        let key = "presence.settle"
        let input = SettingsInput(
            flags: row.flag.map { [(key, $0)] } ?? [],
            environment: row.environment.map { ["HEARTH_PRESENCE_SETTLE": $0] } ?? [:],
            file: row.file.map { [(key, $0)] } ?? [])
        #expect(try HearthSettings(resolving: input).presence.settle == row.settle)
        #expect(input.names(key) == (row.file != nil || row.environment != nil || row.flag != nil))
    }

    @Test("of two --set for one key the later counts, and a value may hold an equals sign")
    func assignments() throws {
        var input = SettingsInput()
        try input.set("presence.settle=1s")
        try input.set("presence.settle=2s")
        try input.set("data.directory=/srv/a=b")
        let settings = try HearthSettings(resolving: input)
        #expect(settings.presence.settle == .seconds(2))
        #expect(settings.data.directory == "/srv/a=b")
        #expect(throws: SettingsError.malformedAssignment("presence.settle")) { try input.set("presence.settle") }
    }

    @Test("variables of the tools around the server, and everybody else's, are left alone")
    func otherVariables() throws {
        var environment = ["PATH": "/bin", "HEARTHSTONE": "1"]
        for name in SettingsInput.otherVariables { environment[name] = "anything" }
        let settings = try HearthSettings(resolving: SettingsInput(environment: environment))
        #expect(settings == (try HearthSettings(resolving: SettingsInput())))
    }

    @Test(
        "an unknown key is refused with the name that was meant",
        arguments: [
            ("presence.setle", "presence.settle"), ("presence.device-grace", "presence.device_grace"),
            ("registration.opened", "registration.open"), ("peek.livetime", "peek.lifetime"), ("servername", "server.name"),
        ])
    func unknownKeys(key: String, nearest: String) {
        #expect(throws: SettingsError.unknownKey(key, source: .flag, nearest: nearest)) {
            try HearthSettings(resolving: SettingsInput(flags: [(key, "1")]))
        }
        #expect(throws: SettingsError.unknownKey(key, source: .file, nearest: nearest)) {
            try HearthSettings(resolving: SettingsInput(file: [(key, "1")]))
        }
    }

    @Test("an unknown variable is refused, and a weaker source's mistake is not hidden by a stronger source")
    func unknownVariable() {
        #expect(
            throws: SettingsError.unknownKey(
                "HEARTH_PRESENCE_SETLE", source: .environment, nearest: "HEARTH_PRESENCE_SETTLE")
        ) { try HearthSettings(resolving: SettingsInput(environment: ["HEARTH_PRESENCE_SETLE": "1s"])) }
        #expect(
            throws: SettingsError.invalidValue(
                key: "presence.settle", value: "soon", source: .file, expected: "a duration")
        ) {
            try HearthSettings(resolving: SettingsInput(flags: [("presence.settle", "1s")], file: [("presence.settle", "soon")]))
        }
    }
}
