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

/// The milliseconds since 1970 of a time in RFC 3339, such as `2026-11-21T13:05:00.123Z`, or of the beginning of a day in
/// UTC, such as `2026-11-21`; nil for anything else.
package func milliseconds(ofTimestamp text: String) -> Int? {
    var rest = Substring(text).utf8
    func digits(_ count: Int) -> Int? {
        let part = rest.prefix(count)
        guard part.count == count, part.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    func skip(_ letters: String) -> Bool {
        guard let first = rest.first, letters.utf8.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
    }
    guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2),
        1...12 ~= month, 1...31 ~= day
    else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    if rest.isEmpty { return days * 86_400_000 }
    guard skip("Tt "), let hour = digits(2), skip(":"), let minute = digits(2), skip(":"),
        let second = digits(2), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction = 0
    if skip(".") {
        let part = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard 1...9 ~= part.count else { return nil }
        rest = rest.dropFirst(part.count)
        fraction = (0..<3).reduce(0) { sum, place in
            let index = part.index(part.startIndex, offsetBy: place, limitedBy: part.endIndex)
            let digit = index.flatMap { $0 < part.endIndex ? Int(part[$0] - UInt8(ascii: "0")) : nil }
            return sum * 10 + (digit ?? 0)
        }
    }
    var offset = 0
    if !skip("Zz") {
        let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard skip("+-"), let hours = digits(2), skip(":"), let minutes = digits(2) else { return nil }
        offset = sign * (hours * 60 + minutes)
    }
    guard rest.isEmpty else { return nil }
    let seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
    return seconds * 1_000 + fraction
}

/// The milliseconds of an age such as `7d` or `12h`; nil for anything else.
package func milliseconds(ofAge text: String) -> Int? {
    let units = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[String($0)] }), let number = Int(text.dropLast()),
        1...100_000 ~= number, text.utf8.first != UInt8(ascii: "+")
    else { return nil }
    return number * unit * 1_000
}

/// The days from 1970 to a date. Years begin in March here, so that the leap day comes last.
package func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
}

extension Date {
    /// Reads a time in RFC 3339, or the beginning of a day in UTC; nil for anything else.
    package init?(timestamp text: String) {
        guard let milliseconds = milliseconds(ofTimestamp: text) else { return nil }
        self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}
