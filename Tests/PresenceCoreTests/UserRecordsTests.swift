import MatrixModel
import Testing

@testable import PresenceCore

@Suite("The records of all users")
struct UserRecordsTests {
    @Test("every user keeps one number and the id, whatever the server and however many there are")
    func numbers() {
        var records = UserRecords()
        var ids: [UserID] = []
        for number in 0..<5_000 {
            // Lengths on both sides of a machine word, and servers that share their beginnings.
            ids.append(UserID("@\(String(repeating: "x", count: number % 20))\(number):s\(number % 300).example.org")!)
            #expect(records.number(of: ids[number]) == nil)
            let made = records.makeNumber(of: ids[number])
            #expect(made == number)
        }
        for (number, id) in ids.enumerated() {
            #expect(records.number(of: id) == number)
            let again = records.makeNumber(of: id)
            #expect(again == number)
            #expect(records.id(of: number) == id)
        }
        #expect(records.number(of: UserID("@1:s2.example.org")!) == nil, "a localpart of one server is nobody on another")
        records.checkInvariants()
    }

    @Test("the longest and the shortest id are kept")
    func lengths() {
        var records = UserRecords()
        for text in ["@a:b", "@\(String(repeating: "l", count: 252)):b"] {
            let id = UserID(text)!
            let number = records.makeNumber(of: id)
            #expect(records.id(of: number) == id)
        }
    }

    @Test(
        "what is known of a user at rest is kept",
        arguments: [nil, 0, -1, 1_760_000_000_000, Int64.max >> 4, (Int64.min >> 4) + 1] as [Int64?])
    func rest(lastOnline: Int64?) {
        var records = UserRecords()
        let number = records.makeNumber(of: Scene.alice)
        for published in [nil] + Presence.allCases.map(Optional.some) {
            for isDeactivated in [false, true] {
                let rest = UserRecords.Rest(
                    published: published, lastOnline: lastOnline.map { .init(milliseconds: $0) }, isDeactivated: isDeactivated)
                let isKept = records.putToRest(number, with: rest)
                #expect(isKept)
                #expect(records.rest(of: number) == rest)
            }
        }
    }

    @Test("a time that does not fit is not kept", arguments: [Int64.max, .min, Int64.min >> 4])
    func farAway(time: Int64) {
        var records = UserRecords()
        let number = records.makeNumber(of: Scene.alice)
        let isKept = records.putToRest(number, with: .init(published: .offline, lastOnline: .init(milliseconds: time)))
        #expect(!isKept)
        #expect(records.rest(of: number) == .init())
    }
}
