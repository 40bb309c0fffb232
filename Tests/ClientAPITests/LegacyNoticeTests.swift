import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI

struct LegacyNoticeTests {
    @Test(
        "dates are written as headers write them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800_000, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_767_225_600_000, "Thu, 01 Jan 2026 00:00:00 GMT"),
            (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ])
    func dates(milliseconds: Int64, expected: String) {
        #expect(HTTPDate.text(of: MatrixTimestamp(milliseconds: milliseconds)) == expected)
    }

    @Test("no point in time is too far to be written", arguments: [Int64.min, .max])
    func extremes(milliseconds: Int64) {
        #expect(HTTPDate.text(of: MatrixTimestamp(milliseconds: milliseconds)).hasSuffix(" GMT"))
    }

    @Test("without a sunset an answer says that it is deprecated, with one also until when and what to use")
    func headers() {
        var open = ClientAnswer.empty
        LegacyNotice(sunset: nil).add(to: &open)
        #expect(open.headers == [.deprecation: "@1767225600"])
        var dated = ClientAnswer.empty
        LegacyNotice(sunset: MatrixTimestamp(milliseconds: 0)).add(to: &dated)
        #expect(dated.headers[.sunset] == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(dated.headers[.link]?.hasSuffix("rel=\"sunset\"") == true)
    }
}
