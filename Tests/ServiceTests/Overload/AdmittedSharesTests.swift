import HearthStore
import MatrixModel
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Who is refused")
struct AdmittedSharesTests {
    private static let target: Duration = .milliseconds(100)
    private static let mallory = MemoryBorrower(user: UserID("@mallory:x"))
    private static let alice = MemoryBorrower(user: UserID("@alice:x"))

    @Test(
        "whoever fills a queue is refused; others are when their own turns come late",
        arguments: [
            (behindAll: 50, inTurn: 50, refusesMany: false, refusesFew: false),
            (behindAll: 2_000, inTurn: 20, refusesMany: true, refusesFew: false),
            (behindAll: 2_000, inTurn: 100, refusesMany: true, refusesFew: false),
            (behindAll: 2_000, inTurn: 1_900, refusesMany: true, refusesFew: true),
            (behindAll: 300, inTurn: 300, refusesMany: true, refusesFew: true),
            // Nobody waits longer in turn than behind all.
            (behindAll: 50, inTurn: 2_000, refusesMany: false, refusesFew: false),
        ])
    func shares(behindAll: Int, inTurn: Int, refusesMany: Bool, refusesFew: Bool) {
        var shares = AdmittedShares(target: Self.target)
        for _ in 0..<50 {
            shares.observed(ExpectedWait(behindAll: .milliseconds(behindAll), inTurn: .milliseconds(inTurn)))
            shares.checkInvariants()
        }
        #expect((shares.ofMany < AdmittedShare.whole) == refusesMany)
        #expect((shares.ofFew < AdmittedShare.whole) == refusesFew)
    }

    @Test("a number among the smaller share is admitted from everybody, and nobody is asked who they are")
    func numbers() {
        for number in 0..<1024 {
            var wasAsked = false
            func isAdmitted(ofMany: Int, ofFew: Int, favour: Int = 1, hasMany: Bool) -> Bool {
                AdmittedShares.admit(number, ofMany: ofMany, ofFew: ofFew, favour: favour) {
                    wasAsked = true
                    return hasMany
                }
            }
            let isAmong = AdmittedShare.admits(number, share: 100)
            #expect(isAdmitted(ofMany: 100, ofFew: 1024, hasMany: true) == isAmong)
            #expect(wasAsked != isAmong)
            #expect(isAdmitted(ofMany: 100, ofFew: 1024, hasMany: false))
            #expect(isAdmitted(ofMany: 100, ofFew: 100, hasMany: false) == isAmong)
            #expect(isAdmitted(ofMany: 100, ofFew: 100, favour: 8, hasMany: true) == AdmittedShare.admits(number, share: 800))
            wasAsked = false
            #expect(isAdmitted(ofMany: 1024, ofFew: 1024, hasMany: true))
            #expect(!wasAsked)
        }
    }

    @Test(
        "askers are counted each by themselves; what is beyond a few of each is the excess, and nothing is left of those who ended"
    )
    func askers() throws {
        let askers = AskersAtWork()
        let places = try [Self.mallory, Self.alice].map { try #require(askers.place(of: $0)) }
        #expect(askers.place(of: MemoryBorrower()) == nil, "who is not known may be many")
        #expect(!askers.hasMany(MemoryBorrower()))
        for count in 0..<100 {
            #expect(askers.hasMany(Self.mallory) == (count >= AskersAtWork.few))
            #expect(askers.excess == max(0, count - AskersAtWork.few))
            askers.began(at: places[0])
        }
        if places[0] != places[1] {
            #expect(!askers.hasMany(Self.alice))
            for _ in 0..<AskersAtWork.few { askers.began(at: places[1]) }
            #expect(askers.excess == 100 - AskersAtWork.few)
            for _ in 0..<AskersAtWork.few { askers.ended(at: places[1]) }
        }
        for _ in 0..<100 { askers.ended(at: places[0]) }
        #expect(askers.excess == 0)
        #expect(!askers.hasMany(Self.mallory))
    }

    /// One who asks for ten times what can be done, over as many connections as they like, and 50 who ask now and then.
    @Test(
        "against a model of turns, whoever asks for everything is refused, and none of the others", arguments: [64, 200, 2_000])
    func turns(connections: Int) {
        var shares = AdmittedShares(target: Self.target)
        var (waiting, number, refused) = (0, 0, (mallory: 0, others: 0))
        // A tick is 50 ms and takes ten.
        for tick in 0..<1_000 {
            for _ in 0..<100 where waiting < connections {
                if AdmittedShares.admit(
                    number, ofMany: shares.ofMany, ofFew: shares.ofFew, favour: 1,
                    hasMany: { waiting >= AskersAtWork.few })
                {
                    waiting += 1
                } else {
                    refused.mallory += 1
                }
                number += 1
            }
            // Each of the others has one turn, and mallory what is left.
            let others = tick.isMultiple(of: 5) ? 2 : 1
            for _ in 0..<others {
                if !AdmittedShares.admit(number, ofMany: shares.ofMany, ofFew: shares.ofFew, favour: 1, hasMany: { false }) {
                    refused.others += 1
                }
                number += 1
            }
            waiting = max(0, waiting - (10 - others))
            shares.observed(
                ExpectedWait(behindAll: .milliseconds((waiting + others) * 5), inTurn: .milliseconds((1 + others) * 5)))
            shares.checkInvariants()
        }
        #expect(refused.mallory > 10_000)
        #expect(refused.others == 0)
    }

    @Test(
        "a server that holds off refuses the asker with many requests under way, whatever is waited for",
        arguments: ["processor", "writer", "reader"])
    func admission(resource: String) throws {
        let admission = Admission()
        let place = try #require(admission.place(of: Self.mallory))
        for _ in 0..<200 {
            admission.enter()
            admission.began(at: place)
        }
        let wait = ExpectedWait(behindAll: .seconds(2), inTurn: .milliseconds(20))
        func sample(_ isOver: Bool) {
            for _ in 0..<100 {
                admission.observed(
                    processorWait: resource == "processor" && !isOver ? .seconds(2) : .zero,
                    writerWait: resource == "writer" && !isOver ? wait : ExpectedWait(.zero),
                    readerWait: resource == "reader" && !isOver ? wait : ExpectedWait(.zero))
            }
        }
        func refusals(of workload: Workload, by asker: MemoryBorrower) -> Int {
            (0..<1024).count { _ in
                do throws(Overloaded) {
                    try admission.admit(workload) { asker }
                    return false
                } catch {
                    return true
                }
            }
        }
        let workload: Workload = resource == "writer" ? .change : .read
        #expect(refusals(of: workload, by: Self.mallory) == 0)
        sample(false)
        #expect(refusals(of: workload, by: Self.mallory) == 1024 - AdmittedShare.least)
        if admission.place(of: Self.alice) != place {
            // Of 200 under way eight are no excess: had nobody more, the processor would be waited for 80 ms.
            #expect(refusals(of: workload, by: Self.alice) == 0)
        }
        #expect(refusals(of: workload, by: MemoryBorrower()) == 0, "of whom nothing is known")
        sample(true)
        #expect(refusals(of: workload, by: Self.mallory) == 0)
    }

    @Test("a request is counted for its asker once it is known who that is, but not while it sleeps")
    func counting() async throws {
        let mallory = try #require(Self.mallory.user)
        let admission = Admission()
        let memory = AnswerMemory(admission: admission) { Self.mallory }
        memory.enters()
        #expect(memory.place == nil)
        await MeteredRead.$meter.withValue(memory) {
            AnswerMemory.isAsked(by: mallory)
            #expect(memory.place == admission.place(of: Self.mallory))
            _ = memory.asker
            for _ in 0..<AskersAtWork.few - 1 {
                let other = AnswerMemory(admission: admission) { Self.mallory }
                other.enters()
                _ = other.asker
            }
            #expect(admission.hasMany(Self.mallory))
            await admission.asleep { #expect(!admission.hasMany(Self.mallory)) }
            #expect(admission.hasMany(Self.mallory))
        }
        memory.leaves()
        #expect(!admission.hasMany(Self.mallory))
        _ = memory.asker
        #expect(!admission.hasMany(Self.mallory), "what comes late is counted no more")
        #expect(admission.awakeCount == AskersAtWork.few - 1)
    }

    @Test("half of all places are taken by askers who have few requests under way")
    func mostAwake() throws {
        let admission = Admission()
        let place = try #require(admission.place(of: Self.mallory))
        for _ in 0..<Admission.mostAwake / 2 {
            admission.enter()
            admission.began(at: place)
        }
        #expect(throws: Overloaded.self) { try admission.admit(.read) { Self.mallory } }
        try admission.admit(.read) { MemoryBorrower() }
        for _ in 0..<Admission.mostAwake / 2 { admission.enter() }
        #expect(throws: Overloaded.self) { try admission.admit(.read) { MemoryBorrower() } }
    }
}
