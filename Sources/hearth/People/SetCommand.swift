import ArgumentParser
import HearthClient
import MatrixModel

/// What a person can choose by hand.
enum PresenceChoice: String, CaseIterable, ExpressibleByArgument {
    case busy, away, invisible, automatic

    /// Nil for no choice.
    var presence: ShownPresence? {
        switch self {
        case .busy: .busy
        case .away: .unavailable
        case .invisible: .offline
        case .automatic: nil
        }
    }
}

/// Sets one's own presence and status.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set your own presence and status.",
        discussion: """
            hearth set busy --until 15:00
            hearth set away --until tomorrow --status "🏃 back soon"
            hearth set --status "☕ coffee" --until 20m
            hearth set automatic --status ""

            "automatic" leaves your presence to what your devices say; an empty status clears it.
            """)

    @Argument(help: "busy, away, invisible or automatic; your presence stays as it is without one.")
    var presence: PresenceChoice?

    @Option(
        name: .long,
        help: ArgumentHelp("Until when: 30m, 2h, 15:00, 3pm, tomorrow, \"fri 10:00\", 2026-12-24.", valueName: "time"))
    var until: String?

    @Option(name: .long, help: ArgumentHelp("The status; an emoji at its beginning is shown as a picture.", valueName: "text"))
    var status: String?

    func validate() throws {
        guard presence != nil || status != nil else { throw ValidationError("Name a presence, a --status, or both.") }
        if until != nil, presence == .automatic, status?.isEmpty ?? true {
            throw ValidationError("There is nothing that --until could end.")
        }
    }

    func run() async throws {
        let now = SystemTime.now()
        let expires = try until.map { try UntilText.parse($0, now: now, clock: SystemTime.clock) }
        let credentials = try await Session.open()
        let (connection, user) = (credentials.connection, credentials.user)
        if let status {
            let (emoji, text) = EmojiText.split(status)
            let isCleared = emoji.isEmpty && text.isEmpty
            try await connection.setStatus(isCleared ? nil : PersonStatus(text: text, emoji: emoji, expires: expires), of: user)
        }
        if let presence {
            if let chosen = presence.presence {
                try await connection.setPresence(chosen, until: expires, of: user)
            } else {
                try await connection.clearPresence(of: user)
            }
        }
        try await tell(connection, user, now: now)
    }

    /// Says what holds now.
    private func tell(_ connection: MatrixConnection, _ user: UserID, now: MatrixTimestamp) async throws {
        let own = try await connection.ownPresence(of: user)
        var sentence = own.isManual && own.presence == .offline ? "invisible" : own.presence.word
        if own.isManual {
            if let expires = own.expires { sentence += " until \(SystemTime.clock.brief(expires, now: now))" }
        } else {
            sentence += ", automatic"
        }
        StandardStreams.print(sentence)
    }
}
