import HearthRuntime
import HearthSettings
import HearthStore
public import MatrixModel
import SubscriptionCore

/// Messages that one request sends: [send-to-device messaging](https://spec.matrix.org/v1.16/client-server-api/#send-to-device-messaging).
public struct ToDeviceSending: Sendable {
    public struct Recipient: Sendable {
        public let user: UserID
        /// Nil for all devices of the user.
        public let device: DeviceID?
        public let content: JSONObject

        public init(user: UserID, device: DeviceID?, content: JSONObject) {
            self.user = user
            self.device = device
            self.content = content
        }
    }

    public let type: EventType
    public let recipients: [Recipient]
    public let transactionID: String

    public init(type: EventType, recipients: [Recipient], transactionID: String) {
        self.type = type
        self.recipients = recipients
        self.transactionID = transactionID
    }
}

/// Why messages to devices were not taken.
public enum ToDeviceError: Error, Equatable, Sendable {
    /// 413 `M_TOO_LARGE`.
    case contentTooLarge
    /// 413 `M_TOO_LARGE`.
    case tooManyDevices
    /// 413 `M_TOO_LARGE`.
    case tooMuch
}

/// Takes messages to devices and keeps them until the devices fetch them with a sync.
///
/// One request is one write operation and takes one position of the stream: a device gets its message whole or not at all, and the
/// same transaction of the same device sends once, across a restart too. ``DeliveredMessages`` deletes what was fetched.
///
/// Nobody is refused because a mailbox is full: a full one gives up the oldest of whoever has most in it, and a sender who has too much
/// waiting everywhere gives up the oldest of the mailboxes where it is most. So nobody can fill another's mailbox for good, and a device that is never seen again blocks
/// nobody who writes to it.
public final class ToDeviceService: Sendable {
    /// The most that the content of one message may have, in bytes of canonical JSON.
    public static let largestContent = 65_536
    /// How many devices one request may name, and how many it may reach.
    public static let mostDevices = 10_000
    /// How many bytes the messages of one request may take in all mailboxes together: a star multiplies what was sent.
    public static let mostBytes = 4_194_304

    /// Of so many recipients the writer itself looks whether they are there.
    private static let fewRecipients = 32

    private let store: Store
    private let server: ServerIdentity
    private let quotas: Quotas
    private let writer: RoomWriter
    private let limits: UserLimits

    init(store: Store, server: ServerIdentity, quotas: Quotas, writer: RoomWriter, limits: UserLimits) {
        self.store = store
        self.server = server
        self.quotas = quotas
        self.writer = writer
        self.limits = limits
    }

    /// Sends messages to those of the named devices that exist here; the others are passed over, as the spec has it.
    public func send(_ sending: ToDeviceSending, by sender: DeviceKey) async throws {
        // Each is looked up, whether there is such a device or not.
        guard sending.recipients.count <= Self.mostDevices else { throw ToDeviceError.tooManyDevices }
        let contents = try sending.recipients.map { try EncodedContent($0.content) }
        guard contents.allSatisfy({ $0.count <= Self.largestContent }) else { throw ToDeviceError.contentTooLarge }
        let transaction = EventTransaction(device: sender, id: sending.transactionID)
        let recipients = try await present(Array(zip(sending.recipients, contents)))
        try await writer.perform { [limits, quotas] context in
            let table = context.transaction.toDevice
            guard try table.begin(transaction, type: sending.type, at: context.age) else { return }
            try table.trimTransactions(of: sender.user, to: quotas.transactions)
            let messages = try Self.messages(to: recipients, in: context)
            if messages.isEmpty { return }
            let bytes = messages.values.reduce(0) { $0 + ToDeviceTable.countedSize(of: $1) }
            guard bytes <= Self.mostBytes else { throw ToDeviceError.tooMuch }
            try limits.take(.toDeviceBytes, count: Int((bytes + 65_535) / 65_536), by: sender.user)
            let position = context.nextPosition()
            let waiting = try table.insert(messages, of: sending.type, from: sender.user, at: position)
            context.tell(.sentToDevices(Array(messages.keys), at: position))
            try Self.makeRoom(waiting: waiting, sentBy: sender.user, at: position, quotas: quotas, in: context)
        }
    }

    private typealias Addressed = (recipient: ToDeviceSending.Recipient, content: EncodedContent)

    /// Leaves out of many recipients those that there are not, before it is the writer's turn: a name costs the sender alone.
    private func present(_ recipients: [Addressed]) async throws -> [Addressed] {
        guard recipients.count > Self.fewRecipients else { return recipients }
        let users = Set(recipients.map(\.recipient.user)).filter(server.isLocal)
        let devices = try await store.read { store in
            var devices: [UserID: Set<DeviceID>] = [:]
            for user in users { devices[user] = Set(try store.devices.keys(of: user).map(\.device)) }
            return devices
        }
        return recipients.filter { recipient, _ in
            guard let there = devices[recipient.user], !there.isEmpty else { return false }
            return recipient.device.map(there.contains) ?? true
        }
    }

    private static func makeRoom(
        waiting: [DeviceKey: Int64], sentBy sender: UserID, at position: StreamPosition, quotas: Quotas,
        in context: WriteContext
    ) throws {
        let table = context.transaction.toDevice
        let most = Int64(quotas.toDeviceWaiting)
        for (device, bytes) in waiting where bytes > most { try table.makeRoom(for: device, most: most, before: position) }
        let trimmed = try table.makeRoom(ofSender: sender, most: Int64(quotas.toDeviceSent), before: position)
        // What memory holds of a mailbox is where it begins and ends.
        for device in trimmed {
            let first = try table.first(to: device)
            context.tell(.deletedToDevice(device, upTo: first.map { StreamPosition($0.rawValue - 1) } ?? position))
        }
    }

    /// What each device gets. A message to one device goes before one to all of the user's.
    private static func messages(
        to recipients: [Addressed], in context: WriteContext
    ) throws -> [DeviceKey: EncodedContent] {
        var messages: [DeviceKey: EncodedContent] = [:]
        let recipients = recipients.filter { context.server.isLocal($0.recipient.user) }
        for (recipient, content) in recipients where recipient.device == nil {
            for key in try context.transaction.devices.keys(of: recipient.user) { messages[key] = content }
            guard messages.count <= mostDevices else { throw ToDeviceError.tooManyDevices }
        }
        for (recipient, content) in recipients {
            guard let id = recipient.device else { continue }
            let device = DeviceKey(user: recipient.user, device: id)
            guard try context.transaction.devices.has(device) else { continue }
            messages[device] = content
            guard messages.count <= mostDevices else { throw ToDeviceError.tooManyDevices }
        }
        return messages
    }
}
