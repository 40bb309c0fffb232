public import HearthRuntime
public import HearthServices

/// The services by what they are about, as the wiring hands them over.
extension ClientServices {
    /// Who somebody is, and what they keep with their account.
    public struct Accounts: Sendable {
        let accounts: AccountService
        let data: AccountDataService
        let filters: FilterService
        let turn: TurnServers

        public init(accounts: AccountService, data: AccountDataService, filters: FilterService, turn: TurnServers) {
            self.accounts = accounts
            self.data = data
            self.filters = filters
            self.turn = turn
        }
    }

    /// What happens in rooms, and which rooms there are.
    public struct Rooms: Sendable {
        let rooms: RoomService
        let reader: RoomReader
        let typing: TypingService
        let receipts: ReceiptService
        let directories: DirectoryService

        public init(
            rooms: RoomService, reader: RoomReader, typing: TypingService, receipts: ReceiptService,
            directories: DirectoryService
        ) {
            self.rooms = rooms
            self.reader = reader
            self.typing = typing
            self.receipts = receipts
            self.directories = directories
        }
    }

    /// Who is there, who may see it, and how devices hear of it.
    public struct Presence: Sendable {
        let presence: PresenceService
        let profiles: ProfileService
        let peeks: PeekService
        let sync: SyncService
        let notifier: StreamNotifier
        let legacy: LegacyUse

        public init(
            presence: PresenceService, profiles: ProfileService, peeks: PeekService, sync: SyncService,
            notifier: StreamNotifier, legacy: LegacyUse
        ) {
            self.presence = presence
            self.profiles = profiles
            self.peeks = peeks
            self.sync = sync
            self.notifier = notifier
            self.legacy = legacy
        }
    }

    /// How much users may ask for, and how much the server takes on.
    public struct Limits: Sendable {
        let users: UserLimits
        let admission: Admission

        public init(users: UserLimits, admission: Admission) {
            self.users = users
            self.admission = admission
        }
    }
}
