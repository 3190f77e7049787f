import Testing

@testable import promptreg

@Suite struct DurationTextTests {
    @Test(arguments: [("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600), ("604800", 604_800), ("007s", 7)])
    func timesAreRead(text: String, seconds: Int) {
        #expect(Duration.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "s", "m5", "5 m", "5M", "5min", "1m30s", "1.5h", "-5s", "+5s", "0", "0m", "1d", "169h", "604801",
        "٥s",
        "99999999999999999999", "9223372036854775807h",
    ])
    func otherTextsAreNone(text: String) {
        #expect(Duration.parse(text) == nil)
    }
}
