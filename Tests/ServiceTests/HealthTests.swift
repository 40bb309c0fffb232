import Foundation
import HearthStore
import Logging
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization
import TestSupport
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Health")
struct HealthTests {
    private static func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test("a part is asked once, its answer holds for a second, and one that takes too long counts as failed until it answers")
    func question() {
        var question = HealthQuestion(overdue: .cannotRead)
        func answer(at time: Int64, toWhoCame came: Int64? = nil) -> Health? {
            question.answer(at: Self.time(time), toWhoCame: Self.time(came ?? time))
        }
        #expect(answer(at: 0) == nil)
        question.ask(at: Self.time(0))
        question.ask(at: Self.time(600))
        #expect(answer(at: 699) == nil)
        #expect(answer(at: 700) == .cannotRead)
        question.answered(.ok, at: Self.time(5_000))
        #expect(answer(at: 5_999) == .ok)
        question.ask(at: Self.time(5_999))
        #expect(!question.isAsked)
        #expect(answer(at: 6_000) == nil)
        #expect(answer(at: 6_400, toWhoCame: 5_999) == .ok, "it was fresh when they came")
        question.ask(at: Self.time(6_000))
        question.answered(.cannotRead, at: Self.time(6_001))
        question.doubt()
        #expect(answer(at: 6_002) == .cannotRead)
        question.answered(.ok, at: Self.time(6_003))
        question.doubt()
        #expect(answer(at: 6_004) == nil)
    }

    /// Runs a story beside the health check of a server. Without `readProofHolds` that holds for as long as it does in a server.
    private static func checking(
        readProofHolds: Duration = HealthCheck.proofHolds,
        _ story: @escaping @Sendable (ServiceFixture, HealthCheck, inout ThrowingTaskGroup<Void, any Error>) async throws -> Void
    ) async throws {
        try await ServiceFixture.with { fixture in
            let timeouts = Timeouts(clock: fixture.clock)
            let check = HealthCheck(
                store: fixture.store, clock: fixture.clock, writer: fixture.writer, timeouts: timeouts,
                readProofHolds: readProofHolds)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await timeouts.run() }
                group.addTask { try await check.run() }
                defer {
                    check.stop()
                    timeouts.stop()
                }
                try await story(fixture, check, &group)
            }
        }
    }

    @Test(
        "health is answered in time while the writer hangs, and while every reader does",
        arguments: [Health.cannotWrite, .cannotRead])
    func hangs(how: Health) async throws {
        try await Self.checking(readProofHolds: .zero) { fixture, check, group in
            #expect(await check.health() == .ok)

            // Blocks threads of the database, none of the tests'.
            let (gate, begun) = (DispatchSemaphore(value: 0), Counter())
            let blocked = how == .cannotWrite ? 1 : 4
            func letGo() { for _ in 0..<blocked { gate.signal() } }
            // Once more where something failed: nobody waits for a gate that stays shut.
            defer { letGo() }
            for _ in 0..<blocked {
                group.addTask {
                    @Sendable func block() {
                        begun.count()
                        gate.wait()
                    }
                    if how == .cannotWrite {
                        try await fixture.writer.perform { _ in block() }
                    } else {
                        try await fixture.store.read { _ in block() }
                    }
                }
            }
            try await fixture.eventually("everything is blocked") { begun.value == blocked }
            fixture.clock.advanceMonotonic(by: .seconds(2))
            async let answer = check.health()
            try await fixture.eventually("the health check waits for its time") {
                fixture.clock.nextWake == fixture.clock.now().monotonic.advanced(by: HealthQuestion.patience)
                    && check.unanswered == [how]
            }
            fixture.clock.advanceMonotonic(by: HealthQuestion.patience)
            #expect(await answer == how)
            // Nobody who asks now waits at all.
            #expect(await check.health() == how)

            letGo()
            while await check.health() != .ok {
                fixture.clock.advanceMonotonic(by: .seconds(2))
                // For the loops to have a turn.
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test("one part's answer that is fresh when health is asked for counts, though the other part answers after that second")
    func partsAnswerApart() async throws {
        try await Self.checking(readProofHolds: .zero) { fixture, check, group in
            // The reader answers six tenths of a second after the writer.
            let (readers, writer) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let begun = Counter()
            defer {
                for _ in 0..<4 { readers.signal() }
                writer.signal()
            }
            for _ in 0..<4 {
                group.addTask {
                    try await fixture.store.read { _ in
                        begun.count()
                        readers.wait()
                    }
                }
            }
            try await fixture.eventually("every reader is busy") { begun.value == 4 }
            async let first = check.health()
            try await fixture.eventually("the writer has answered") { check.unanswered == [.cannotRead] }
            fixture.clock.advanceMonotonic(by: .milliseconds(600))
            for _ in 0..<4 { readers.signal() }
            #expect(await first == .ok)

            // Asked again when only the writer's answer is old; the reader's gets old before the writer answers.
            group.addTask {
                try await fixture.writer.perform { _ in
                    begun.count()
                    writer.wait()
                }
            }
            try await fixture.eventually("the writer is busy") { begun.value == 5 }
            fixture.clock.advanceMonotonic(by: .milliseconds(600))
            let second = Mutex<Health?>(nil)
            group.addTask {
                let health = await check.health()
                second.withLock { $0 = health }
            }
            try await fixture.eventually("the writer is asked") { check.unanswered == [.cannotWrite] }
            fixture.clock.advanceMonotonic(by: .milliseconds(500))
            writer.signal()
            try await fixture.eventually("health is known without waiting any longer") { second.withLock { $0 != nil } }
            #expect(second.withLock { $0 } == .ok)
        }
    }

    @Test("four slow reads are no fault while a read has ended within the last ten seconds")
    func slowReads() async throws {
        try await Self.checking { fixture, check, group in
            let (gate, begun) = (DispatchSemaphore(value: 0), Counter())
            defer { for _ in 0..<4 { gate.signal() } }
            _ = try await fixture.store.read { try $0.meta.position() }
            for _ in 0..<4 {
                group.addTask {
                    try await fixture.store.read { _ in
                        begun.count()
                        gate.wait()
                    }
                }
            }
            try await fixture.eventually("every reader is busy") { begun.value == 4 }
            for _ in 0..<3 {
                fixture.clock.advanceMonotonic(by: .seconds(2))
                #expect(await check.health() == .ok)
            }
        }
    }

    @Test("what changes nothing says nothing of the disk")
    func emptyTransactions() async throws {
        try await ServiceFixture.with { fixture in
            try fixture.store.limitPages(to: 1)
            await #expect(throws: WriteError.storageFull) {
                try await fixture.writer.perform { try $0.transaction.meta.probe() }
            }
            #expect(fixture.writer.hasFailed)
            try await fixture.writer.perform { _ in }
            #expect(fixture.writer.hasFailed)
            try fixture.store.limitPages(to: 1_000_000)
            try await fixture.writer.perform { try $0.transaction.meta.probe() }
            #expect(!fixture.writer.hasFailed)
        }
    }
}

private final class Counter: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .relaxed) }
    func count() { number.add(1, ordering: .relaxed) }
}
