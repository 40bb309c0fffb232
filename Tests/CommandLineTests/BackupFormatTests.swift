import MatrixModel
import Testing

@testable import hearth

@Suite("The format of a backup")
struct BackupFormatTests {
    @Test(
        "a header is read as it was written, for files of any size",
        arguments: [0, 1, 511, 8_589_934_591, 8_589_934_592, 1 << 50])
    func roundTrip(size: Int) throws {
        let header = TarHeader(name: "media/ab/cd/\(String(repeating: "e", count: 64))", size: size, modified: 1_795_609_800)
        let bytes = try #require(header.bytes)
        #expect(bytes.count == 512)
        #expect(TarHeader(bytes) == header)
    }

    @Test("a header has the fields of ustar where tar looks for them")
    func fields() throws {
        let bytes = try #require(TarHeader(name: "hearth.db", size: 10, modified: 8).bytes)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        #expect(text(0..<10) == "hearth.db\0")
        #expect(text(100..<108) == "0000600\0")
        #expect(text(124..<136) == "00000000012\0")
        #expect(text(136..<148) == "00000000010\0")
        #expect(text(156..<157) == "0")
        #expect(text(257..<265) == "ustar\u{0}00")
        let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        #expect(text(148..<156) == "00" + String(sum, radix: 8) + "\0 ")
    }

    @Test("every changed byte of a header is noticed, or changes nothing that counts")
    func damaged() throws {
        let header = TarHeader(name: "hearth.db", size: 4096, modified: 1_795_609_800)
        let bytes = try #require(header.bytes)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x04
            if let read = TarHeader(damaged) { #expect(read == header, "byte \(index)") }
        }
    }

    @Test("a name that does not fit has no header")
    func longName() {
        #expect(TarHeader(name: String(repeating: "a", count: 101), size: 0, modified: 0).bytes == nil)
        #expect(TarHeader(name: "", size: 0, modified: 0).bytes == nil)
    }

    @Test(
        "no name leads out of the media directory",
        arguments: [
            "media", "media/", "media//a", "media/../hearth.db", "media/./a", "/media/a", "hearth.db", "media/a b",
            "media/a\u{0}",
            "media/.hidden", "media/a/..", "x/media/a", "media/ä", "../media/a",
        ])
    func badNames(name: String) {
        #expect(!BackupLayout.isMedia(name))
    }

    @Test("a manifest is read as it was written, and another format is refused with a sentence")
    func manifest() throws {
        let name = try #require(ServerName("example.org"))
        let manifest = BackupManifest(serverName: name, created: MatrixTimestamp(milliseconds: 5), hasMedia: false)
        #expect(try BackupManifest(manifest.json.bytes) == manifest)
        for other in [manifest.json.merging(["format": 2]), manifest.json.merging(["server_name": "a b"]), [:]] {
            #expect(throws: CommandFailure.self) { try BackupManifest(other.bytes) }
        }
        #expect(throws: CommandFailure.self) { try BackupManifest([0, 1, 2]) }
    }
}
