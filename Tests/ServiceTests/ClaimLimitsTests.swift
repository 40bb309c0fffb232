import MatrixModel
import SubscriptionCore
import Testing

@testable import HearthServices

@Suite("How many one-time keys others may claim")
struct ClaimLimitsTests {
    private let now = MonotonicTime(nanoseconds: 0)
    private let device: DeviceKey

    init() throws {
        device = DeviceKey(user: try #require(UserID("@bob:x")), device: try #require(DeviceID("PHONE")))
    }

    private func user(_ number: Int) throws -> UserID { try #require(UserID("@user\(number):x")) }

    private func claims(_ limits: ClaimLimits, _ count: Int, by claimer: UserID, shareRoom: Bool, at time: MonotonicTime? = nil)
        -> Int
    {
        (0..<count).count { _ in limits.take(of: device, by: claimer, shareRoom: shareRoom, now: time ?? now) }
    }

    @Test(
        "a user gets a few keys of each device at once, and later some more", arguments: [(true, 30, 60), (false, 10, 6)])
    func pairs(shareRoom: Bool, atOnce: Int, inAnHour: Int) throws {
        let limits = ClaimLimits(isEnabled: true)
        let alice = try user(0)
        #expect(claims(limits, 100, by: alice, shareRoom: shareRoom) == atOnce)
        let other = DeviceKey(user: device.user, device: try #require(DeviceID("LAPTOP")))
        #expect(limits.take(of: other, by: alice, shareRoom: shareRoom, now: now))
        var later = 0
        for minute in 1...60 {
            later += claims(limits, 10, by: alice, shareRoom: shareRoom, at: now.advanced(by: .seconds(minute * 60)))
        }
        #expect(later == inAnHour)
    }

    @Test("however many strangers ask, they leave most keys to those who share a room, and to the user's own devices")
    func strangers() throws {
        let limits = ClaimLimits(isEnabled: true)
        var taken = 0
        for number in 0..<50 { taken += claims(limits, 10, by: try user(number), shareRoom: false) }
        #expect(taken == 20)
        #expect(claims(limits, 100, by: try user(100), shareRoom: true) == 30)
        #expect(claims(limits, 100, by: device.user, shareRoom: false) == 100)
        // Whoever got none because of others has lost nothing of their own.
        let later = now.advanced(by: .seconds(1_200))
        #expect(claims(limits, 10, by: try user(49), shareRoom: false, at: later) == 4)
    }

    @Test("with rate limits off nothing is counted")
    func off() throws {
        #expect(claims(ClaimLimits(isEnabled: false), 1_000, by: try user(0), shareRoom: false) == 1_000)
    }
}
