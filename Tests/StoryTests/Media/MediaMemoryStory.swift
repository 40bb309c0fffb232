import Foundation
import HearthTestKit
import Testing

@Suite("Large files")
struct MediaMemoryStory {
    private static let isSoak = ProcessInfo.processInfo.environment["HEARTH_SOAK"] == "1"
    private static let size = (isSoak ? 200 : 128) * 1024 * 1024

    @Test("a file of many megabytes goes up and down, and the server's memory does not grow with it")
    func flatMemory() async throws {
        try await withHearth(settings: ["media.max_upload_size": "\(Self.size)"]) { hearth in
            let alice = try await hearth.client.register("alice")
            // What the first of everything takes is not counted.
            let small = try await alice.upload([UInt8](repeating: 1, count: 1_000_000))
            _ = try await alice.download(small) { _ in }
            let before = try hearth.memory("VmHWM")
            let media = try await alice.upload(size: Self.size, piece: Self.piece)
            var (offset, isSame) = (0, true)
            let status = try await alice.download(media) { piece in
                isSame = isSame && piece == Self.piece(offset, piece.count)
                offset += piece.count
            }
            #expect(status == 200)
            #expect(offset == Self.size)
            #expect(isSame)
            let grown = try hearth.memory("VmHWM") - before
            // What it does take is the allocator's, in each thread that had a part in it.
            #expect(grown < Self.size / 1024 / 2, "the server took \(grown) KB more for a file of \(Self.size / 1024) KB")
        }
    }

    /// Bytes that tell where in the file they stand.
    @Sendable private static func piece(_ offset: Int, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: (offset + index) >> 9 &+ (offset + index)) }
            filled = count
        }
    }
}
