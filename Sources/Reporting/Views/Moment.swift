import FoundationEssentials
import Support

/// A time, for people and programs.
struct Moment: Hashable, Sendable {
    /// The milliseconds since 1970.
    let milliseconds: Int

    /// A time; nil if RFC 3339 cannot express it, after the year 9999. A registry may hold any number.
    init?(_ milliseconds: Int?) {
        guard let milliseconds, 0...253_402_300_799_999 ~= milliseconds else { return nil }
        self.milliseconds = milliseconds
    }

    /// The time in RFC 3339, such as `2026-11-21T13:05:00.123Z`.
    var text: String {
        // A date's binary fraction would round some milliseconds to their neighbours.
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return text.dropLast() + ".\(String(fraction + 1_000).dropFirst())Z"
    }

    /// How long ago it was, in its largest unit: `5m`, `7h`, `3d`, `2mo`, `1y`. A future time counts as now.
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
        // A year has more than twelve months of thirty days.
        case ..<365: return "\(min(days / 30, 11))mo"
        default: return "\(days / 365)y"
        }
    }
}
