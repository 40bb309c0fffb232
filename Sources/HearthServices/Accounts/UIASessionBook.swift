import HearthRuntime
import MatrixModel
import Synchronization

/// Guards the ``UIASessions`` with a lock and makes their ids.
///
/// Sessions of those who have no token are kept apart, so that strangers who open many of them end none of a user.
final class UIASessionBook: Sendable {
    private struct State: Sendable {
        var ofDevices = UIASessions()
        var ofStrangers = UIASessions()

        subscript(owner: UIAOwner) -> UIASessions {
            _read {
                if case .device = owner { yield ofDevices } else { yield ofStrangers }
            }
            _modify {
                if case .device = owner { yield &ofDevices } else { yield &ofStrangers }
            }
        }
    }

    private let state = Mutex(State())

    func open(for request: UIARequest, now: Now) -> String {
        let id = SecureRandom.text(24, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        state.withLock { $0[request.owner].open(id, for: request, now: now.monotonic) }
        return id
    }

    func session(_ id: String, for request: UIARequest, now: Now) -> UIASessions.Session? {
        state.withLock { $0[request.owner].session(id, for: request, now: now.monotonic) }
    }

    func complete(_ stage: UIAStage, in id: String, of request: UIARequest, by completion: UIASessions.Completion) {
        state.withLock { $0[request.owner].complete(stage, in: id, by: completion) }
    }

    /// Keeps the answer of a registration, which is done.
    func finish(_ pass: UIAPass, with answer: RegistrationAnswer, to digest: [UInt8]) {
        if let id = pass.session { state.withLock { $0[pass.request.owner].finish(id, with: answer, to: digest) } }
    }

    /// What the very same request was answered in the session.
    func answer(in id: String, to request: UIARequest, now: Now) -> RegistrationAnswer? {
        state.withLock { $0[request.owner].answer(in: id, to: request, now: now.monotonic) }
    }

    /// Ends the session of an operation that is done.
    func end(_ pass: UIAPass) {
        if let id = pass.session { state.withLock { $0[pass.request.owner].end(id) } }
    }

    /// What the session has completed does not stand any more.
    func reopen(_ pass: UIAPass) {
        if let id = pass.session { state.withLock { $0[pass.request.owner].reopen(id) } }
    }

    func endAll(of device: DeviceKey) { state.withLock { $0.ofDevices.endAll(of: device) } }

    func endAll(of user: UserID) { state.withLock { $0.ofDevices.endAll(of: user) } }
}
