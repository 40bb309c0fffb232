import HearthClient
import MatrixModel

/// Moves the household into a running server and lets it live there.
struct DemoRunner: Sendable {
    static let password = "demo"

    let simulation: Simulation
    let clock: SimulatedClock
    let connection: MatrixConnection
    /// Shown a line for each thing that somebody does for others to see.
    let tell: @Sendable (String) -> Void

    /// Registers everybody, and puts them and the user `demo` into one room.
    func moveIn() async throws -> [DemoResident] {
        let demo = try await connection.register(user: "demo", password: Self.password, deviceName: "Demo")
        try await demo.connection.send("PUT", "/profile/\(demo.user)/displayname", body: ["displayname": "You"])
        let answer = try await demo.connection.send(
            "POST", "/createRoom", body: ["preset": "public_chat", "name": "Home", "visibility": "private"])
        guard let room = answer.objectValue?["room_id"]?.stringValue else {
            throw ConnectionError.noMatrix(connection.url, status: 200)
        }
        var residents: [DemoResident] = []
        for resident in simulation.residents {
            let phone = try await connection.register(user: resident.localpart, password: Self.password, deviceName: "Phone")
            let laptop = try await connection.logIn(user: resident.localpart, password: Self.password, deviceName: "Laptop")
            try await phone.connection.send(
                "PUT", "/profile/\(phone.user)/displayname", body: ["displayname": .string(resident.name)])
            try await phone.connection.send("POST", "/join/\(room)", body: [:])
            residents.append(DemoResident(resident, credentials: [.phone: phone, .laptop: laptop]))
        }
        return residents
    }

    /// Lets the days go by until it is cancelled.
    func run(_ residents: [DemoResident]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for resident in residents { group.addTask { await resident.live() } }
            for planned in simulation.standing(at: clock.startMinute) { await perform(planned, residents, tells: false) }
            let start = ContinuousClock.now
            var day = 0
            while true {
                for planned in simulation.acts(ofDay: day) where planned.minute >= clock.startMinute {
                    try await Task.sleep(until: start + clock.delay(until: planned.minute), clock: .continuous)
                    await perform(planned, residents, tells: true)
                }
                day += 1
            }
        }
    }

    private func perform(_ planned: PlannedAct, _ residents: [DemoResident], tells: Bool) async {
        guard residents.indices.contains(planned.resident) else { return }
        let resident = residents[planned.resident]
        do {
            try await resident.perform(planned.act, clock: clock)
            if tells, let words = planned.act.words {
                let name = DisplayWidth.padded(resident.resident.name, to: 16)
                tell("\(SimulatedClock.text(planned.minute))  \(name)  \(words)")
            }
        } catch {
            // The server is ending, or the day goes on without this.
        }
    }
}

extension Act {
    /// What is worth telling.
    var words: String? {
        switch self {
        case .use(.laptop, .used): "opens the laptop"
        case .use(.laptop, .aside): "leaves the laptop"
        case .use(.laptop, .onCall): "takes a call"
        case .use(.laptop, .off): "closes the laptop"
        case .use(.phone, .off): "switches the phone off"
        case .use(.phone, _): nil
        case .status(let emoji, let text, _): "\(emoji) \(text)"
        case .statusCleared: "takes the status back"
        case .choose(let presence, _): presence == .offline ? "goes invisible" : "says: \(presence.word)"
        case .automatic: "leaves it to the devices"
        }
    }
}
