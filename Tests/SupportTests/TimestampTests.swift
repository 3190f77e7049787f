import Support
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2025-10-09T08:53:20.123Z", 1_760_000_000_123),
        ("2025-10-09T08:53:20.123456789Z", 1_760_000_000_123), ("2025-10-09T08:53:20.5z", 1_760_000_000_500),
        ("2025-10-09T10:53:20+02:00", 1_760_000_000_000), ("2025-10-09T05:23:20-03:30", 1_760_000_000_000),
        ("2024-02-29", 1_709_164_800_000), ("2000-03-01T00:00:00Z", 951_868_800_000),
    ])
    func timesAreRead(text: String, expected: Int) { #expect(milliseconds(ofTimestamp: text) == expected) }

    @Test(arguments: [
        "", "2025", "2025-13-01", "2025-10-09T", "2025-10-09T08:53Z", "2025-10-09T08:53:20",
        "2025-10-09T25:00:00Z",
        "2025-10-09T08:53:20.Z", "2025-10-09T08:53:20Zx", "yesterday",
    ])
    func othersAreNone(text: String) { #expect(milliseconds(ofTimestamp: text) == nil) }
}
