public import Logging
public import MatrixModel
public import RoomRules

/// Everything an operator can set, checked: a value of this type exists only when every setting is in range and all of them fit
/// together.
///
/// What each setting means, its range and its default stand in ``SettingsTable`` and nowhere else; the blank values below never show.
public struct HearthSettings: Sendable, Equatable {
    public internal(set) var server = Server()
    public internal(set) var listen = Listen()
    public internal(set) var data = Data()
    public internal(set) var presence = Presence()
    public internal(set) var sync = Sync()
    public internal(set) var peek = Peek()
    public internal(set) var legacy = Legacy()
    public internal(set) var rateLimits = RateLimits()
    public internal(set) var registration = Registration()
    public internal(set) var rooms = Rooms()
    public internal(set) var accounts = Accounts()
    public internal(set) var turn = Turn()
    public internal(set) var board = Board()
    public internal(set) var media = Media()
    public internal(set) var push = Push()
    public internal(set) var metrics = Metrics()
    public internal(set) var admin = Admin()
    public internal(set) var limits = Limits()
    public internal(set) var quotas = Quotas()
    public internal(set) var log = Log()

    init() {}

    public struct Server: Sendable, Equatable {
        /// Nil only before the table is applied.
        var optionalName: ServerName?
        /// Where clients reach the server; nil where nobody tells them.
        public internal(set) var publicURL: PublicURL?

        public var name: ServerName {
            guard let optionalName else { preconditionFailure("settings are used before the table's defaults were applied") }
            return optionalName
        }
    }

    public struct Listen: Sendable, Equatable {
        public internal(set) var address = HostAndPort.nowhere
        public internal(set) var trustedProxies: [IPNetwork] = []
    }

    public struct Data: Sendable, Equatable {
        public internal(set) var directory = ""
    }

    /// The periods of `presence.`; each is explained in the table.
    public struct Presence: Sendable, Equatable {
        public internal(set) var deviceGrace = Duration.zero
        public internal(set) var reachableFor = Duration.zero
        public internal(set) var busyDeviceGrace = Duration.zero
        public internal(set) var idleAfter = Duration.zero
        public internal(set) var settle = Duration.zero
        public internal(set) var pusherReachableFor = Duration.zero
        public internal(set) var busyExpiresAfter = Duration.zero
        public internal(set) var unavailableExpiresAfter = Duration.zero
        public internal(set) var audience = DefaultAudience.nobody
        public internal(set) var publicRoomsShare = false
        public internal(set) var retention = Duration.zero
        public internal(set) var lastActive = false
    }

    /// Who sees the presence of users who have not said so themselves.
    public enum DefaultAudience: String, Sendable, CaseIterable {
        case everyone
        case sharedRooms = "shared_rooms"
        case local, nobody
    }

    public struct Sync: Sendable, Equatable {
        public internal(set) var presenceWakeInterval = Duration.zero
    }

    public struct Peek: Sendable, Equatable {
        public internal(set) var lifetime = Duration.zero
        public internal(set) var maxPerDevice = 0
    }

    public struct Legacy: Sendable, Equatable {
        public internal(set) var isEnabled = false
        public internal(set) var sunset: MatrixTimestamp?
    }

    public struct RateLimits: Sendable, Equatable {
        public internal(set) var isEnabled = false
    }

    public struct Registration: Sendable, Equatable {
        public internal(set) var isOpen = false
    }

    public struct Rooms: Sendable, Equatable {
        public internal(set) var defaultVersion = RoomVersion.v11
    }

    public struct Accounts: Sendable, Equatable {
        /// log2 of the scrypt parameter N.
        public internal(set) var passwordCost = 0
        /// The scrypt parameter p.
        public internal(set) var passwordParallelism = 0
    }

    /// The operator's TURN servers, for calls.
    public struct Turn: Sendable, Equatable {
        public internal(set) var uris: [String] = []
        /// Secret: never logged.
        public internal(set) var secret = ""
        public internal(set) var timeToLive = Duration.zero
    }

    public struct Board: Sendable, Equatable {
        public internal(set) var isEnabled = false
    }

    public struct Media: Sendable, Equatable {
        /// Bytes of one upload.
        public internal(set) var maxUploadSize = 0
        /// Bytes of all of one user's uploads; 0 is no limit.
        public internal(set) var userQuota = 0
        /// Files of one user; 0 is no limit.
        public internal(set) var userFiles = 0
        public internal(set) var allowsUnauthenticated = false
        /// The path of the program; empty is the one beside the server.
        public internal(set) var thumbnailer = ""
    }

    public struct Push: Sendable, Equatable {
        public internal(set) var allowsPrivate = false
    }

    public struct Metrics: Sendable, Equatable {
        public internal(set) var listen: HostAndPort?
    }

    public struct Admin: Sendable, Equatable {
        public internal(set) var listen: HostAndPort?
    }

    public struct Limits: Sendable, Equatable {
        /// Bytes.
        public internal(set) var requestBody = 0
        /// Pages of 4096 bytes; 0 is no limit.
        public internal(set) var diskPages = 0
        /// Connections of clients; 0 is as many as the files allow.
        public internal(set) var connections = 0
        /// Of one IPv4 address or IPv6 /64; 0 is a tenth of all.
        public internal(set) var connectionsPerAddress = 0
        /// Zero refuses nothing for the sake of time.
        public internal(set) var longestWait = Duration.zero
        /// Bytes of large bodies and answers that are in memory at once.
        public internal(set) var buffers = 0
    }

    public struct Log: Sendable, Equatable {
        public internal(set) var level = Logger.Level.info
    }
}
