/// Reads dates as they stand in the headers of HTTP.
enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The moment that a date of RFC 9110's preferred form names.
    ///
    /// - Parameter date: Such as `Wed, 21 Oct 2015 07:28:00 GMT`.
    /// - Returns: The seconds since 1970; nil when it is something else.
    static func secondsSince1970(of date: String) -> Int? {
        let parts = date.lowercased().split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "gmt" || parts[5] == "utc",
            let day = Int(parts[1]), 1...31 ~= day,
            let month = months.firstIndex(of: String(parts[2])),
            let year = Int(parts[3]), 1970...9999 ~= year
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
        return CalendarDate.days(year, month + 1, day) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
}
