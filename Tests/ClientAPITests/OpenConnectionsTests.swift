import Dispatch
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import ClientAPI
@testable import HearthSettings

@Suite("The connections of a listener")
struct OpenConnectionsTests {
    /// A listener whose connections come from where the test says.
    private final class Scene {
        let connections: OpenConnections
        private(set) var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

        init(most: Int = 100, ofAddress: Int = 4, proxies: [String] = []) {
            connections = OpenConnections(
                most: most, mostOfAddress: ofAddress, trustedProxies: proxies.compactMap { IPNetwork($0) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        /// Each comes a second after the last.
        func open(from address: String) throws -> (channel: EmbeddedChannel, connection: OpenConnection) {
            now = now + .seconds(1)
            let channel = EmbeddedChannel()
            let peer = try SocketAddress(ipAddress: address, port: 4711)
            try channel.connect(to: peer).wait()
            return (channel, connections.opened(channel, at: now))
        }
    }

    @Test(
        "of one address so many are taken; for one more the oldest silent one goes, then the one that rests longest, then the new"
    )
    func oneAddress() throws {
        let scene = Scene()
        let there = try (0..<4).map { _ in try scene.open(from: "192.0.2.1") }
        there[0].connection.asks()
        there[0].connection.rests(at: scene.now)
        there[1].connection.asks()
        // 2 and 3 are silent.
        let fifth = try scene.open(from: "192.0.2.1")
        #expect(there.map(\.channel.isActive) == [true, true, false, true])
        fifth.connection.asks()
        there[3].connection.asks()
        let sixth = try scene.open(from: "192.0.2.1")
        #expect(there.map(\.channel.isActive) == [false, true, false, true])
        sixth.connection.asks()
        #expect(!sixth.connection.isSurplus)
        #expect(try scene.open(from: "192.0.2.1").connection.isSurplus, "all of them have something to do")
        #expect(!(try scene.open(from: "192.0.2.2").connection.isSurplus), "another address is none of that")
        scene.connections.closed(sixth.connection)
        #expect(!(try scene.open(from: "192.0.2.1").connection.isSurplus), "one has ended")
    }

    @Test("an IPv6 /64 is one address, another is another", arguments: [("2001:db8::2", true), ("2001:db8:0:1::2", false)])
    func networks(other: String, isSame: Bool) throws {
        let scene = Scene(ofAddress: 1)
        try scene.open(from: "2001:db8::1").connection.asks()
        #expect(try scene.open(from: other).connection.isSurplus == isSame)
    }

    @Test("what many clients share is not bounded", arguments: ["127.0.0.1", "::1", "10.1.2.3"])
    func shared(address: String) throws {
        let scene = Scene(proxies: ["10.0.0.0/8"])
        for _ in 0..<20 {
            let (channel, connection) = try scene.open(from: address)
            connection.asks()
            #expect(!connection.isSurplus && channel.isActive)
        }
    }

    @Test("where all are taken, the address with the most that rest makes room, this machine's own last")
    func makingRoom() throws {
        let scene = Scene(most: 6)
        let own = try (0..<3).map { _ in try scene.open(from: "127.0.0.1") }
        let few = [try scene.open(from: "192.0.2.1")]
        let many = try (0..<2).map { _ in try scene.open(from: "192.0.2.2") }
        #expect(scene.connections.hasRoom(beside: 6))
        var left: [Int] = []
        func open(_ there: [(channel: EmbeddedChannel, connection: OpenConnection)]) -> Int {
            there.count(where: \.channel.isActive)
        }
        for _ in 0..<6 {
            scene.connections.makeRoom()
            left.append(open(few) * 100 + open(many) * 10 + open(own))
        }
        #expect(left[0] == 113)
        #expect(left[2] == 3)
        #expect(left[5] == 0)
        #expect(!scene.connections.hasRoom(beside: 6))
        #expect(scene.connections.isFull)
        #expect(scene.connections.hasRoom(beside: 5))
        #expect(!scene.connections.isFull)
    }

    @Test("a connection rests from a second after its answer on")
    func pause() throws {
        let (_, connection) = try Scene().open(from: "192.0.2.1")
        let now = NIODeadline.uptimeNanoseconds(5_000_000_000)
        #expect(connection.rest(at: now) != nil, "it is silent")
        connection.asks()
        #expect(connection.rest(at: now) == nil)
        connection.rests(at: now)
        #expect(connection.rest(at: now + .milliseconds(999)) == nil)
        #expect(connection.rest(at: now + .seconds(1)) == .resting(since: now))
    }

    @Test("whoever is asked something is not closed")
    func busy() throws {
        let scene = Scene(most: 2)
        let there = try (0..<2).map { _ in try scene.open(from: "192.0.2.1") }
        for (_, connection) in there { connection.asks() }
        #expect(!scene.connections.hasRoom(beside: 2))
        scene.connections.makeRoom()
        #expect(there.allSatisfy { $0.channel.isActive })
    }

    @Test("an address that lost its last connection is forgotten")
    func forgotten() throws {
        let scene = Scene(most: 1000)
        for number in 1...50 { _ = try scene.open(from: "192.0.2.\(number)") }
        #expect(scene.connections.addressCount == 50)
        for _ in 0..<50 { scene.connections.makeRoom() }
        #expect(scene.connections.addressCount == 0)
    }

    @Test("who was chosen to make room and asks something before it is closed is not closed, and may be chosen again later")
    func asksMeanwhile() async throws {
        let connections = OpenConnections(
            most: 10, mostOfAddress: 10, trustedProxies: [], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 4711))
        let connection = connections.opened(channel, at: .now())
        let gate = DispatchSemaphore(value: 0)
        channel.testingEventLoop.execute { gate.wait() }
        connections.makeRoom()
        connection.asks()
        gate.signal()
        await channel.testingEventLoop.run()
        #expect(channel.isActive)
        #expect(connections.addressCount == 1)
        connection.rests(at: .now() - .seconds(2))
        connections.makeRoom()
        await channel.testingEventLoop.run()
        #expect(!channel.isActive)
        #expect(connections.addressCount == 0)
    }
}
