import HearthClient
import HearthStore

/// One thing that the doctor looked at.
struct Finding: Equatable, Sendable {
    enum Level: String, Sendable {
        case fine = "ok"
        /// It works, but somebody may be surprised.
        case doubtful = "warn"
        /// It does not work, or will not for long.
        case broken = "FAIL"
    }

    let level: Level
    /// What was looked at, in one or two words.
    let subject: String
    /// What was found.
    let sentence: String
    /// How it is mended; nil when there is nothing to mend.
    let cure: String?

    static func fine(_ subject: String, _ sentence: String) -> Finding {
        Finding(level: .fine, subject: subject, sentence: sentence, cure: nil)
    }

    static func doubtful(_ subject: String, _ sentence: String, cure: String) -> Finding {
        Finding(level: .doubtful, subject: subject, sentence: sentence, cure: cure)
    }

    static func broken(_ subject: String, _ sentence: String, cure: String) -> Finding {
        Finding(level: .broken, subject: subject, sentence: sentence, cure: cure)
    }

    /// One line, and one more for the cure.
    var text: String {
        let level = level.rawValue + String(repeating: " ", count: 4 - level.rawValue.count)
        let subject = subject + String(repeating: " ", count: max(0, 14 - subject.count))
        return "\(level)  \(subject)  \(sentence)" + (cure.map { "\n      \(String(repeating: " ", count: 14))  → \($0)" } ?? "")
    }
}

/// What numbers of a machine mean: the doctor's knowledge, without the looking.
enum Verdict {
    static let fewFiles: UInt64 = 4096
    static let littleSpace: UInt64 = 1 << 30
    static let noSpace: UInt64 = 100 << 20
    /// 2026-01-01: no clock of this program's time shows less.
    static let earliestNow: Int64 = 1_767_225_600_000
    /// How far ahead of the clock an event may be, in milliseconds: clocks are set, and two may differ.
    static let smallStep: Int64 = 60_000

    /// - Parameter limit: how many files and sockets a process may have open.
    static func openFiles(limit: UInt64) -> Finding {
        limit < fewFiles
            ? .doubtful(
                "open files", "a process may have \(limit) open; every connected client needs one",
                cure: "raise the hard limit: LimitNOFILE=20000 in the systemd unit, or `ulimit -Hn 20000` before the start")
            : .fine("open files", "a process may have \(limit) open")
    }

    /// Bytes.
    static func diskSpace(free: UInt64, total: UInt64, at directory: String) -> Finding {
        let text = "\(mebibytes(free)) of \(mebibytes(total)) free at \(directory)"
        if free < noSpace {
            return .broken(
                "disk space", text, cure: "free some space now: a server whose disk is full refuses everything that writes")
        }
        if free < littleSpace {
            return .doubtful("disk space", text, cure: "free some space, or move the data directory to a larger disk")
        }
        return .fine("disk space", text)
    }

    /// Milliseconds since 1970.
    static func clock(now: Int64, newestEvent: Int64?) -> Finding {
        let cure = "set the clock, and let NTP keep it (`timedatectl set-ntp true`): expiries and timestamps come from it"
        if now < earliestNow { return .broken("clock", "it shows a time before 2026", cure: cure) }
        if let newestEvent, newestEvent > now + smallStep {
            let seconds = (newestEvent - now) / 1000
            return .broken("clock", "it is \(seconds) s behind the newest event in the database", cure: cure)
        }
        return .fine("clock", "it is not behind what the database has seen")
    }

    /// Stored JSON that nobody can read, by table and row.
    static func storedValues(_ unreadable: StoreExamination.Unreadable) -> Finding {
        guard unreadable.count > 0 else { return .fine("stored values", "every one can be read") }
        let named = unreadable.first.map { SafeText.neutralised("\($0)") }.joined(separator: "; ")
        let more = unreadable.count - unreadable.first.count
        return .broken(
            "stored values", "\(unreadable.count) cannot be read: \(named)" + (more > 0 ? "; and \(more) more" : ""),
            cure: "the server skips them: redact such events, and let the user set the rest again or log in again")
    }

    /// The permission bits of the data directory.
    static func permissions(_ bits: Int, of path: String) -> Finding {
        bits & 0o077 == 0
            ? .fine("directory", "\(path) is its owner's alone")
            : .doubtful(
                "directory", "\(path) can be entered by others; the database holds password hashes and the signing key",
                cure: "chmod 700 \(path)")
    }

    private static func mebibytes(_ bytes: UInt64) -> String {
        bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }
}
