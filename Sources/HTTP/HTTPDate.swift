import Support

/// Reads dates in HTTP headers.
package enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The moment that a date names, in one of the three forms of RFC 9110, section 5.6.7.
    ///
    /// - Parameter date: Such as `Wed, 21 Oct 2015 07:28:00 GMT`, or as older servers write it,
    ///   `Wednesday, 21-Oct-15 07:28:00 GMT` and `Wed Oct 21 07:28:00 2015`.
    /// - Returns: The seconds since 1970; nil when it is something else.
    package static func secondsSince1970(of date: String) -> Int? {
        var parts = date.lowercased().split(separator: " ")
        if parts.count == 4 { parts.replaceSubrange(1...1, with: parts[1].split(separator: "-")) }
        // The one form without a zone has the month before the day, and the year last.
        if parts.count == 5 { parts = [parts[0] + ",", parts[2], parts[1], parts[4], parts[3], "gmt"] }
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "gmt" || parts[5] == "utc",
            let day = Int(parts[1]), 1...31 ~= day,
            let month = months.firstIndex(of: String(parts[2])),
            let year = Int(parts[3]).map({ parts[3].count == 2 ? $0 + ($0 < 70 ? 2000 : 1900) : $0 }),
            1970...9999 ~= year
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
        return daysSince1970(year: year, month: month + 1, day: day) * 86400 + time[0] * 3600 + time[1] * 60
            + time[2]
    }
}
