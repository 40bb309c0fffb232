import MatrixModel

/// What was given for the settings, by where it came from. A stronger source hides a weaker one key by key: flags, then the
/// environment, then the file, then the defaults.
public struct SettingsInput: Sendable {
    /// Keys as in the table.
    public var flags: [(key: String, value: String)]
    /// The whole environment; what does not begin with `HEARTH_` is not looked at.
    public var environment: [String: String]
    /// Keys as in the table: the YAML file with its nesting undone.
    public var file: [(key: String, value: String)]

    public init(
        flags: [(key: String, value: String)] = [], environment: [String: String] = [:], file: [(key: String, value: String)] = []
    ) {
        self.flags = flags
        self.environment = environment
        self.file = file
    }

    /// Takes a `--set KEY=VALUE`. Of two for one key the later counts.
    public mutating func set(_ assignment: String) throws(SettingsError) {
        guard let equals = assignment.utf8.firstIndex(of: UInt8(ascii: "=")) else { throw .malformedAssignment(assignment) }
        flags.append((String(assignment[..<equals]), String(assignment[assignment.utf8.index(after: equals)...])))
    }

    /// Whether any source gives the setting a value.
    public func names(_ key: String) -> Bool {
        if (flags + file).contains(where: { $0.key.hasSameBytes(as: key) }) { return true }
        return SettingsTable.all.contains { $0.key.hasSameBytes(as: key) && environment[$0.environmentName] != nil }
    }

    /// Names in the environment that begin like settings and are none: tools around the server use them.
    public static let otherVariables: Set<String> = [
        "HEARTH_URL", "HEARTH_TOKEN", "HEARTH_BINARY", "HEARTH_SOAK", "HEARTH_WALK_STEPS", "HEARTH_JSON_CORPUS",
        "HEARTH_SEED", "HEARTH_RECORD",
    ]
}

extension HearthSettings {
    /// The settings that come of all sources.
    ///
    /// - Throws: ``SettingsError`` for an unknown key in any source, a value out of range, or periods in the wrong order.
    public init(resolving input: SettingsInput) throws(SettingsError) {
        self.init()
        for definition in SettingsTable.all {
            guard definition.apply(definition.defaultText, &self) else {
                preconditionFailure("the default of \(definition.key) is not one of its values")
            }
        }
        let byKey = Dictionary(uniqueKeysWithValues: SettingsTable.all.map { ($0.key, $0) })
        try apply(input.file, from: .file, known: byKey)
        let byVariable = Dictionary(uniqueKeysWithValues: SettingsTable.all.map { ($0.environmentName, $0) })
        let variables = input.environment.filter { $0.key.hasPrefix("HEARTH_") && !SettingsInput.otherVariables.contains($0.key) }
        let sorted = variables.sorted { $0.key.precedesInBytes($1.key) }
        try apply(sorted.map { ($0.key, $0.value) }, from: .environment, known: byVariable)
        try apply(input.flags, from: .flag, known: byKey)
        try checkOrder()
        try checkBuffers()
        try checkTurn()
    }

    /// The defaults with some values changed: for tests.
    public init(_ changes: KeyValuePairs<String, String>) throws(SettingsError) {
        try self.init(resolving: SettingsInput(flags: changes.map { ($0.key, $0.value) }))
    }

    private mutating func apply(
        _ values: [(key: String, value: String)], from source: SettingsSource, known: [String: SettingDefinition]
    ) throws(SettingsError) {
        for (key, value) in values {
            guard let definition = known[key] else {
                throw .unknownKey(key, source: source, nearest: NearestName.of(key, among: known.keys))
            }
            guard definition.apply(value, &self) else {
                throw .invalidValue(key: key, value: value, source: source, expected: definition.type)
            }
        }
    }

    private func checkTurn() throws(SettingsError) {
        if !turn.uris.isEmpty, turn.secret.isEmpty { throw .incomplete(key: "turn.uris", needs: "turn.secret") }
    }

    /// One body of the largest size has to find room where nobody else sends any.
    private func checkBuffers() throws(SettingsError) {
        guard limits.requestBody > MemoryUse.largestBody(within: limits.buffers) else { return }
        throw .noRoomForBody(
            requestBody: limits.requestBody, buffers: limits.buffers, needed: MemoryUse.buffers(for: limits.requestBody))
    }

    /// The three periods of a device's fading must not cross: it stops being live, then believed as busy, then reachable.
    private func checkOrder() throws(SettingsError) {
        let periods = [
            ("presence.device_grace", presence.deviceGrace), ("presence.busy_device_grace", presence.busyDeviceGrace),
            ("presence.reachable_for", presence.reachableFor),
        ]
        for (smaller, larger) in zip(periods, periods.dropFirst()) where smaller.1 > larger.1 {
            throw .wrongOrder(
                smaller: smaller.0, smallerValue: DurationText.render(smaller.1), larger: larger.0,
                largerValue: DurationText.render(larger.1))
        }
    }
}
