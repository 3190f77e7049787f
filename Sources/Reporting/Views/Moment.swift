import Support
import FoundationEssentials

/// A moment, as people and programs read it.
struct Moment: Hashable, Sendable {
    /// The milliseconds since 1970.
    let milliseconds: Int

    /// The last millisecond of the year 9999: what a registry holds may be anybody's number.
    private static let last = 253_402_300_799_999

    /// The moment; nil where there is none that RFC 3339 can say.
    init?(_ milliseconds: Int?) {
        guard let milliseconds, 0...Self.last ~= milliseconds else { return nil }
        self.milliseconds = milliseconds
    }

    /// The moment in RFC 3339, such as `2026-11-21T13:05:00.123Z`.
    var text: String {
        // A fraction of a number in base two, as a date has it, would round some milliseconds to their neighbours.
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return text.dropLast() + ".\(String(fraction + 1_000).dropFirst())Z"
    }

    /// How long ago it was, in its largest unit: `5m`, `7h`, `3d`, `2mo`, `1y`.
    ///
    /// - Parameter now: The present, in milliseconds since 1970. A moment that is still to come was just now.
    /// - Returns: The age.
    func age(at now: Int) -> String {
        let minutes = max(0, now - milliseconds) / 60_000
        let days = minutes / 1_440
        switch minutes {
        case 0: return "<1m"
        case ..<60: return "\(minutes)m"
        case ..<1_440: return "\(minutes / 60)h"
        default: break
        }
        switch days {
        case ..<30: return "\(days)d"
        // Eleven months and some days are not twelve, and a year is more than twelve times thirty days.
        case ..<365: return "\(min(days / 30, 11))mo"
        default: return "\(days / 365)y"
        }
    }
}
