import HTTPTypes
public import HearthMedia
public import HearthRuntime
public import HearthServices
public import HearthSettings
public import MatrixModel
import NIOCore
public import RoomRules

/// Everything that the client-server API is an edge of. A class, since every request takes it along.
public final class ClientServices: Sendable {
    public let settings: ClientAPISettings
    public let accounts: AccountService
    public let rooms: RoomService
    public let reader: RoomReader
    public let typing: TypingService
    public let receipts: ReceiptService
    public let directories: DirectoryService
    public let profiles: ProfileService
    public let presence: PresenceService
    public let peeks: PeekService
    public let sync: SyncService
    public let accountData: AccountDataService
    public let filters: FilterService
    public let encryption: EncryptionServices
    public let push: PushServices
    public let notifier: StreamNotifier
    public let media: MediaService
    public let limits: UserLimits
    public let legacy: LegacyUse
    public let turn: TurnServers
    public let admission: Admission
    let connections = ConnectionWatch()

    /// Reads and gives out the tokens of the stream.
    var history: KnownHistory { sync.history }
    /// How many connections are open, of all listeners.
    public var connectionCount: Int { connections.count }

    public init(
        settings: ClientAPISettings, accounts: Accounts, rooms: Rooms, presence: Presence, encryption: EncryptionServices,
        push: PushServices, media: MediaService, limits: Limits
    ) {
        self.settings = settings
        self.accounts = accounts.accounts
        accountData = accounts.data
        filters = accounts.filters
        turn = accounts.turn
        self.rooms = rooms.rooms
        reader = rooms.reader
        typing = rooms.typing
        receipts = rooms.receipts
        directories = rooms.directories
        self.presence = presence.presence
        profiles = presence.profiles
        peeks = presence.peeks
        sync = presence.sync
        notifier = presence.notifier
        legacy = presence.legacy
        self.encryption = encryption
        self.push = push
        self.media = media
        self.limits = limits.users
        admission = limits.admission
    }
}

extension ClientServices {
    /// Notes that an answer uses the old way to presence, here and in its headers.
    func noteLegacyUse(by userAgent: String?, of user: UserID, in answer: inout ClientAnswer) {
        legacy.used(by: userAgent, of: user)
        LegacyNotice(sunset: legacy.policy.sunset).add(to: &answer)
    }
}

extension ClientServices {
    /// Who sends a request: the user of its token, or the address it comes from.
    func asker(by headers: HTTPFields, query: String?, over channel: any Channel) -> MemoryBorrower {
        do throws(ClientFailure) {
            // The query is looked at for the few that have their token in it.
            let query = try QueryParameters(headers.contains(.authorization) ? nil : query)
            if let user = user(by: headers, query: query) { return MemoryBorrower(user: user) }
        } catch {
            // The responder says what is wrong with it.
        }
        return MemoryBorrower(address: countedAddress(of: headers, over: channel))
    }

    /// Whose token a request bears; nil without a valid one.
    func user(by headers: HTTPFields, query: QueryParameters) -> UserID? {
        guard let token = AccessToken.find(in: headers, query: query) else { return nil }
        do throws(AccountError) { return try accounts.requester(for: token).user } catch { return nil }
    }

    /// What bounds by address count a request under; nil for an address that many share.
    func countedAddress(of headers: HTTPFields, over channel: any Channel) -> String? {
        let trusted = settings.trustedProxies
        return ClientAddress.of(headers, over: channel, trusted: trusted).countedAs(sharedBy: trusted)
    }
}

/// The settings of the edge.
public struct ClientAPISettings: Sendable {
    public var serverName: ServerName
    /// The largest body of a request, in bytes.
    public var largestBody: Int
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: [IPNetwork]
    /// The version of a room whose maker names none.
    public var defaultRoomVersion: RoomVersion
    /// Where clients reach the server; nil where nobody tells them.
    public var publicURL: PublicURL?
    /// Whether files are served without a token at the old paths too.
    public var allowsUnauthenticatedMedia: Bool

    public init(
        serverName: ServerName, largestBody: Int = 1_048_576, trustedProxies: [IPNetwork] = [],
        defaultRoomVersion: RoomVersion = .v11, allowsUnauthenticatedMedia: Bool = false
    ) {
        self.serverName = serverName
        self.largestBody = largestBody
        self.trustedProxies = trustedProxies
        self.defaultRoomVersion = defaultRoomVersion
        self.allowsUnauthenticatedMedia = allowsUnauthenticatedMedia
    }

    public init(_ settings: HearthSettings) {
        self.init(
            serverName: settings.server.name, largestBody: settings.limits.requestBody,
            trustedProxies: settings.listen.trustedProxies, defaultRoomVersion: settings.rooms.defaultVersion,
            allowsUnauthenticatedMedia: settings.media.allowsUnauthenticated)
        publicURL = settings.server.publicURL
    }
}
