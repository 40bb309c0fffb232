import Testing

@testable import ClientAPI

@Suite("Headers of files")
struct FileHeaderTests {
    @Test(
        "a file name reaches the client as it was given, and never breaks out of its header",
        arguments: [
            (nil, "attachment"), ("", "attachment"), ("a b.png", "attachment; filename=\"a b.png\""),
            ("caf\u{E9}.png", "attachment; filename=\"caf_.png\"; filename*=UTF-8''caf%C3%A9.png"),
            ("a\"b.png", "attachment; filename=\"a_b.png\"; filename*=UTF-8''a%22b.png"),
            ("a\\", "attachment; filename=\"a_\"; filename*=UTF-8''a%5C"),
            (
                "a\r\nSet-Cookie: x=1",
                "attachment; filename=\"a__Set-Cookie_ x=1\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1"
            ),
            ("../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
            ("a; filename=b", "attachment; filename=\"a_ filename=b\"; filename*=UTF-8''a%3B%20filename%3Db"),
            ("%41", "attachment; filename=\"_41\"; filename*=UTF-8''%2541"),
            ("\u{1F3C3}", "attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%8F%83"),
        ] as [(String?, String)])
    func names(name: String?, expected: String) {
        let header = ContentDisposition.attachment(name)
        #expect(header == expected)
        #expect(header.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test(
        "only types that run nothing are shown in place",
        arguments: [
            ("image/png", true), ("IMAGE/PNG", true), ("text/plain; charset=utf-8", true), ("text/plain ;x", true),
            ("video/mp4", true), ("text/html", false), ("image/svg+xml", false), ("application/pdf", false),
            ("application/octet-stream", false), ("", false), ("text/plain, text/html", false), ("text/html;image/png", false),
            ("application/javascript", false),
        ])
    func inline(type: String, isInline: Bool) {
        #expect(ContentDisposition.header(contentType: type, fileName: nil) == (isInline ? "inline" : "attachment"))
    }

    @Test(
        "a single range is a part; what is no single range is the whole",
        arguments: [
            (nil, ByteRange.whole), ("bytes=0-9", .part(0..<10)), ("bytes=10-", .part(10..<100)), ("bytes=-10", .part(90..<100)),
            ("BYTES=5-5", .part(5..<6)), ("bytes=90-1000", .part(90..<100)), ("bytes=-1000", .part(0..<100)),
            ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=9-3", .whole), ("bytes=0-1,3-4", .whole),
            ("lines=0-9", .whole), ("bytes", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=--1", .whole),
            ("bytes=99999999999999999999-", .whole), ("bytes=9223372036854775807-", .unsatisfiable),
            ("bytes=0-9223372036854775807", .part(0..<100)), ("bytes=-9223372036854775807", .part(0..<100)), ("", .whole),
        ] as [(String?, ByteRange)])
    func ranges(header: String?, expected: ByteRange) {
        #expect(ByteRange(header, size: 100) == expected)
    }

    @Test("an empty file has no part")
    func emptyFile() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-5", size: 0) == .unsatisfiable)
    }
}
