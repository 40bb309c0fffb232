public import HearthRuntime
import MatrixModel
import PresenceCore
public import SubscriptionCore

/// A sync that is held until there is something new, without a task or a thread of its own. One that has no time to wait is answered at
/// its first look.
///
/// The cycle: ``look(after:)``; where that says ``Step/sleep``, sleep on ``waker`` and look again after the wake-up; ``end()`` it once
/// it is answered or its client is gone, exactly once. A wake-up carries no data: whoever is woken twice is answered once, with
/// everything.
/// When the server stops, the request is answered with the token that it came with, where its news would have to be read first: the client's
/// next server tells them.
/// News that are presence and status alone wait for their turn (``PresenceWakePacing``): the request stays held until then, and further
/// presence does not wake it.
///
/// Belongs to one task or one event loop.
public final class HeldSync {
    /// What comes next.
    public enum Step: Sendable {
        /// Nothing that can be told now.
        case sleep
        case answer(SyncResponse)
        /// There is news that memory does not hold. ``SyncService`` reads it.
        case read(UnreadNews)
    }

    /// News that are to be read from the store.
    public struct UnreadNews: Sendable {
        let assembly: SyncAssembly
    }

    private let service: SyncService
    private let request: SyncRequest
    private let device: DeviceKey
    /// From where it looks for news: from where the client continues, and from its last look if that found nothing for the client.
    public private(set) var since: SyncToken
    private let contact: SyncHandle
    private let waiter: WaiterID
    /// Where the request sleeps.
    public let waker: Waker
    private let deadline: MonotonicTime
    private let timeout: DeadlineTicket?
    private var turn: (time: MonotonicTime, ticket: DeadlineTicket)?
    private var isOver: Bool
    private var newsTime: MonotonicTime?

    /// - Parameter contact: is ended with this.
    init(_ request: SyncRequest, since: SyncToken, device: DeviceKey, contact: SyncHandle, service: SyncService) {
        self.service = service
        self.request = request
        self.device = device
        self.since = since
        self.contact = contact
        (waiter, waker) = service.notifier.startWaiting(
            for: device, asksForProfiles: !request.filter.profileFields.isEmpty)
        let time = min(request.timeout, SyncService.longestTimeout)
        deadline = service.clock.now().monotonic.advanced(by: time)
        isOver = time <= .zero
        timeout = isOver ? nil : service.timeouts.wake(waker, after: time)
    }

    /// How much of its time is left.
    public var timeLeft: Duration { max(.zero, deadline.duration(since: service.clock.now().monotonic)) }

    /// Looks what is new; reads nothing but memory.
    ///
    /// - Parameter wakeUp: nil for the first look.
    public func look(after wakeUp: WakeUp?) throws -> Step {
        if let wakeUp {
            // What is not answered now is news of somebody else, or presence whose turn has not come: neither is late.
            newsTime = wakeUp.newsTime
            switch wakeUp.reason {
            case .news: break
            // Presence that waits for its turn goes along with the end.
            case .timedOut: isOver = true
            case .shutdown: return .answer(nothingNew)
            case .clientGone: throw SyncError.clientGone
            }
        }
        guard service.rules.isLoggedIn(device) else { throw SyncError.loggedOut }
        endTurnIfItHasCome()
        let assembly = service.assembly(of: request, for: device, since: since)
        if assembly.plan.isEmpty {
            since = assembly.knowing(since)
            return isOver ? .answer(SyncResponse(nextBatch: since, keyCounts: assembly.plan.keyCounts)) : .sleep
        }
        if assembly.needsStore {
            if !isOver, service.notifier.isShutDown { return .answer(nothingNew) }
            return .read(UnreadNews(assembly: assembly))
        }
        return weigh(try assembly.response(reading: nil), to: assembly)
    }

    /// What the request is answered with where there is no time left for its news.
    var nothingNew: SyncResponse { service.nothingNew(for: device, since: since) }

    /// Looks at news that were read from the store.
    func look(at news: UnreadNews, read response: SyncResponse) -> Step { weigh(response, to: news.assembly) }

    /// Answers, or waits on: for something that the client's filter leaves over, or for presence's turn.
    private func weigh(_ response: SyncResponse, to assembly: SyncAssembly) -> Step {
        var response = service.complete(response, of: assembly)
        if response.isEmpty {
            // What the client's filter leaves out is not gone over again, nor by the client's next sync.
            since = response.nextBatch
            return isOver ? .answer(response) : .sleep
        }
        if isOver { return .answer(response) }
        response.newsTime = newsTime
        guard assembly.isPresenceOnly(response), case .wait(let time) = service.presenceIsPending(for: device) else {
            return .answer(response)
        }
        if turn?.time != time {
            if let turn { service.timeouts.cancel(turn.ticket) } else { service.notifier.setPaced(waiter, true) }
            let left = time.duration(since: service.clock.now().monotonic)
            turn = (time, service.timeouts.wake(waker, after: left, with: .news))
        }
        return .sleep
    }

    /// From its turn on, presence wakes the request again, also if there is nothing to be told now.
    private func endTurnIfItHasCome() {
        guard let turn, turn.time <= service.clock.now().monotonic else { return }
        service.timeouts.cancel(turn.ticket)
        self.turn = nil
        service.notifier.setPaced(waiter, false)
    }

    /// Gives back all that holding takes.
    public func end() {
        service.notifier.stopWaiting(waiter)
        if let timeout { service.timeouts.cancel(timeout) }
        if let turn { service.timeouts.cancel(turn.ticket) }
        waker.forgetSleeper()
        service.presence.syncEnded(contact)
    }
}
