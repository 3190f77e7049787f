package import FoundationEssentials

extension Date {
    /// The time in RFC 3339, with milliseconds.
    package var timestamp: String {
        formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
    }
}

extension Duration {
    /// The duration in whole milliseconds.
    package var milliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

/// A time in seconds with three digits after the point, such as `0.041`.
package func decimalSeconds(milliseconds: Int) -> String {
    "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
}
